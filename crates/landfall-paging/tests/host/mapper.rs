//! What the mapper writes.

use landfall_oracle::model::{Pages, Span, Spans};
use landfall_paging::{LeafSize, Mapping, Tables};
use proptest::prelude::*;

use crate::draws;
use crate::tables::{Case, build, cases, count, small_cases, span};

proptest! {
    #![proptest_config(draws(1024))]

    #[test]
    fn tables_are_sound(Case { mode, first, mappings } in cases()) {
        let built = build(mode, first, &mappings);
        prop_assert_eq!(built.root.walk(|address| built.memory.0.read(address)).malformed, []);
    }

    #[test]
    fn leaves_map_the_mappings_and_nothing_else(Case { mode, first, mappings } in cases()) {
        let built = build(mode, first, &mappings);
        let walk = built.root.walk(|address| built.memory.0.read(address));
        let found = Spans::of(walk.leaves.into_iter().map(Span::from));
        prop_assert_eq!(found, Spans::of(mappings.iter().map(span)));
    }

    #[test]
    fn leaves_map_the_pages_of_the_mappings(Case { mode, first, mappings } in small_cases()) {
        let built = build(mode, first, &mappings);
        let walk = built.root.walk(|address| built.memory.0.read(address));
        // First, that there are no more pages than we want to hold in a map.
        let bytes: u64 = walk.leaves.iter().map(|leaf| leaf.size).sum();
        prop_assert_eq!(bytes, mappings.iter().map(|mapping| mapping.size).sum::<u64>());
        let found = Pages::of(walk.leaves.into_iter().map(Span::from));
        prop_assert_eq!(found, Pages::of(mappings.iter().map(span)));
    }

    #[test]
    fn leaves_are_global_with_accessed_and_dirty_preset(Case { mode, first, mappings } in cases()) {
        let built = build(mode, first, &mappings);
        for leaf in built.root.walk(|address| built.memory.0.read(address)).leaves {
            prop_assert!(leaf.flags.g() && leaf.flags.a() && leaf.flags.d() && !leaf.flags.u(), "{leaf}");
        }
    }

    #[test]
    fn every_entry_of_every_table_is_written_once(Case { mode, first, mappings } in cases()) {
        let built = build(mode, first, &mappings);
        for page in 0..built.tables.pages {
            let table = first.get() + page * 4096;
            prop_assert!(built.memory.0.writes(table).all(|writes| writes == 1), "table {table:#x}");
        }
    }

    #[test]
    fn tables_follow_each_other_from_the_root_on(Case { mode, first, mappings } in cases()) {
        let built = build(mode, first, &mappings);
        let mut met = built.root.walk(|address| built.memory.0.read(address)).tables;
        prop_assert_eq!(met[0], first.get());
        met.sort_unstable();
        let expected: Vec<u64> = (0..built.tables.pages).map(|page| first.get() + page * 4096).collect();
        prop_assert_eq!(met, expected);
    }

    #[test]
    fn counting_gives_the_same_pages_and_leaves(Case { mode, first, mappings } in cases()) {
        let Tables { pages, leaves, .. } = count(mode, &mappings);
        let built = build(mode, first, &mappings);
        let walk = built.root.walk(|address| built.memory.0.read(address));
        prop_assert_eq!(pages, walk.tables.len() as u64);
        for size in LeafSize::ALL {
            let found = walk.leaves.iter().filter(|leaf| leaf.size == size.bytes()).count();
            prop_assert_eq!(leaves[size] as usize, found, "{}", size);
            prop_assert_eq!(built.tables.leaves[size] as usize, found, "{}", size);
        }
        prop_assert_eq!(leaves.total() as usize, walk.leaves.len());
    }

    #[test]
    fn no_leaf_could_be_larger(Case { mode, first, mappings } in cases()) {
        let built = build(mode, first, &mappings);
        for leaf in built.root.walk(|address| built.memory.0.read(address)).leaves {
            let holds = |mapping: &&Mapping| leaf.virt.wrapping_sub(mapping.virt.get()) < mapping.size;
            let mapping = mappings.iter().find(holds).expect("every leaf belongs to a mapping");
            let (start, last) = (mapping.virt.get(), mapping.virt.get() + (mapping.size - 1));
            let larger = leaf.size * 512;
            let place = leaf.virt / larger * larger;
            let fits = start <= place && place + (larger - 1) <= last;
            let aligned = leaf.phys % larger == leaf.virt % larger;
            let exists = leaf.size < mode.largest_leaf().bytes();
            prop_assert!(!(fits && aligned && exists), "a leaf of {larger:#x} bytes fits in the place of {leaf}");
        }
    }
}

#[test]
fn no_mapping_gives_an_empty_root() {
    for mode in landfall_paging::Mode::BEST_FIRST {
        let built = build(mode, landfall_paging::PhysAddr::new(0), &[]);
        let walk = built.root.walk(|address| built.memory.0.read(address));
        assert_eq!((walk.tables.len(), walk.leaves.len(), walk.malformed.len()), (1, 0, 0));
    }
}
