//! Common properties and differences of the formats of leaves.

use std::collections::HashSet;

use landfall_judge::model::{Span, Spans};
use landfall_judge::walk::Defect;
use landfall_paging::{Access, LeafFormat, LeafSize, Mapping, Mode, PhysAddr, VirtAddr};
use proptest::prelude::*;

use crate::draws;
use crate::tables::{Built, Case, cases};

const N: u64 = 1 << 63;
const GROUP: u64 = 0x1_0000;

/// The addresses of all entries, table by table.
fn entries(built: &Built) -> impl Iterator<Item = u64> {
    let first = built.tables.root.get();
    (0..built.tables.pages * 512).map(move |word| first + word * 8)
}

fn spans(built: &Built) -> Spans {
    Spans::of(built.walk().leaves.into_iter().map(Span::from)).expect("nothing is mapped twice")
}

/// Mappings with many places for 64 KiB leaves, and as many that such leaves miss by a page.
fn groups() -> impl Strategy<Value = Case> {
    let mode = prop::sample::select(&Mode::BEST_FIRST[..]);
    let pages = (0_u64..40, 1_u64..100, prop_oneof![3 => Just(0), 1 => 1_u64..16]);
    (mode, prop::collection::vec(pages, 1..8)).prop_map(|(mode, pages)| {
        let mut virt = mode.upper_half();
        let mut mappings = vec![];
        for (gap, count, apart) in pages {
            virt = virt.wrapping_add(gap * 4096);
            let phys = PhysAddr::new((virt.get() & 0xff_ffff) + 0x8000_0000 + apart * 4096);
            mappings.push(Mapping { virt, phys, size: count * 4096, access: Access::ReadOnly });
            virt = virt.wrapping_add(count * 4096);
        }
        Case { mode, format: LeafFormat::Napot, first: PhysAddr::new(0x8020_3000), mappings }
    })
}

/// Counts the 64 KiB leaves that fit into a mapping smaller than any larger leaf, without a table.
fn groups_in(mapping: &Mapping) -> u64 {
    let (start, end) = (mapping.virt.get(), mapping.virt.get() + mapping.size);
    let aligned = start % GROUP == mapping.phys.get() % GROUP;
    let whole = (start / 4096..end / 4096)
        .map(|page| page * 4096)
        .filter(|virt| virt % GROUP == 0 && end - virt >= GROUP)
        .count();
    if aligned { whole as u64 } else { 0 }
}

