//! Each rule, broken by one leaf or two.

use landfall_judge::rules::{Violation, check};
use landfall_judge::{Flags, Leaf};

const BASE: u64 = 0xffff_ffc0_0000_0000;
const VGAD: u64 = 0xe1;
const R: u64 = VGAD | 2;
const RW: u64 = VGAD | 6;
const RX: u64 = VGAD | 0xa;

fn leaf(virt: u64, phys: u64, size: u64, flags: u64) -> Leaf {
    Leaf { virt, phys, size, flags: Flags::of(flags), memory: None, entry: 0 }
}

#[test]
fn sound_leaves_pass() {
    let leaves = [
        leaf(BASE, 0, 1 << 30, RW),
        leaf(BASE + (1 << 30), 1 << 30, 1 << 21, R),
        leaf(BASE + (2 << 30), 1 << 30, 1 << 21, RX),
        leaf(BASE + (3 << 30), 0, 1 << 21, R),
        leaf(BASE + (4 << 30), 4096, 4096, RW),
    ];
    assert_eq!(check(&leaves), []);
}

#[test]
fn writable_and_executable_at_once_is_found() {
    let both = leaf(BASE, 0, 4096, RW | RX);
    assert_eq!(check(&[both]), [Violation::WritableAndExecutable(both)]);
}

#[test]
fn a_frame_writable_here_and_executable_there_is_found() {
    let executable = leaf(BASE, 0x4000, 4096, RX);
    for (phys, size) in [(0x4000, 0x1000), (0, 0x20_0000)] {
        let writable = leaf(BASE + (1 << 30), phys, size, RW);
        let violation = Violation::WritableElsewhere { executable, writable, phys: 0x4000 };
        assert_eq!(check(&[executable, writable]), [violation]);
        assert_eq!(check(&[writable, executable]), [violation]);
    }
}

#[test]
fn a_small_writable_frame_in_a_large_executable_leaf_is_found() {
    let executable = leaf(BASE, 0, 1 << 30, RX);
    let writable = leaf(BASE + (1 << 30), (1 << 30) - 4096, 4096, RW);
    let elsewhere = leaf(BASE + (2 << 30), 1 << 30, 4096, RW);
    let violation = Violation::WritableElsewhere { executable, writable, phys: (1 << 30) - 4096 };
    assert_eq!(check(&[elsewhere, executable, writable]), [violation]);
}

#[test]
fn writable_leaves_that_overlap_hide_nothing() {
    let executable = leaf(BASE, 0x3000, 4096, RX);
    let small = leaf(BASE + (1 << 30), 0x1000, 0x1000, RW);
    let large = leaf(BASE + (2 << 30), 0, 1 << 21, RW);
    let violation = Violation::WritableElsewhere { executable, writable: large, phys: 0x3000 };
    assert_eq!(check(&[small, large, executable]), [violation]);
}

#[test]
fn neighbors_are_no_aliases() {
    let leaves = [
        leaf(BASE, 0x1000, 4096, RX),
        leaf(BASE + (1 << 30), 0, 4096, RW),
        leaf(BASE + (2 << 30), 0x2000, 4096, RW),
    ];
    assert_eq!(check(&leaves), []);
}

#[test]
fn accessed_or_dirty_not_preset_is_found() {
    for bit in [6, 7] {
        let leaf = leaf(BASE, 0, 4096, R & !(1 << bit));
        assert_eq!(check(&[leaf]), [Violation::NotPreset(leaf)]);
    }
}

#[test]
fn a_leaf_for_user_mode_is_found() {
    let leaf = leaf(BASE, 0, 4096, R | 1 << 4);
    assert_eq!(check(&[leaf]), [Violation::User(leaf)]);
}

#[test]
fn a_leaf_over_the_last_page_is_found_whatever_its_size() {
    for size in [1_u64 << 12, 1 << 21, 1 << 30, 1 << 39, 1 << 48] {
        let leaf = leaf(size.wrapping_neg(), 0, size, R);
        assert_eq!(check(&[leaf]), [Violation::LastPageMapped(leaf)]);
    }
    assert_eq!(check(&[leaf(u64::MAX - 0x1fff, 0, 4096, R)]), []);
}

#[test]
fn an_identity_map_is_found() {
    let leaf = leaf(0x8000_0000, 0x8000_0000, 4096, R);
    assert_eq!(check(&[leaf]), [Violation::LowerHalf(leaf)]);
}

#[test]
fn a_hundred_thousand_leaves_take_no_time() {
    let each = |n: u64| {
        [leaf(BASE + n * 8192, n * 8192, 4096, RW), leaf(BASE + n * 8192 + 4096, n * 8192 + 4096, 4096, RX)]
    };
    let leaves: Vec<_> = (0..50_000).flat_map(each).collect();
    assert_eq!(check(&leaves), []);
}
