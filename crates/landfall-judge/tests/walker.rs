//! The walker, against tables written by hand from the specification.

use std::collections::HashMap;

use landfall_judge::Extensions;
use landfall_judge::walk::{Defect, Hit, MAX_TABLES, Miss, NotPaged, Root};

const V: u64 = 1;
const R: u64 = 2;
const W: u64 = 4;
const X: u64 = 8;
const AD: u64 = 0xc0;

/// An entry to `target`.
const fn entry(target: u64, flags: u64) -> u64 {
    target >> 12 << 10 | flags
}

/// The root of a part without extensions.
fn root(levels: u32, table: u64) -> Root {
    Root { levels, table, extensions: Extensions::None }
}

fn memory<const N: usize>(words: [(u64, u64); N]) -> impl Fn(u64) -> u64 {
    let words = HashMap::from(words);
    move |address| words.get(&address).copied().unwrap_or(0)
}

/// The defects of an sv39 root at 0x1000 with this first entry, and the leaves that are sound.
fn defects_of(bits: u64) -> (Vec<Defect>, usize) {
    let walk = root(3, 0x1000).walk(memory([(0x1000, bits)]));
    (walk.malformed.iter().map(|malformed| malformed.defect).collect(), walk.leaves.len())
}

#[test]
fn satp_gives_levels_and_root() {
    let of = |satp| Root::from_satp(satp);
    assert_eq!(of(8 << 60 | 0x8_0200), Ok(root(3, 0x8020_0000)));
    assert_eq!(of(9 << 60 | ((1 << 44) - 1)), Ok(root(4, ((1 << 44) - 1) << 12)));
    assert_eq!(of(10 << 60 | 0xffff << 44), Ok(root(5, 0)), "the ASID does not matter");
    assert_eq!(of(0), Err(NotPaged::Bare));
    assert_eq!(of(11 << 60), Err(NotPaged::Reserved { mode: 11 }));
}

#[test]
fn a_walk_finds_leaves_of_every_level_in_ascending_order() {
    // sv57: roots at 0, tables at 0x1000 (level 3), 0x2000 (2), 0x3000 (1), 0x4000 (0).
    let read = memory([
        (511 * 8, entry(1 << 48, V | R | AD)),
        (256 * 8, entry(0x1000, V)),
        (0x1000, entry(0x2000, V)),
        (0x1000 + 8, entry(1 << 39, V | R | W | AD)),
        (0x2000, entry(0x3000, V)),
        (0x2000 + 8, entry(2 << 30, V | R | X | AD)),
        (0x3000, entry(0x4000, V)),
        (0x3000 + 8, entry(3 << 21, V | R | AD)),
        (0x4000 + 511 * 8, entry(0x5000, V | R | AD)),
    ]);
    let root = root(5, 0);
    let walk = root.walk(&read);
    assert_eq!(walk.malformed, []);
    assert_eq!(walk.tables, [0, 0x1000, 0x2000, 0x3000, 0x4000]);
    let found: Vec<_> =
        walk.leaves.iter().map(|leaf| (leaf.virt, leaf.phys, leaf.size, leaf.entry)).collect();
    let base = 0xff00_0000_0000_0000;
    assert_eq!(
        found,
        [
            (base + 0x1f_f000, 0x5000, 1 << 12, 0x4ff8),
            (base + (1 << 21), 3 << 21, 1 << 21, 0x3008),
            (base + (1 << 30), 2 << 30, 1 << 30, 0x2008),
            (base + (1 << 39), 1 << 39, 1 << 39, 0x1008),
            (u64::MAX << 48, 1 << 48, 1 << 48, 0xff8),
        ]
    );
    for leaf in walk.leaves {
        let last = leaf.virt + (leaf.size - 1);
        assert_eq!(root.translate(last, &read), Ok(Hit { phys: leaf.phys + leaf.size - 1, leaf }));
    }
    assert_eq!(root.translate(base, &read), Err(Miss::Invalid { level: 0 }));
    assert_eq!(root.translate(0, &read), Err(Miss::Invalid { level: 4 }));
}

