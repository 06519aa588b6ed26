//! The questions: what a hart may access, reach, and read as a table.

use super::machine::{
    FRAME, LAST, MIDDLE, NEXT_FRAME, OTHER_ROOT, READ, ROOT, SPARE, WRITE, leaf, machine, mapped, page,
    pointer, satp, targets,
};
use landfall_judge::translation_cache::{Access, Harts, Holder, Outcome, Reach, Translation};

const PBMT_IO: u64 = 2 << 61;

#[test]
fn a_removed_permission_lasts_until_the_fence() {
    let mut harts = machine();
    harts.store(LAST, leaf(FRAME, READ));
    assert!(harts.may(0, 0, Access::Store).is_some());
    harts.sfence_vma(0, Some(0), None);
    assert_eq!(harts.may(0, 0, Access::Store), None);
    assert!(harts.may(0, 0, Access::Load).is_some());
    assert_eq!(harts.may(0, 0, Access::Fetch), None);
}

#[test]
fn each_alias_of_a_frame_is_a_reach_of_its_own() {
    let mut harts = machine();
    harts.store(LAST + 8, leaf(FRAME, READ));
    harts.store(ROOT + 511 * 8, leaf(0x8000_0000, READ));
    let mut virts: Vec<u64> = harts.reaching(page(FRAME)).iter().map(|reach| reach.virt).collect();
    virts.sort_unstable();
    assert_eq!(virts, [0, 0x1000, 0xffff_ffff_c000_0000]);
    let linear_map = |reach: &Reach| reach.virt >> 63 == 1;
    assert!(harts.may_reach(page(FRAME), linear_map).is_some());
    assert_eq!(harts.may_reach(page(FRAME + 0x2000), linear_map), None);
}

#[test]
fn a_reach_begins_at_the_first_byte_of_the_frames() {
    let mut harts = machine();
    harts.store(MIDDLE + 8, leaf(0x8020_0000, WRITE));
    let [reach] = harts.reaching(0x8023_4000..0x8023_6000)[..] else { panic!("one leaf reaches") };
    assert_eq!((reach.virt, reach.translation.phys), (0x23_4000, 0x8023_4000));
    assert_eq!((reach.holder, reach.entry), (Holder::Asid(1), MIDDLE + 8));
}

/// A walk from a kept pointer would read the words of the next owner as entries.
#[test]
fn a_freed_table_is_walked_until_the_fence() {
    let mut harts = machine();
    harts.store(MIDDLE, 0);
    let walk = harts.walks_table_in(page(LAST)).expect("the pointer is kept");
    assert_eq!((walk.hart, walk.level, walk.virt, walk.holder), (0, 0, 0, Holder::Asid(1)));
    harts.discard(page(LAST));
    assert!(harts.outcomes(0, 0).contains(&Outcome::Garbage));
    assert!(harts.may(0, 0, Access::Fetch).is_some(), "garbage permits everything");
    harts.sfence_vma(0, None, Some(1));
    assert_eq!(harts.walks_table_in(page(LAST)), None);
    assert_eq!(targets(&harts, 0), [0]);
}

#[test]
fn a_root_is_walked_as_long_as_a_hart_has_it() {
    let mut harts = machine();
    assert!(harts.walks_table_in(page(ROOT)).is_some());
    assert_eq!(harts.walks_table_in(page(OTHER_ROOT)), None);
    harts.write_satp(0, satp(OTHER_ROOT, 2));
    assert!(harts.walks_table_in(page(ROOT)).is_some());
    harts.sfence_vma(0, None, None);
    assert_eq!(harts.walks_table_in(page(ROOT)), None);
}

#[test]
fn the_memory_type_is_part_of_a_translation() {
    let bits = leaf(FRAME, WRITE) | PBMT_IO;
    let memory = |harts: &Harts| match harts.outcomes(0, 0)[..] {
        [Outcome::Reaches(Translation { memory, .. })] => Some(memory),
        _ => None,
    };
    assert_eq!(memory(&mapped(Harts::new(1).with_svpbmt(), 1, bits)), Some(2));
    assert_eq!(memory(&mapped(Harts::new(1).with_svpbmt(), 1, bits | 1 << 61)), None, "3 is reserved");
    assert_eq!(memory(&mapped(Harts::new(1), 1, bits)), None, "reserved without Svpbmt");
    assert_eq!(memory(&mapped(Harts::new(1).with_thead_memory(), 1, bits)), Some(0b01000));
}

/// Steps 3 to 5 of the translation process.
#[test]
fn a_malformed_entry_is_a_fault() {
    for (at, bits) in [
        (LAST, leaf(FRAME, 0xc5)),
        (LAST, pointer(SPARE)),
        (LAST, leaf(FRAME, WRITE) | 1 << 54),
        (MIDDLE, leaf(NEXT_FRAME, WRITE)),
        (MIDDLE, pointer(LAST) | 0x40),
    ] {
        let mut harts = machine();
        harts.store(at, bits);
        harts.sfence_vma(0, None, None);
        assert_eq!(targets(&harts, 0), [0], "{bits:#x} at {at:#x}");
        assert!(harts.may_fault(0, 0).is_some());
    }
}

#[test]
fn an_address_that_is_not_canonical_faults() {
    let mut harts = machine();
    harts.store(ROOT + 256 * 8, leaf(0x8000_0000, READ));
    harts.sfence_vma(0, None, None);
    assert_eq!(targets(&harts, !0 << 38), [0x8000_0000]);
    assert_eq!(harts.outcomes(0, 1 << 38), [Outcome::Fault]);
    assert_eq!(harts.may(0, 1 << 38, Access::Load), None);
}

#[test]
fn a_witness_shows_the_entries_and_their_sources() {
    let mut harts = machine();
    harts.store(LAST, 0);
    let witness = harts.may(0, 0, Access::Store).expect("the leaf is kept");
    assert_eq!(
        witness.to_string(),
        "hart 0 may translate 0x0 under ASID 1 to 0x80000000, VRW---AD\n  \
         level 2, entry at 0x1000: 0x801\n  \
         level 1, entry at 0x2000: 0xc01\n  \
         level 0, entry at 0x3000: 0x200000c7, kept"
    );
}
