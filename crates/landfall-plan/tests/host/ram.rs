//! All RAM by its use, against a model that asks each piece in turn.

use std::ops::Range as Bytes;

use landfall_plan::memory::{RamPart, RamUse};
use landfall_plan::plan::TreePlace;
use proptest::prelude::*;

use crate::drawn::all_landing_machines;
use crate::draws;
use crate::machine::{Machine, bytes, is_in, pages_touched};

/// The claims on memory once the kernel runs, the strongest first.
fn claims(machine: &Machine) -> Vec<(Vec<Bytes<u64>>, RamUse)> {
    let plan = machine.plan().expect("it lands");
    let moved = machine.moved(&plan);
    let (image, early) = (moved.image_bytes(), bytes(moved.image.early()));
    let block = bytes(plan.block);
    let tables = block.start..block.start + plan.table_pages * 4096;
    let copy = match plan.tree {
        TreePlace::Kept => block.end,
        TreePlace::Copied(at) => at.get(),
    };
    let initrd = machine.initrd.iter().map(pages_touched).collect();
    let reach = bytes(plan.linear.reach);
    vec![
        (vec![image.start..early.start, early.end..image.end], RamUse::Image),
        (vec![tables.clone()], RamUse::Tables),
        (vec![tables.end..copy], RamUse::Stacks),
        (vec![copy..block.end, pages_touched(&machine.tree)], RamUse::Tree),
        (initrd, RamUse::Initrd),
        (machine.no_map.clone(), RamUse::Firmware),
        (machine.reserved.clone(), RamUse::Reserved),
        (vec![reach.end..u64::MAX], RamUse::Unreached),
    ]
}

proptest! {
    #![proptest_config(draws(512))]

    #[test]
    fn every_piece_of_ram_has_the_use_of_its_strongest_claim(machine in all_landing_machines()) {
        let (facts, plan) = (machine.facts(), machine.plan().expect("it lands"));
        let parts: Vec<RamPart> = plan.ram(&facts).collect();
        let claims = claims(&machine);
        let ranges = claims.iter().flat_map(|(ranges, _)| ranges).cloned();
        let ranges = ranges.chain(parts.iter().map(|part| bytes(part.range))).chain(machine.ram.clone());
        let mut cuts: Vec<u64> = ranges.flat_map(|range| [range.start, range.end]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        for piece in cuts.windows(2).map(|pair| pair[0]..pair[1]) {
            let is_ram = is_in(&machine.ram, &piece);
            let claim = claims.iter().find(|(ranges, _)| is_in(ranges, &piece));
            let expected = is_ram.then(|| claim.map_or(RamUse::Free, |(_, usage)| *usage));
            let found: Vec<RamUse> = parts
                .iter()
                .filter(|part| bytes(part.range).start <= piece.start && piece.end <= bytes(part.range).end)
                .map(|part| part.usage)
                .collect();
            prop_assert_eq!(found, Vec::from_iter(expected), "{:#x?}", piece);
        }
    }

    #[test]
    fn parts_of_ram_ascend_and_are_as_long_as_they_can_be(machine in all_landing_machines()) {
        let (facts, plan) = (machine.facts(), machine.plan().expect("it lands"));
        let parts: Vec<RamPart> = plan.ram(&facts).collect();
        prop_assert!(parts.iter().all(|part| !part.range.is_empty()));
        for pair in parts.windows(2) {
            let (left, right) = (pair[0], pair[1]);
            prop_assert!(left.range.end() <= right.range.start(), "{:?}", pair);
            let touch = left.range.end() == right.range.start();
            prop_assert!(!touch || left.usage != right.usage, "{:?}", pair);
        }
        prop_assert_eq!(parts.iter().map(|part| part.range.size()).sum::<u64>(), facts.ram.size());
    }

    #[test]
    fn the_free_parts_of_ram_are_free_memory(machine in all_landing_machines()) {
        let (facts, plan) = (machine.facts(), machine.plan().expect("it lands"));
        let free = plan.ram(&facts).filter(|part| part.usage == RamUse::Free).map(|part| part.range);
        prop_assert_eq!(free.collect::<Vec<_>>(), plan.free_memory(&facts).collect::<Vec<_>>());
    }
}
