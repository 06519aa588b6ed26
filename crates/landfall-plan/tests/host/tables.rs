//! The mappings of the tables of a landing.

use landfall_judge::model::{Pages, Span, Spans};
use landfall_judge::rules;
use landfall_paging::{LeafFormat, LeafSize, Mode};
use proptest::prelude::*;

use crate::drawn::{all_landing_machines, landing_machines};
use crate::draws;
use crate::landed::{Landed, expected};
use crate::machine::{Machine, bytes, overlap};

proptest! {
    #![proptest_config(draws(1024))]

    #[test]
    fn tables_are_sound_and_keep_every_rule(machine in all_landing_machines()) {
        let landed = Landed::new(&machine);
        prop_assert_eq!(landed.walk.malformed, []);
        prop_assert_eq!(rules::check(&landed.walk.leaves), []);
    }

    #[test]
    fn tables_map_what_the_model_maps_and_nothing_else(machine in all_landing_machines()) {
        let landed = Landed::new(&machine);
        let expected = Spans::of(expected(&machine, &landed.plan)).expect("the plan maps nothing twice");
        prop_assert_eq!(landed.spans, expected);
    }

    #[test]
    fn no_byte_of_a_no_map_range_is_mapped(machine in all_landing_machines()) {
        for leaf in Landed::new(&machine).walk.leaves {
            let frame = leaf.phys..leaf.phys + leaf.size;
            for hole in &machine.no_map {
                prop_assert!(!overlap(&frame, hole), "{leaf} spans {hole:#x?}");
            }
        }
    }

    #[test]
    fn tables_take_exactly_the_pages_that_the_plan_counted(machine in all_landing_machines()) {
        let landed = Landed::new(&machine);
        let start = landed.plan.block.start().get();
        let pages: Vec<u64> = (0..landed.plan.table_pages).map(|page| start + page * 4096).collect();
        prop_assert_eq!(landed.tables.pages, landed.plan.table_pages);
        prop_assert_eq!(landed.walk.tables[0], start);
        let mut met = landed.walk.tables;
        met.sort_unstable();
        prop_assert_eq!(met, pages);
    }

    #[test]
    fn every_entry_is_written_once(machine in all_landing_machines()) {
        let landed = Landed::new(&machine);
        for &table in &landed.walk.tables {
            prop_assert!(landed.memory.writes(table).all(|writes| writes == 1), "table {table:#x}");
        }
    }

    #[test]
    fn no_leaf_could_be_larger(machine in all_landing_machines()) {
        let landed = Landed::new(&machine);
        for leaf in landed.walk.leaves.iter().filter(|leaf| leaf.size < machine.mode.largest_leaf().bytes()) {
            let larger = match (leaf.size, landed.plan.format) {
                (4096, LeafFormat::Napot) => 65536,
                (65536, _) => 65536 * 32,
                (size, _) => size * 512,
            };
            let start = leaf.virt / larger * larger;
            let span = landed.spans.within(leaf.virt, 1).next().expect("a leaf maps something");
            let fits = span.virt <= start && start + (larger - 1) <= span.virt + (span.size - 1);
            let aligned = leaf.phys % larger == leaf.virt % larger;
            prop_assert!(!(fits && aligned), "a leaf of {larger:#x} bytes fits in the place of {leaf}");
        }
    }

    #[test]
    fn a_random_place_costs_no_large_leaf(machine in landing_machines()) {
        let fixed = Machine { draws: None, ..machine.clone() };
        let [random, fixed] = [machine, fixed].map(|machine| machine.plan().expect("it lands"));
        prop_assert_eq!(random.linear_leaves, fixed.linear_leaves);
    }

    #[test]
    fn leaves_are_as_many_as_the_plan_counted(machine in all_landing_machines()) {
        let Landed { plan, walk, .. } = Landed::new(&machine);
        for size in LeafSize::ALL {
            let linear = |virt: u64| virt < plan.border.get();
            let count = |side: bool| {
                let leaves = walk.leaves.iter().filter(|leaf| leaf.size == size.bytes() && linear(leaf.virt) == side);
                leaves.count() as u64
            };
            prop_assert_eq!(u64::from(plan.linear_leaves[size]), count(true), "linear map, {}", size);
            prop_assert_eq!(u64::from(plan.kernel_leaves[size]), count(false), "kernel, {}", size);
        }
    }

    #[test]
    fn all_of_ram_is_mapped_or_unreached_or_no_map(machine in landing_machines()) {
        let plan = machine.plan().expect("it lands");
        let (facts, reach) = (machine.facts(), machine.reach());
        for piece in machine.pieces(&reach) {
            let here = |own| bytes(own).contains(&piece.start);
            let mapped = plan.linear.mapped(&facts).any(here);
            let unreached = plan.linear.unreached(&facts).any(here);
            let in_ram = crate::machine::is_in(&machine.ram, &piece);
            let beyond = in_ram && !reach.contains(&piece.start);
            prop_assert_eq!(mapped, machine.must_map(&piece, &reach), "mapped: {:#x?}", piece);
            prop_assert_eq!(unreached, beyond, "unreached: {:#x?}", piece);
        }
    }
}

