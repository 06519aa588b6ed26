//! SFENCE.VMA: each operand drops what the specification names, and nothing more.

use super::machine::{
    FRAME, GLOBAL, LAST, MIDDLE, NEXT_FRAME, READ, ROOT, SPARE, WRITE, leaf, machine, mapped, may_reach,
    may_write, pointer, satp, targets,
};
use landfall_judge::translation_cache::{Access, Harts, Outcome};

/// "either the new translation or any older translation since the last subsuming SFENCE.VMA was
/// executed will be used"
#[test]
fn every_value_since_the_last_fence_may_be_used() {
    let mut harts = machine();
    harts.store(LAST, leaf(NEXT_FRAME, WRITE));
    harts.store(LAST, 0);
    let mut found = targets(&harts, 0x123);
    assert_eq!(found[0], 0, "the first outcome is that of memory");
    found.sort_unstable();
    assert_eq!(found, [0, FRAME + 0x123, NEXT_FRAME + 0x123]);
    harts.sfence_vma(0, Some(0), None);
    assert_eq!(targets(&harts, 0x123), [0]);
}

/// "This specification permits the caching of PTEs whose V (Valid) bit is clear."
#[test]
fn an_invalid_entry_is_kept_until_a_fence() {
    let mut harts = machine();
    harts.store(LAST + 8, leaf(NEXT_FRAME, READ));
    assert!(harts.may_fault(0, 0x1000).is_some());
    harts.sfence_vma(0, Some(0x1000), None);
    assert_eq!(harts.may_fault(0, 0x1000), None);
}

/// rs1≠x0: entries "that contain leaf page table entries corresponding to the virtual address in
/// rs1", so one of another address stays.
#[test]
fn a_fence_with_an_address_spares_other_addresses() {
    let mut harts = machine();
    harts.store(LAST, 0);
    harts.sfence_vma(0, Some(0x1000), None);
    assert!(may_write(&harts, 0));
    harts.sfence_vma(0, Some(0xfff), None);
    assert!(!may_write(&harts, 0));
}

/// rs1≠x0 orders "only reads and writes made to leaf page table entries"; "If software modifies a
/// non-leaf PTE, it should execute SFENCE.VMA with rs1=x0."
#[test]
fn a_pointer_is_kept_across_a_fence_with_an_address() {
    let mut harts = machine();
    harts.store(MIDDLE, pointer(SPARE));
    harts.sfence_vma(0, Some(0), None);
    assert!(may_reach(&harts, FRAME));
    assert!(harts.walks_table_in(LAST..LAST + 0x1000).is_some());
    harts.sfence_vma(0, None, None);
    assert!(!may_reach(&harts, FRAME));
    assert_eq!(harts.walks_table_in(LAST..LAST + 0x1000), None);
}

/// The entry was neither a leaf nor a pointer: the fence that its successor needs drops it.
#[test]
fn an_invalid_entry_above_the_last_level_falls_with_an_address_only_in_place_of_a_leaf() {
    for (bits, falls) in [(leaf(0x8020_0000, WRITE), true), (pointer(SPARE), false)] {
        let mut harts = machine();
        harts.store(SPARE, leaf(FRAME, WRITE));
        harts.store(MIDDLE + 8, bits);
        harts.sfence_vma(0, Some(0x20_0000), None);
        assert_eq!(harts.may_fault(0, 0x20_0000).is_none(), falls, "{bits:#x}");
        harts.sfence_vma(0, None, None);
        assert_eq!(harts.may_fault(0, 0x20_0000), None);
    }
}

/// "one page or superpage": any address within the mapping covers its leaf.
#[test]
fn one_address_covers_a_leaf_of_any_size() {
    for (table, size) in [(MIDDLE, 2 << 20), (ROOT, 1 << 30)] {
        let mut harts = machine();
        harts.store(table + 8, leaf(0xc000_0000, WRITE));
        harts.sfence_vma(0, None, None);
        harts.store(table + 8, 0);
        assert!(may_write(&harts, size));
        harts.sfence_vma(0, Some(2 * size - 1), None);
        assert!(!may_write(&harts, size));
    }
}

