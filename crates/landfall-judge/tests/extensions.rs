//! The walker on parts with Svnapot, and on T-Head's.

use std::collections::BTreeMap;

use landfall_judge::model::{Pages, Span};
use landfall_judge::rules::{Violation, check};
use landfall_judge::walk::{Defect, Malformed, Miss, Root, Walk};
use landfall_judge::{Extensions, Leaf, MemoryType};

const ROOT: u64 = 0x1000;
const TABLES: [u64; 3] = [0x3000, 0x2000, ROOT];
const VGAD: u64 = 0xe1;
const R: u64 = VGAD | 2;
const N: u64 = 1 << 63;
/// 64 KiB of memory for reading, from page 0x123450 on: 1000 stands in the place of the page
/// number's last digit.
const NAPOT: u64 = N | 0x0012_3458 << 10 | R;
const THEAD: u64 = 1 << 62 | 1 << 61 | 1 << 60;

/// The tables of addresses from 0 on in sv39, one of each level, with these entries besides the
/// pointers.
struct Tables {
    root: Root,
    words: BTreeMap<u64, u64>,
}

impl Tables {
    fn new(extensions: Extensions, entries: impl IntoIterator<Item = (u64, u64)>) -> Self {
        let pointer = |target: u64| target >> 12 << 10 | 1;
        let mut words = BTreeMap::from([(ROOT, pointer(TABLES[1])), (TABLES[1], pointer(TABLES[0]))]);
        words.extend(entries);
        let root = Root::from_satp(8 << 60 | ROOT >> 12).expect("sv39");
        Self { root: root.with_extensions(extensions), words }
    }

    fn read(&self, at: u64) -> u64 {
        self.words.get(&at).copied().unwrap_or(0)
    }

    fn walk(&self) -> Walk {
        self.root.walk(|at| self.read(at))
    }

    fn translate(&self, virt: u64) -> Result<(u64, Leaf), Miss> {
        self.root.translate(virt, |at| self.read(at)).map(|hit| (hit.phys, hit.leaf))
    }

    fn defects(&self) -> Vec<(Defect, u64)> {
        self.walk().malformed.iter().map(|it| (it.defect, it.entry)).collect()
    }
}

/// `count` times `bits`, from entry `first` of the last level on.
fn run(first: u64, count: u64, bits: u64) -> impl Iterator<Item = (u64, u64)> {
    (first..first + count).map(move |index| (TABLES[0] + index * 8, bits))
}

#[test]
fn sixteen_equal_entries_are_one_leaf() {
    for first in [0, 16, 32, 496] {
        let tables = Tables::new(Extensions::Svnapot, run(first, 16, NAPOT));
        let walk = tables.walk();
        assert_eq!(walk.malformed, []);
        let [leaf] = walk.leaves[..] else { panic!("not one leaf: {:?}", walk.leaves) };
        let entry = TABLES[0] + first * 8;
        assert_eq!(
            (leaf.virt, leaf.phys, leaf.size, leaf.entry),
            (first << 12, 0x1_2345_0000, 0x1_0000, entry)
        );
        for offset in (0..0x1_0000).step_by(0x7ff) {
            assert_eq!(tables.translate(leaf.virt + offset), Ok((leaf.phys + offset, leaf)));
        }
        assert_eq!(tables.translate(leaf.virt + 0x1_0000).ok(), None);
        let single = (0..16).map(|page| Span {
            virt: leaf.virt + page * 4096,
            phys: leaf.phys + page * 4096,
            size: 4096,
            permission: leaf.flags.permission(),
        });
        assert_eq!(Pages::of([Span::from(leaf)]), Pages::of(single));
    }
}

#[test]
fn groups_and_pages_stand_side_by_side_in_ascending_order() {
    let page = |number: u64| number << 10 | R;
    let entries = run(0, 16, page(7)).chain(run(16, 32, NAPOT)).chain(run(48, 1, page(8)));
    let walk = Tables::new(Extensions::Svnapot, entries).walk();
    assert_eq!(walk.malformed, []);
    let expected = (0..16).map(|page| (page << 12, 4096)).chain([
        (16 << 12, 1 << 16),
        (32 << 12, 1 << 16),
        (48 << 12, 4096),
    ]);
    let found = walk.leaves.iter().map(|leaf| (leaf.virt, leaf.size));
    assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}

#[test]
fn any_damage_to_one_of_the_sixteen_is_a_defect_and_leaves_no_leaf() {
    for (index, bit) in (0..16).flat_map(|index| (0..64).map(move |bit| (index, bit))) {
        let damaged = NAPOT ^ 1 << bit;
        let entries = run(16, 16, NAPOT).chain(run(16 + index, 1, damaged));
        let walk = Tables::new(Extensions::Svnapot, entries).walk();
        assert_eq!(walk.leaves, [], "entry {index}, bit {bit}");
        let broken: Vec<&Malformed> =
            walk.malformed.iter().filter(|it| it.defect == Defect::BrokenGroup).collect();
        let [broken] = broken[..] else { panic!("entry {index}, bit {bit}: {:?}", walk.malformed) };
        // If the first entry still has N, the others differ from it.
        let at = if broken.bits == damaged { index } else { 1 };
        assert!(broken.bits == damaged || index == 0 && broken.bits == NAPOT);
        assert_eq!(broken.entry, TABLES[0] + (16 + at) * 8);
    }
}

#[test]
fn a_group_of_which_a_part_is_missing_is_broken() {
    for missing in 0..16 {
        let entries = run(0, 16, NAPOT).chain(run(missing, 1, 0));
        let tables = Tables::new(Extensions::Svnapot, entries);
        assert_eq!(tables.defects(), [(Defect::BrokenGroup, TABLES[0] + missing * 8)]);
        assert_eq!(tables.walk().leaves, []);
    }
    let alone = Tables::new(Extensions::Svnapot, run(5, 1, NAPOT));
    assert_eq!(alone.defects(), [(Defect::BrokenGroup, TABLES[0])]);
}