#[test]
fn a_small_machine_is_mapped_page_by_page() {
    for mode in Mode::BEST_FIRST {
        let mut machine = Machine::plain(mode);
        machine.ram = vec![0x8410_0000..0x8800_0000, 0x8000_0000..0x8090_7000, 0x8050_0000..0x8100_0000];
        machine.no_map = vec![0x8000_0000..0x8004_0000, 0x8441_1000..0x8441_2000];
        let landed = Landed::new(&machine);
        let pages = Pages::of(landed.walk.leaves.iter().copied().map(Span::from)).expect("no overlap");
        assert_eq!(Ok(pages), Pages::of(expected(&machine, &landed.plan)), "{mode}");
    }
}

#[test]
fn ram_at_physical_zero_is_mapped() {
    for mode in Mode::BEST_FIRST {
        let mut machine = Machine::plain(mode);
        machine.ram = vec![0..0x9000_0000];
        let landed = Landed::new(&machine);
        let virt = landed.plan.linear.virt(landfall_paging::PhysAddr::new(0)).get();
        assert_eq!(landed.spans.get(virt).map(|(phys, _)| phys), Some(0), "{mode}");
    }
}

#[test]
fn the_linear_map_uses_leaves_of_the_root() {
    for (mode, leaf, count) in
        [(Mode::Sv39, LeafSize::G1, 3), (Mode::Sv48, LeafSize::G512, 2), (Mode::Sv57, LeafSize::T256, 2)]
    {
        let mut machine = Machine::plain(mode);
        // From 4 KiB above the second multiple of the leaf's size on: the whole leaves begin with
        // the third, in sv39 with the fifth.
        let first = if mode == Mode::Sv39 { 4 } else { 2 } * leaf.bytes();
        machine.ram.push(first + 4096..first + (count + 1) * leaf.bytes() + 4096);
        let plan = machine.plan().expect("it lands");
        assert_eq!(u64::from(plan.linear_leaves[leaf]), count, "{mode}");
    }
}

#[test]
fn sixty_four_memory_nodes_with_holes_are_mapped() {
    for mode in Mode::BEST_FIRST {
        let mut machine = Machine::plain(mode);
        machine.ram = (0..64_u64)
            .rev()
            .map(|n| 0x8000_0000 + n * 0x1000_0000..0x8000_0000 + n * 0x1000_0000 + 0x0abc_d000)
            .collect();
        let landed = Landed::new(&machine);
        let expected = Spans::of(expected(&machine, &landed.plan)).expect("the plan maps nothing twice");
        assert_eq!(landed.spans, expected, "{mode}");
    }
}