#[test]
fn an_address_that_is_not_sign_extended_is_not_canonical() {
    for levels in 3..=5 {
        let root = root(levels, 0);
        let half = 1_u64 << (root.virtual_bits() - 1);
        let miss = |virt| root.translate(virt, |_| 0).expect_err("nothing is mapped");
        for outside in [half, half.wrapping_neg() - 1, 1 << 63] {
            assert_eq!(miss(outside), Miss::NotCanonical, "{outside:#x} in {levels} levels");
        }
        for inside in [0, half - 1, half.wrapping_neg(), u64::MAX] {
            assert_eq!(miss(inside), Miss::Invalid { level: levels - 1 }, "{inside:#x} in {levels} levels");
        }
    }
}

#[test]
fn upper_bits_are_a_defect() {
    for bit in 54..64 {
        assert_eq!(defects_of(entry(0, V | R | AD) | 1 << bit), (vec![Defect::UpperBits], 0), "bit {bit}");
        assert_eq!(defects_of(entry(0x2000, V) | 1 << bit), (vec![Defect::UpperBits], 0), "bit {bit}");
    }
}

#[test]
fn writing_without_reading_is_a_defect() {
    assert_eq!(defects_of(entry(0, V | W | AD)), (vec![Defect::WriteWithoutRead], 0));
    assert_eq!(defects_of(entry(0, V | W | X | AD)), (vec![Defect::WriteWithoutRead], 0));
    assert_eq!(defects_of(entry(0, V | X | AD)), (vec![], 1), "executing without reading is none");
}

#[test]
fn a_superpage_that_is_not_aligned_is_a_defect() {
    assert_eq!(defects_of(entry((1 << 30) + (1 << 21), V | R | AD)), (vec![Defect::Misaligned], 0));
    assert_eq!(defects_of(entry(1 << 30, V | R | AD)), (vec![], 1));
}

#[test]
fn a_pointer_with_user_accessed_or_dirty_is_a_defect() {
    for bit in [4, 6, 7] {
        assert_eq!(defects_of(entry(0x2000, V) | 1 << bit), (vec![Defect::PointerFlags], 0), "bit {bit}");
    }
}

#[test]
fn software_bits_and_global_pointers_are_sound() {
    assert_eq!(defects_of(entry(0, V | R | AD | 0x300)), (vec![], 1));
    assert_eq!(defects_of(entry(0x2000, V | 1 << 5)), (vec![], 0));
}

#[test]
fn a_pointer_in_the_last_level_is_a_defect() {
    let read = memory([(0x1000, entry(0x2000, V)), (0x2000, entry(0x3000, V)), (0x3000, entry(0x4000, V))]);
    let root = root(3, 0x1000);
    let walk = root.walk(&read);
    let found: Vec<_> = walk.malformed.iter().map(|it| (it.defect, it.level, it.entry)).collect();
    assert_eq!(found, [(Defect::PointerAtLastLevel, 0, 0x3000)]);
    assert_eq!(root.translate(0, &read), Err(Miss::Malformed(walk.malformed[0])));
}

#[test]
fn a_table_met_twice_is_a_defect_and_is_not_entered_again() {
    let read = memory([
        (0x1000, entry(0x2000, V)),
        (0x1000 + 8, entry(0x2000, V)),
        (0x1000 + 16, entry(0x1000, V)),
        (0x2000, entry(1 << 21, V | R | AD)),
    ]);
    let walk = root(3, 0x1000).walk(read);
    let found: Vec<_> = walk.malformed.iter().map(|it| (it.defect, it.virt)).collect();
    assert_eq!(found, [(Defect::TableAgain, 1 << 30), (Defect::TableAgain, 2 << 30)]);
    assert_eq!(walk.leaves.len(), 1);
}

#[test]
fn garbage_ends_the_walk() {
    // Every entry a pointer to a table of its own: 512^4 of them.
    let mut next = 1;
    let walk = root(5, 0).walk(|_| {
        next += 1;
        next << 10 | V
    });
    assert_eq!(walk.tables.len(), MAX_TABLES);
    let defects: Vec<_> = walk.malformed.iter().map(|malformed| malformed.defect).collect();
    assert_eq!(defects.last(), Some(&Defect::TooManyTables));
}
