//! The entries that the mapper writes.

use landfall_judge::model::{Pages, Span, Spans};
use landfall_judge::rules::{self, Violation};
use landfall_paging::{LeafFormat, LeafSize, Mapping, Mode, PhysAddr};
use proptest::prelude::*;

use crate::draws;
use crate::tables::{Case, FORMATS, cases, small_cases, span};

proptest! {
    #![proptest_config(draws(1024))]

    #[test]
    fn tables_are_sound(case in cases()) {
        let built = case.build();
        prop_assert_eq!(built.walk().malformed, []);
    }

    #[test]
    fn leaves_map_the_mappings_and_nothing_else(case in cases()) {
        let built = case.build();
        let walk = built.walk();
        let found = Spans::of(walk.leaves.into_iter().map(Span::from));
        prop_assert_eq!(found, Spans::of(case.mappings.iter().map(span)));
    }

    #[test]
    fn leaves_map_the_pages_of_the_mappings(case in small_cases()) {
        let built = case.build();
        let walk = built.walk();
        // First, that there are no more pages than we want to hold in a map.
        let bytes: u64 = walk.leaves.iter().map(|leaf| leaf.size).sum();
        prop_assert_eq!(bytes, case.mappings.iter().map(|mapping| mapping.size).sum::<u64>());
        let found = Pages::of(walk.leaves.into_iter().map(Span::from));
        prop_assert_eq!(found, Pages::of(case.mappings.iter().map(span)));
    }

    #[test]
    fn leaves_break_no_rule_of_a_single_leaf(case in cases()) {
        // Random mappings may alias, or lie in the lower half or on the last page. The rest must
        // hold for each.
        let violations = rules::check(&case.build().walk().leaves);
        let others = violations.into_iter().filter(|violation| !matches!(
            violation,
            Violation::WritableElsewhere { .. } | Violation::LastPageMapped(_) | Violation::LowerHalf(_)
        ));
        prop_assert_eq!(others.collect::<Vec<_>>(), []);
    }

    #[test]
    fn leaves_are_global_with_accessed_and_dirty_preset(case in cases()) {
        let built = case.build();
        for leaf in built.walk().leaves {
            prop_assert!(leaf.flags.g() && leaf.flags.a() && leaf.flags.d() && !leaf.flags.u(), "{leaf}");
        }
    }

    #[test]
    fn every_entry_of_every_table_is_written_once(case in cases()) {
        let built = case.build();
        for page in 0..built.tables.pages {
            let table = case.first.get() + page * 4096;
            prop_assert!(built.memory.0.writes(table).all(|writes| writes == 1), "table {table:#x}");
        }
    }

    #[test]
    fn filling_ahead_changes_no_entry(case in cases(), ahead_of in any::<prop::sample::Index>()) {
        let built = case.build();
        let filled = case.build_filled_ahead_of(ahead_of.index(case.mappings.len() + 1));
        prop_assert_eq!(filled.tables, built.tables);
        for word in 0..built.tables.pages * 512 {
            let address = case.first.get() + word * 8;
            prop_assert_eq!(filled.memory.0.read(address), built.memory.0.read(address), "{:#x}", address);
        }
    }

    #[test]
    fn tables_follow_each_other_from_the_root_on(case in cases()) {
        let built = case.build();
        let mut met = built.walk().tables;
        prop_assert_eq!(met[0], case.first.get());
        met.sort_unstable();
        let expected: Vec<u64> = (0..built.tables.pages).map(|page| case.first.get() + page * 4096).collect();
        prop_assert_eq!(met, expected);
    }

    #[test]
    fn counting_gives_the_same_pages_and_leaves(case in cases()) {
        let counted = case.count_tables();
        prop_assert_eq!(counted.pages(), case.count().pages);
        let walk = case.build().walk();
        prop_assert_eq!(counted.pages(), walk.tables.len() as u64);
        for size in LeafSize::ALL {
            let found = walk.leaves.iter().filter(|leaf| leaf.size == size.bytes()).count();
            prop_assert_eq!(counted.leaves()[size] as usize, found, "{}", size);
        }
        prop_assert_eq!(counted.leaves().total() as usize, walk.leaves.len());
    }

    #[test]
    fn no_leaf_could_be_larger(case in cases()) {
        let built = case.build();
        for leaf in built.walk().leaves {
            let holds = |mapping: &&Mapping| leaf.virt.wrapping_sub(mapping.virt.get()) < mapping.size;
            let mapping = case.mappings.iter().find(holds).expect("every leaf belongs to a mapping");
            let (start, last) = (mapping.virt.get(), mapping.virt.get() + (mapping.size - 1));
            let exists = |size: &LeafSize| {
                *size <= case.mode.largest_leaf() && (*size != LeafSize::K64 || case.format == LeafFormat::Napot)
            };
            let larger = LeafSize::ALL.into_iter().filter(exists).map(LeafSize::bytes).filter(|size| *size > leaf.size);
            for larger in larger {
                let place = leaf.virt / larger * larger;
                let fits = start <= place && place + (larger - 1) <= last;
                let aligned = leaf.phys % larger == leaf.virt % larger;
                prop_assert!(!(fits && aligned), "a leaf of {larger:#x} bytes fits in the place of {leaf}");
            }
        }
    }
}

#[test]
fn no_mapping_gives_an_empty_root() {
    for (mode, format) in Mode::BEST_FIRST.into_iter().flat_map(|mode| FORMATS.map(|format| (mode, format))) {
        let walk = Case { mode, format, first: PhysAddr::new(0), mappings: vec![] }.build().walk();
        assert_eq!((walk.tables.len(), walk.leaves.len(), walk.malformed.len()), (1, 0, 0));
    }
}