proptest! {
    #![proptest_config(draws(512))]

    #[test]
    fn all_formats_map_the_same_and_take_as_many_tables(case in prop_oneof![cases(), groups()]) {
        let plain = case.in_format(LeafFormat::Plain).build();
        for format in [LeafFormat::Napot, LeafFormat::Thead] {
            let other = case.in_format(format).build();
            prop_assert_eq!(other.tables.pages, plain.tables.pages);
            prop_assert_eq!(other.walk().tables, plain.walk().tables);
            prop_assert_eq!(spans(&other), spans(&plain));
        }
    }

    #[test]
    fn t_heads_leaves_differ_from_plain_ones_in_three_bits_and_nothing_else_differs(case in cases()) {
        let plain = case.in_format(LeafFormat::Plain).build();
        let thead = case.in_format(LeafFormat::Thead).build();
        prop_assert_eq!(thead.tables, plain.tables);
        let leaves: HashSet<u64> = plain.walk().leaves.iter().map(|leaf| leaf.entry).collect();
        for at in entries(&plain) {
            let stated = if leaves.contains(&at) { 1 << 62 | 1 << 61 | 1 << 60 } else { 0 };
            prop_assert_eq!(thead.memory.0.read(at), plain.memory.0.read(at) | stated, "{:#x}", at);
        }
    }

    #[test]
    fn groups_are_whole_and_equal_and_all_else_is_as_in_plain_tables(case in prop_oneof![cases(), groups()]) {
        let plain = case.in_format(LeafFormat::Plain).build();
        let napot = case.in_format(LeafFormat::Napot).build();
        let mut expected: Vec<u64> = entries(&plain).map(|at| plain.memory.0.read(at)).collect();
        let mut small = plain.leaves[LeafSize::K4];
        for leaf in napot.walk().leaves.iter().filter(|leaf| leaf.size == GROUP) {
            prop_assert_eq!((leaf.virt % GROUP, leaf.phys % GROUP, leaf.entry % 128), (0, 0, 0));
            let first = usize::try_from((leaf.entry - case.first.get()) / 8).expect("a small index");
            // The page number of the first of the pages, which ends in 0000, and 1000 for the size.
            let together = expected[first] | N | 0b1000 << 10;
            for (page, word) in (0..).zip(&mut expected[first..first + 16]) {
                prop_assert_eq!(*word >> 10, leaf.phys / 4096 + page);
                *word = together;
            }
            small -= 16;
        }
        let found: Vec<u64> = entries(&napot).map(|at| napot.memory.0.read(at)).collect();
        prop_assert!(found == expected, "entries outside groups differ from plain ones");
        prop_assert_eq!(napot.leaves[LeafSize::K4], small);
        for size in LeafSize::BY_LEVEL.into_iter().skip(1) {
            prop_assert_eq!(napot.leaves[size], plain.leaves[size], "{}", size);
        }
        prop_assert_eq!(plain.leaves[LeafSize::K64], 0);
    }

    #[test]
    fn groups_are_as_many_as_fit(case in groups()) {
        let expected: u64 = case.mappings.iter().map(groups_in).sum();
        let pages: u64 = case.mappings.iter().map(|mapping| mapping.size / 4096).sum();
        let built = case.build();
        prop_assert_eq!(u64::from(built.leaves[LeafSize::K64]), expected);
        prop_assert_eq!(u64::from(built.leaves[LeafSize::K4]), pages - 16 * expected);
        for page in 0..built.tables.pages {
            prop_assert!(built.memory.0.writes(case.first.get() + page * 4096).all(|writes| writes == 1));
        }
    }

    #[test]
    fn the_oracle_sees_any_damage_to_a_group(
        case in groups(),
        which in any::<prop::sample::Index>(),
        (entry, damage) in (0_u64..16, 1_u64..),
    ) {
        let mut built = case.build();
        let groups: Vec<_> = built.walk().leaves.into_iter().filter(|leaf| leaf.size == GROUP).collect();
        prop_assume!(!groups.is_empty());
        let leaf = groups[which.index(groups.len())];
        let at = leaf.entry + entry * 8;
        let bits = built.memory.0.read(at);
        built.memory.0.write(at, bits ^ damage);
        let walk = built.walk();
        let broken = walk.malformed.iter().filter(|it| it.defect == Defect::BrokenGroup).count();
        prop_assert_eq!(broken, 1);
        prop_assert!(walk.leaves.iter().all(|other| other.virt.wrapping_sub(leaf.virt) >= GROUP));
    }
}

#[test]
fn a_group_surrounded_by_pages_is_found() {
    let mapping = Mapping {
        virt: VirtAddr::new(0xffff_ffff_8000_f000),
        phys: PhysAddr::new(0x8020_f000),
        size: 0x1_2000,
        access: Access::ReadExecute,
    };
    for mode in Mode::BEST_FIRST {
        let case = Case {
            mode,
            format: LeafFormat::Napot,
            first: PhysAddr::new(0x8000_0000),
            mappings: vec![mapping],
        };
        let built = case.build();
        let found: Vec<_> =
            built.walk().leaves.iter().map(|leaf| (leaf.virt & 0xf_ffff, leaf.phys, leaf.size)).collect();
        let expected =
            [(0xf000, 0x8020_f000, 4096), (0x1_0000, 0x8021_0000, GROUP), (0x2_0000, 0x8022_0000, 4096)];
        assert_eq!(found, expected);
        let last = built.tables.root.get() + (built.tables.pages - 1) * 4096;
        for index in 0..512 {
            let expected = match index {
                15 => 0x8020f << 10 | 0xeb,
                16..32 => 1 << 63 | 0x80218 << 10 | 0xeb,
                32 => 0x80220 << 10 | 0xeb,
                _ => 0,
            };
            assert_eq!(built.memory.0.read(last + index * 8), expected, "entry {index}");
        }
    }
}