#[test]
fn a_group_that_does_not_begin_at_a_multiple_of_64k_is_two_broken_ones() {
    for first in 1..16 {
        let tables = Tables::new(Extensions::Svnapot, run(first, 16, NAPOT));
        let second = TABLES[0] + (first + 16) * 8;
        assert_eq!(tables.defects(), [(Defect::BrokenGroup, TABLES[0]), (Defect::BrokenGroup, second)]);
        assert_eq!(tables.walk().leaves, []);
    }
}

#[test]
fn sizes_other_than_64k_are_reserved() {
    for low in (0..16_u64).filter(|low| *low != 0b1000) {
        let bits = NAPOT & !(0xf << 10) | low << 10;
        let tables = Tables::new(Extensions::Svnapot, run(0, 16, bits));
        let expected: Vec<_> = (0..16).map(|index| (Defect::ReservedNapot, TABLES[0] + index * 8)).collect();
        assert_eq!(tables.defects(), expected, "low bits {low:#06b}");
        assert_eq!(tables.walk().leaves, []);
        assert!(
            matches!(tables.translate(0), Err(Miss::Malformed(it)) if it.defect == Defect::ReservedNapot)
        );
    }
}

#[test]
fn above_level_0_every_size_is_reserved() {
    for (table, low) in TABLES[1..].iter().flat_map(|table| (0..16_u64).map(move |low| (*table, low))) {
        let tables = Tables::new(Extensions::Svnapot, [(table + 8, N | low << 10 | R)]);
        assert_eq!(tables.defects(), [(Defect::ReservedNapot, table + 8)], "low bits {low:#06b}");
    }
}

#[test]
fn a_pointer_never_has_upper_bits() {
    for extensions in [Extensions::None, Extensions::Svnapot, Extensions::TheadMemory] {
        for bit in 54..64 {
            let tables = Tables::new(extensions, [(ROOT + 8, 0x9 << 10 | 1 | 1 << bit)]);
            assert_eq!(tables.defects(), [(Defect::UpperBits, ROOT + 8)], "bit {bit}, {extensions:?}");
        }
    }
}

#[test]
fn each_part_takes_no_bits_but_its_own() {
    // Which bits of 63:54 a page's entry may have; with N, the page number is one that Svnapot
    // reserves.
    for (extensions, own) in
        [(Extensions::None, 64..64), (Extensions::Svnapot, 63..64), (Extensions::TheadMemory, 59..64)]
    {
        for bit in 54..64 {
            let defects = Tables::new(extensions, run(3, 1, 0x9 << 10 | R | 1 << bit)).defects();
            let defects: Vec<_> = defects.into_iter().map(|(defect, _)| defect).collect();
            let expected: &[_] = match extensions {
                Extensions::Svnapot if own.contains(&bit) => &[Defect::ReservedNapot],
                _ if own.contains(&bit) => &[],
                _ => &[Defect::UpperBits],
            };
            assert_eq!(defects, expected, "bit {bit}, {extensions:?}");
        }
    }
}

#[test]
fn on_other_parts_a_group_is_sixteen_defects() {
    let none = Tables::new(Extensions::None, run(0, 16, NAPOT)).walk();
    assert_eq!((none.leaves.len(), none.malformed.len()), (0, 16));
    // To a T-Head part, the same entries are pages of strongly ordered memory, all of them the same
    // page.
    let thead = Tables::new(Extensions::TheadMemory, run(0, 16, NAPOT)).walk();
    assert_eq!((thead.leaves.len(), thead.malformed.len()), (16, 0));
    assert!(thead.leaves.iter().all(|leaf| (leaf.phys, leaf.size) == (0x1_2345_8000, 4096)));
}

#[test]
fn ordinary_memory_is_cacheable_bufferable_and_shareable() {
    for stated in 0..32_u64 {
        // Leaves of every level, in the upper half, but for the last page.
        let leaf = stated << 59 | R;
        let pointer = |target: u64| target >> 12 << 10 | 1;
        let entries = [
            (ROOT + 511 * 8, pointer(0x4000)),
            (ROOT + 510 * 8, leaf),
            (0x4000 + 511 * 8, pointer(0x5000)),
            (0x4000 + 510 * 8, leaf),
            (0x5000 + 510 * 8, leaf),
        ];
        let walk = Tables::new(Extensions::TheadMemory, entries).walk();
        assert_eq!((walk.leaves.len(), walk.malformed.len()), (3, 0));
        assert!(walk.leaves.iter().all(|leaf| leaf.memory == Some(MemoryType::of(stated << 59))));
        let violations: Vec<_> = match stated << 59 {
            THEAD => vec![],
            _ => walk.leaves.iter().copied().map(Violation::NotOrdinaryMemory).collect(),
        };
        assert_eq!(check(&walk.leaves), violations, "{stated:#07b}");
    }
}

#[test]
fn a_leaf_tells_its_memory_type_where_there_are_any() {
    let text = |extensions, bits| {
        let walk = Tables::new(extensions, run(0, 1, bits)).walk();
        walk.leaves[0].to_string()
    };
    assert_eq!(text(Extensions::None, R), "0x0 -> 0x0, 0x1000 bytes, VR---GAD, entry at 0x3000");
    assert_eq!(
        text(Extensions::TheadMemory, R | THEAD),
        "0x0 -> 0x0, 0x1000 bytes, VR---GAD, memory type -CBS-, entry at 0x3000"
    );
}