/// "matching the address space identified by integer register rs2"
#[test]
fn a_fence_with_an_asid_spares_others() {
    for virt in [None, Some(0)] {
        let mut harts = machine();
        harts.store(LAST, 0);
        harts.sfence_vma(0, virt, Some(2));
        assert!(may_write(&harts, 0));
        harts.sfence_vma(0, virt, Some(1));
        assert!(!may_write(&harts, 0));
    }
}

/// "except for entries containing global mappings"
#[test]
fn a_global_leaf_is_kept_across_a_fence_with_its_asid() {
    for virt in [None, Some(0)] {
        let mut harts = mapped(Harts::new(1), 1, leaf(FRAME, WRITE | GLOBAL));
        harts.store(LAST, 0);
        harts.sfence_vma(0, virt, Some(1));
        assert!(may_write(&harts, 0));
        harts.sfence_vma(0, virt, None);
        assert!(!may_write(&harts, 0));
    }
}

/// "For non-leaf PTEs, the global setting implies that all mappings in the subsequent levels of the
/// page table are global."
#[test]
fn a_global_pointer_makes_leaves_and_invalid_entries_below_it_global() {
    let mut harts = machine();
    harts.store(MIDDLE, pointer(LAST) | GLOBAL);
    harts.sfence_vma(0, None, None);
    harts.store(LAST, 0);
    harts.store(LAST + 8, leaf(NEXT_FRAME, READ));
    harts.sfence_vma(0, None, Some(1));
    assert!(may_write(&harts, 0));
    assert!(harts.may_fault(0, 0x1000).is_some());
}

/// A fence with an ASID spares global entries, also those that memory held when the fence made them
/// unreachable.
#[test]
fn a_global_leaf_outlives_the_pointer_to_its_table() {
    let mut harts = mapped(Harts::new(1), 1, leaf(FRAME, WRITE | GLOBAL));
    harts.store(MIDDLE, 0);
    harts.sfence_vma(0, None, Some(1));
    assert_eq!(harts.walks_table_in(LAST..LAST + 0x1000), None);
    assert!(may_write(&harts, 0));
    harts.sfence_vma(0, None, None);
    assert!(!may_write(&harts, 0));
}

/// "If the value held in rs1 is not a valid virtual address, then the SFENCE.VMA instruction has no
/// effect."
#[test]
fn a_fence_with_an_invalid_address_has_no_effect() {
    const VIRT: u64 = 0x7f_c000_0000;
    let sv48 = 9 << 60 | satp(ROOT, 1) & !(15 << 60);
    let mut harts = machine();
    harts.store(MIDDLE + 511 * 8, leaf(0x8000_0000, READ));
    harts.write_satp(0, sv48);
    harts.store(MIDDLE + 511 * 8, 0);
    harts.write_satp(0, satp(ROOT, 1));
    harts.sfence_vma(0, Some(VIRT), None);
    harts.write_satp(0, sv48);
    assert!(harts.may(0, VIRT, Access::Load).is_some(), "sv39 has no such address");
    harts.sfence_vma(0, Some(VIRT), None);
    assert_eq!(harts.may(0, VIRT, Access::Load), None);
}

/// "the implementation shall ignore bits ASIDMAX-1:ASIDLEN of the value held in rs2"
#[test]
fn bits_of_an_asid_that_the_hart_lacks_are_ignored() {
    let mut harts = Harts::new(1).with_asid_bits(4);
    harts.write_satp(0, satp(ROOT, 0xfff1));
    assert_eq!(harts.satp(0), satp(ROOT, 1));
    harts = mapped(harts, 1, leaf(FRAME, WRITE));
    harts.store(LAST, 0);
    harts.sfence_vma(0, None, Some(0x21));
    assert!(!may_write(&harts, 0));
    assert_eq!(harts.outcomes(0, 0), [Outcome::Fault]);
}
