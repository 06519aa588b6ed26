//! Free memory, against a bitmap of pages.

use std::ops::Range as Bytes;

use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::Facts;
use landfall_plan::memory::{PhysRangeSet, RamRanges};
use proptest::prelude::*;

use crate::drawn::all_landing_machines;
use crate::draws;
use crate::machine::{bytes, is_in, overlap, pages_touched};

const PAGE: u64 = 4096;
const PAGES: u64 = 256;

fn pages(start: u64, count: u64) -> PhysRange {
    PhysRange::new(PhysAddr::new(start * PAGE), count * PAGE)
}

fn some_pages() -> impl Strategy<Value = PhysRange> {
    (0..PAGES, 0..40_u64).prop_map(|(start, count)| pages(start, count))
}

fn set_of(ranges: &[PhysRange]) -> PhysRangeSet {
    let mut set = PhysRangeSet::EMPTY;
    for &range in ranges {
        set.insert(range).expect("few ranges");
    }
    set
}

proptest! {
    #![proptest_config(draws(512))]

    #[test]
    fn what_is_mappable_is_ram_without_holes(
        ram in prop::collection::vec(some_pages(), 0..8),
        no_map in prop::collection::vec(some_pages(), 0..8),
        end in 0..PAGES + 64,
    ) {
        let mut facts = Facts::UNKNOWN;
        (facts.ram, facts.no_map) = (set_of(&ram), set_of(&no_map));
        let mappable: Vec<PhysRange> = RamRanges::mappable(&facts, PhysAddr::new(end * PAGE)).collect();
        let in_any = |ranges: &[PhysRange], page: &Bytes<u64>| ranges.iter().any(|&range| overlap(&bytes(range), page));
        for number in 0..PAGES + 64 {
            let page = number * PAGE..(number + 1) * PAGE;
            let expected = number < end && in_any(&ram, &page) && !in_any(&no_map, &page);
            prop_assert_eq!(in_any(&mappable, &page), expected, "page {:#x}", page.start);
        }
        for pair in mappable.windows(2) {
            prop_assert!(pair[0].end() < pair[1].start(), "ascending, and as long as can be: {pair:?}");
        }
        prop_assert!(mappable.iter().all(|range| !range.is_empty()));
    }

    #[test]
    fn after_landing_what_is_nobodys_is_free_and_nothing_else(machine in all_landing_machines()) {
        let (facts, plan) = (machine.facts(), machine.plan().expect("it lands"));
        let (moved, reach) = (machine.moved(&plan), bytes(plan.linear.reach));
        let (image, early) = (moved.image_bytes(), bytes(moved.image.early()));
        let tree_and_initrd = [&machine.tree].into_iter().chain(&machine.initrd).map(pages_touched);
        let block = bytes(plan.block);
        let own = [block, image.start..early.start, early.end..image.end];
        let taken: Vec<Bytes<u64>> =
            machine.reserved.iter().chain(&machine.no_map).cloned().chain(tree_and_initrd).chain(own).collect();
        let free: Vec<Bytes<u64>> = plan.free_memory(&facts).map(bytes).collect();
        let mut cuts: Vec<u64> = taken.iter().chain(&free).flat_map(|range| [range.start, range.end]).collect();
        cuts.extend(machine.pieces(&reach).iter().flat_map(|piece| [piece.start, piece.end]));
        cuts.sort_unstable();
        for piece in cuts.windows(2).map(|pair| pair[0]..pair[1]).filter(|piece| !piece.is_empty()) {
            let expected = machine.must_map(&piece, &reach) && !is_in(&taken, &piece);
            prop_assert_eq!(is_in(&free, &piece), expected, "{:#x?}", piece);
        }
    }
}
