//! Free memory, against a bitmap of pages.

use std::ops::Range as Bytes;

use landfall_paging::PhysAddr;
use landfall_plan::{Facts, ImageFacts, Range, RangeSet, Stretches};
use proptest::prelude::*;

use crate::draws;
use crate::machine::{bytes, landing_machines, overlap};

const PAGE: u64 = 4096;
const PAGES: u64 = 256;

fn pages(start: u64, count: u64) -> Range {
    Range::new(PhysAddr::new(start * PAGE), count * PAGE)
}

fn some_pages() -> impl Strategy<Value = Range> {
    (0..PAGES, 0..40_u64).prop_map(|(start, count)| pages(start, count))
}

fn some_bytes() -> impl Strategy<Value = Range> {
    (0..PAGES * PAGE, 0..40_000_u64).prop_map(|(start, size)| Range::new(PhysAddr::new(start), size))
}

fn set_of(ranges: &[Range]) -> RangeSet {
    let mut set = RangeSet::EMPTY;
    for &range in ranges {
        set.insert(range).expect("few ranges");
    }
    set
}

fn image() -> impl Strategy<Value = ImageFacts> {
    (0..PAGES, 0..9_u64, 0..9_u64, 0..9_u64, 0..9_u64).prop_map(|(base, text, constants, early, data)| {
        ImageFacts {
            base: PhysAddr::new(base * PAGE),
            text: text * PAGE,
            constants: constants * PAGE,
            early: early * PAGE,
            data: data * PAGE,
        }
    })
}

proptest! {
    #![proptest_config(draws(512))]

    #[test]
    fn what_is_mapped_and_nobodys_is_free_and_nothing_else(
        ram in prop::collection::vec(some_pages(), 0..8),
        no_map in prop::collection::vec(some_pages(), 0..8),
        end in 0..PAGES + 64,
        reserved in prop::collection::vec(some_pages(), 0..8),
        image in image(),
        tree in some_bytes(),
        initrd in prop::option::of(some_bytes()),
        block in prop::option::of(some_pages()),
    ) {
        let (ram, no_map, reserved_set) = (set_of(&ram), set_of(&no_map), set_of(&reserved));
        let facts = Facts { ram, no_map, reserved: reserved_set, image, tree, initrd, ..Facts::UNKNOWN };
        let mapped: Vec<Range> = Stretches::mappable(&facts, PhysAddr::new(end * PAGE)).collect();
        let free: Vec<Range> = Stretches::free(&facts, PhysAddr::new(end * PAGE), block).collect();
        let has = |range: Range, page: &Bytes<u64>| overlap(&bytes(range), page);
        for number in 0..PAGES + 64 {
            let page = number * PAGE..(number + 1) * PAGE;
            let base = image.base.get();
            let early = base + image.text + image.constants..base + image.text + image.constants + image.early;
            let in_image = overlap(&(base..base + image.size()), &page) && !(block.is_some() && overlap(&early, &page));
            let taken = in_image
                || reserved.iter().chain(&initrd).chain(&block).chain([&tree]).any(|&range| has(range, &page));
            let in_any = |ranges: &[Range]| ranges.iter().any(|&range| has(range, &page));
            let mappable = number < end && facts.ram.iter().any(|range| has(range, &page)) && !in_any(facts.no_map.as_slice());
            prop_assert_eq!(in_any(&mapped), mappable, "mapped: page {:#x}", page.start);
            let expected = mappable && !taken;
            prop_assert_eq!(free.iter().any(|&range| has(range, &page)), expected, "page {:#x}", page.start);
        }
        for pair in free.windows(2).chain(mapped.windows(2)) {
            prop_assert!(pair[0].end() <= pair[1].start(), "ascending, and no byte twice: {pair:?}");
        }
        prop_assert!(free.iter().all(|range| !range.is_empty()));
    }

    #[test]
    fn after_landing_only_what_is_nobodys_is_free(machine in landing_machines()) {
        let (facts, plan) = (machine.facts(), machine.plan().expect("it lands"));
        let image = machine.image_bytes();
        let early = bytes(machine.image.early_range());
        for free in plan.free_memory(&facts).map(bytes) {
            let others = machine.reserved.iter().chain(&machine.no_map).chain(&machine.initrd);
            let block = bytes(plan.block);
            for other in others.chain([&machine.tree, &block, &(image.start..early.start), &(early.end..image.end)]) {
                prop_assert!(!overlap(&free, other), "{free:#x?} is free and {other:#x?} is somebody's");
            }
        }
    }
}
