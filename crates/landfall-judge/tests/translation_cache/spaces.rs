//! `satp`: roots, ASIDs and what a switch leaves behind.

use super::machine::{
    FRAME, GLOBAL, LAST, MIDDLE, NEXT_FRAME, OTHER_ROOT, ROOT, SPARE, WRITE, clear, leaf, machine, may_reach,
    may_write, page, pointer, satp, targets,
};
use landfall_judge::translation_cache::Outcome;

/// A `satp` in sv48 under ASID 1, without its root.
const SV48: u64 = 9 << 60 | 1 << 44;

/// "nor does it imply any invalidation of address-translation caches"
#[test]
fn a_write_of_satp_drops_nothing() {
    let mut harts = machine();
    harts.store(LAST, 0);
    harts.write_satp(0, satp(OTHER_ROOT, 2));
    assert!(!may_write(&harts, 0), "ASID 2 is no holder");
    assert!(may_reach(&harts, FRAME));
    harts.write_satp(0, satp(ROOT, 1));
    assert!(may_write(&harts, 0));
}

/// "Translations that began while satp was active are not required to complete or terminate [...],
/// unless an SFENCE.VMA instruction matching the address and ASID is executed."
#[test]
fn a_store_to_tables_of_an_earlier_satp_is_kept_until_a_fence_with_its_asid() {
    let mut harts = machine();
    harts.write_satp(0, satp(OTHER_ROOT, 2));
    harts.sfence_vma(0, None, Some(2));
    harts.store(LAST, 0);
    assert!(may_reach(&harts, FRAME));
    assert!(harts.walks_table_in(page(LAST)).is_some());
    harts.sfence_vma(0, None, Some(1));
    assert!(!may_reach(&harts, FRAME));
    assert_eq!(harts.walks_table_in(ROOT..LAST + 0x1000), None);
}

/// "if an ASID is reused, it may be necessary to execute an SFENCE.VMA instruction"
#[test]
fn a_reused_asid_reaches_the_frames_of_its_earlier_space_until_a_fence() {
    let mut harts = machine();
    harts.write_satp(0, satp(OTHER_ROOT, 1));
    assert_eq!(targets(&harts, 0), [0, FRAME]);
    harts.sfence_vma(0, None, Some(1));
    assert_eq!(targets(&harts, 0), [0]);
    assert!(!may_reach(&harts, FRAME));
}

/// "for a given virtual address, any global translation since the last subsuming SFENCE.VMA might
/// be used, regardless of both ASID and virtual-address width"
#[test]
fn a_global_leaf_of_an_earlier_root_serves_each_asid() {
    let mut harts = machine();
    harts.store(ROOT + 511 * 8, leaf(0xc000_0000, WRITE | GLOBAL));
    harts.sfence_vma(0, None, None);
    harts.write_satp(0, satp(OTHER_ROOT, 2));
    assert_eq!(targets(&harts, !0xfff), [0, 0xffff_f000]);
    // The old root is unreachable from here on; its global leaf is not.
    harts.sfence_vma(0, None, Some(1));
    assert_eq!(harts.walks_table_in(page(ROOT)), None);
    harts.discard(page(ROOT));
    assert_eq!(targets(&harts, !0xfff), [0, 0xffff_f000]);
    harts.sfence_vma(0, Some(!0), None);
    assert_eq!(targets(&harts, !0xfff), [0]);
}

/// "even if the translation used a virtual address of a different width"
#[test]
fn a_translation_of_another_width_serves_the_same_asid() {
    let mut harts = machine();
    harts.store(LAST, 0);
    harts.write_satp(0, SV48 | OTHER_ROOT >> 12);
    assert_eq!(targets(&harts, 0), [0, FRAME]);
}

/// "bits 63–39 all equal to bit 38, or else a page-fault exception will occur"
#[test]
fn an_earlier_root_serves_no_address_that_its_mode_lacks() {
    let mut harts = machine();
    harts.store(ROOT + 511 * 8, leaf(0xc000_0000, WRITE));
    harts.sfence_vma(0, None, None);
    harts.write_satp(0, SV48 | OTHER_ROOT >> 12);
    assert_eq!(targets(&harts, 0x7f_c000_0000), [0]);
    assert_eq!(targets(&harts, !0 << 30), [0, 0xc000_0000]);
}

