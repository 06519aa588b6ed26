//! Svnapot: a hart may use each of the 16 entries for all of their pages.

use super::machine::{FRAME, LAST, NEXT_FRAME, READ, WRITE, leaf, mapped, may_reach, may_write, targets};
use landfall_judge::translation_cache::Harts;

/// The 16 entries for 64 KiB from FRAME on, to be read and written.
const NAPOT: u64 = 1 << 63 | leaf(FRAME | 0x8000, WRITE);

/// A hart with Svnapot, and 64 KiB from address 0 on.
fn machine() -> Harts {
    let mut harts = mapped(Harts::new(1).with_svnapot(), 1, 0);
    store_all(&mut harts, NAPOT);
    harts.sfence_vma(0, None, None);
    harts
}

fn store_all(harts: &mut Harts, bits: u64) {
    (0..16).for_each(|index| harts.store(LAST + index * 8, bits));
}

/// "implicit reads of a NAPOT PTE return a copy of pte in which pte.ppn[i][pte.napot_bits-1:0] is
/// replaced by vpn[i][pte.napot_bits-1:0]"
#[test]
fn sixteen_entries_map_64_kib() {
    let harts = machine();
    assert_eq!(targets(&harts, 0xf123), [FRAME + 0xf123]);
    assert_eq!(targets(&harts, 0x1_0000), [0]);
    assert!(may_reach(&harts, FRAME + 0xf000));
    assert!(!may_reach(&harts, FRAME + 0x1_0000));
}

/// "for any or all j such that `j >> napot_bits = vpn[i] >> napot_bits`": one entry that is left
/// serves all pages.
#[test]
fn one_entry_serves_all_sixteen_pages() {
    let mut harts = machine();
    (1..16).for_each(|index| harts.store(LAST + index * 8, 0));
    harts.sfence_vma(0, None, None);
    assert!(may_write(&harts, 0xf000));
    harts.store(LAST, 0);
    assert!(may_write(&harts, 0xf000));
    harts.sfence_vma(0, None, None);
    assert!(!may_write(&harts, 0xf000));
}

/// "issue SFENCE.VMA instruction(s) covering all 4 KiB regions within the range"
#[test]
fn a_fence_of_one_page_spares_the_other_fifteen() {
    let mut harts = machine();
    store_all(&mut harts, 0);
    (0..15).for_each(|page| harts.sfence_vma(0, Some(page << 12), None));
    assert!(!may_write(&harts, 0xe000));
    assert!(may_write(&harts, 0xf000));
    assert!(may_reach(&harts, FRAME + 0xf000));
    assert!(!may_reach(&harts, FRAME + 0xe000));
    harts.sfence_vma(0, Some(0xf000), None);
    assert!(!may_reach(&harts, FRAME + 0xf000));
}

/// "even if the PTEs for the other 4 KiB regions have different contents"
#[test]
fn a_split_without_a_break_leaves_the_old_page_at_each_address() {
    let mut harts = machine();
    harts.store(LAST + 24, leaf(NEXT_FRAME, READ));
    harts.sfence_vma(0, Some(0x3000), None);
    assert_eq!(targets(&harts, 0x3000), [NEXT_FRAME, FRAME + 0x3000]);
}

/// "TLBs are permitted to cache NAPOT PTEs whose V (Valid) bit is clear."
#[test]
fn an_invalid_entry_with_n_serves_all_sixteen_pages() {
    let mut harts = machine();
    store_all(&mut harts, NAPOT & !1);
    harts.sfence_vma(0, None, None);
    store_all(&mut harts, NAPOT);
    (0..15).for_each(|page| harts.sfence_vma(0, Some(page << 12), None));
    assert_eq!(harts.may_fault(0, 0xe000), None);
    assert!(harts.may_fault(0, 0xf000).is_some());
}

/// "If Svnapot is not implemented, bit 63 remains reserved".
#[test]
fn n_is_reserved_without_svnapot() {
    let harts = mapped(Harts::new(1), 1, NAPOT);
    assert_eq!(targets(&harts, 0), [0]);
    assert!(!may_reach(&harts, FRAME));
}