/// A table of another level serves other addresses: it is not the same place.
#[test]
fn a_global_leaf_of_a_narrower_mode_outlives_its_root_within_a_wider_one() {
    let mut harts = machine();
    harts.store(ROOT + 511 * 8, leaf(0xc000_0000, WRITE | GLOBAL));
    harts.store(OTHER_ROOT, pointer(ROOT));
    harts.sfence_vma(0, None, None);
    harts.write_satp(0, SV48 | OTHER_ROOT >> 12);
    harts.sfence_vma(0, None, Some(1));
    assert_eq!(targets(&harts, !0 << 30), [0, 0xc000_0000]);
}

/// "Changing satp.MODE from Bare to other modes and vice versa also takes effect immediately": the
/// cache survives.
#[test]
fn bare_mode_translates_nothing_and_keeps_everything() {
    let mut harts = machine();
    harts.store(LAST, 0);
    harts.write_satp(0, 0);
    assert_eq!(harts.outcomes(0, 0), [Outcome::Bare]);
    harts.write_satp(0, satp(ROOT, 1));
    assert!(may_write(&harts, 0));
}

/// "if satp is written with an unsupported MODE, the entire write has no effect"
#[test]
fn a_reserved_mode_has_no_effect() {
    let mut harts = machine();
    harts.write_satp(0, 11 << 60 | OTHER_ROOT >> 12);
    assert_eq!(harts.satp(0), satp(ROOT, 1));
    assert_eq!(targets(&harts, 0), [FRAME]);
}

/// Later changes of tables that two roots share are visible in both.
#[test]
fn shared_tables_are_kept_under_each_asid_that_reaches_them() {
    let mut harts = machine();
    harts.store(OTHER_ROOT, pointer(MIDDLE));
    harts.write_satp(0, satp(OTHER_ROOT, 2));
    harts.store(LAST, 0);
    harts.sfence_vma(0, Some(0), Some(1));
    assert!(may_write(&harts, 0));
    harts.sfence_vma(0, Some(0), Some(2));
    assert!(!may_reach(&harts, FRAME));
}

/// "Let pte be the value of the PTE at address a+va.vpn[i]×PTESIZE": a kept entry also serves
/// walks that reach its address by another way.
#[test]
fn a_kept_entry_follows_its_table_to_another_address() {
    let mut harts = machine();
    harts.store(LAST, leaf(NEXT_FRAME, WRITE));
    harts.store(MIDDLE + 8, pointer(LAST));
    assert!(targets(&harts, 0x20_0000).contains(&FRAME));
    let reaches = harts.reaching(page(FRAME));
    assert_eq!(reaches.iter().map(|reach| reach.virt).collect::<Vec<_>>(), [0, 0x20_0000]);
}

/// A kept pointer with G makes all below it global. A fence with the ASID of the walk spares what
/// the walk has read there.
#[test]
fn global_entries_below_a_kept_pointer_outlive_the_walk_that_used_it() {
    const MORE: u64 = 0x6000;
    const EMPTY_ROOT: u64 = 0x7000;
    let mut harts = machine();
    clear(&mut harts, MORE);
    clear(&mut harts, EMPTY_ROOT);
    harts.store(ROOT, 0);
    harts.store(SPARE, leaf(FRAME, WRITE));
    harts.store(MIDDLE + 8, pointer(SPARE) | GLOBAL);
    harts.store(OTHER_ROOT, pointer(MORE));
    harts.store(OTHER_ROOT + 8, pointer(MIDDLE));
    // The same table is at address 0x20_0000 of ASID 2, and not global there.
    harts.store(MORE + 8, pointer(SPARE));
    harts.write_satp(0, satp(OTHER_ROOT, 2));
    harts.sfence_vma(0, None, None);
    harts.store(MIDDLE + 8, 0);
    harts.write_satp(0, satp(ROOT, 1));
    harts.store(ROOT, pointer(MIDDLE));
    assert!(targets(&harts, 0x20_0000).contains(&FRAME));
    harts.write_satp(0, satp(OTHER_ROOT, 2));
    harts.sfence_vma(0, None, Some(1));
    harts.write_satp(0, satp(EMPTY_ROOT, 3));
    assert_eq!(targets(&harts, 0x20_0000), [0, FRAME]);
}

/// Entries that no walk of a hart has reached are in no cache.
#[test]
fn an_unreachable_table_is_not_kept() {
    let mut harts = machine();
    harts.store(SPARE, leaf(FRAME, WRITE));
    harts.store(SPARE, 0);
    harts.store(MIDDLE + 8, pointer(SPARE));
    assert_eq!(targets(&harts, 0x20_0000), [0]);
}
