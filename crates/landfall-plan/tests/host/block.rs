//! The memory that a landing takes.

use std::ops::Range as Bytes;

use landfall_paging::{LeafFormat, Mode, PhysAddr};
use landfall_plan::Draws;
use landfall_plan::harts::Mmu;
use landfall_plan::plan::TreePlace;
use proptest::prelude::*;

use crate::drawn::all_landing_machines;
use crate::draws;
use crate::landed::Landed;
use crate::machine::{Machine, SEED, Svnapot, bytes, is_in, overlap, pages_touched};
use crate::small::small_machines;

/// The pieces of what the linear map spans, in one `range`.
fn spanned(machine: &Machine, reach: &Bytes<u64>, range: &Bytes<u64>) -> u64 {
    let mut pieces = machine.pieces(reach);
    pieces.retain(|piece| overlap(piece, range) && machine.must_map(piece, reach));
    pieces.iter().map(|piece| piece.end.min(range.end) - piece.start.max(range.start)).sum()
}

proptest! {
    #![proptest_config(draws(1024))]

    #[test]
    fn the_block_overlaps_nothing_that_is_somebodys(machine in all_landing_machines()) {
        let plan = machine.plan().expect("it lands");
        let block = bytes(plan.block);
        let others = machine.reserved.iter().chain(&machine.no_map).chain(&machine.initrd);
        for other in others.chain([&machine.moved(&plan).image_bytes(), &machine.tree]) {
            prop_assert!(!overlap(&block, other), "{block:#x?} and {other:#x?}");
        }
        let reach = bytes(plan.linear.reach);
        prop_assert_eq!(spanned(&machine, &reach, &block), block.end - block.start, "all of it is mapped");
        prop_assert!(block.start >= 4096, "a pointer to it is not null");
    }

    #[test]
    fn the_block_holds_tables_then_stacks_then_the_tree(machine in all_landing_machines()) {
        let plan = machine.plan().expect("it lands");
        let stacks = plan.block.start().get() + plan.table_pages * 4096;
        prop_assert_eq!(plan.stacks.phys, PhysAddr::new(stacks));
        let tree = stacks + plan.stacks.count * plan.stacks.physical_stride();
        let end = match plan.tree {
            TreePlace::Kept => tree,
            TreePlace::Copied(place) => {
                prop_assert_eq!(place, PhysAddr::new(tree));
                tree + (machine.tree.end - machine.tree.start).next_multiple_of(4096)
            }
        };
        prop_assert_eq!(plan.block.end(), PhysAddr::new(end));
    }

    #[test]
    fn the_tree_is_copied_exactly_where_the_linear_map_does_not_hold_it(machine in all_landing_machines()) {
        let plan = machine.plan().expect("it lands");
        let tree = pages_touched(&machine.tree);
        let held = spanned(&machine, &bytes(plan.linear.reach), &tree);
        prop_assert_eq!(plan.tree == TreePlace::Kept, held == tree.end - tree.start);
    }

    #[test]
    fn stacks_have_large_leaves_where_there_is_room(machine in all_landing_machines()) {
        let plan = machine.plan().expect("it lands");
        let wanted = if machine.has_svnapot() && plan.stacks.size >= 65536 { 65536 } else { 4096 };
        prop_assert_eq!(plan.stacks.alignment, wanted);
        let tables = plan.table_pages * 4096;
        let has_room = |free: Bytes<u64>| {
            let first = (free.start.max(4096) + tables).next_multiple_of(wanted) - tables;
            first + plan.block.size() <= free.end
        };
        let aligned = plan.stacks.phys.get().is_multiple_of(wanted);
        prop_assert!(aligned || !free_before(&machine, &plan).into_iter().any(has_room));
    }
}

proptest! {
    #![proptest_config(draws(96))]

    #[test]
    fn all_draws_together_choose_each_place_of_the_block_and_no_other(machine in small_machines()) {
        let plan = |tables: u64| {
            let draws = Some(Draws { tables, ..Draws::lowest(SEED) });
            Machine { draws, ..machine.clone() }.plan().expect("the draw does not matter")
        };
        let first = plan(0);
        let size = first.block.size();
        let places = |grain: u64| -> Vec<u64> {
            let skip = first.table_pages * 4096;
            let free = free_before(&machine, &first).into_iter().map(|free| free.start.max(4096)..free.end);
            let starts = free.filter(|free| free.start + size <= free.end).flat_map(|free| {
                (free.start..=free.end - size).step_by(4096)
            });
            starts.filter(|start| (start + skip) % grain == 0).collect()
        };
        let aligned = places(first.stacks.alignment);
        let expected = if aligned.is_empty() { places(4096) } else { aligned };
        let count = expected.len() as u64;
        prop_assert_eq!(first.places.tables.get(), count);
        for (index, &place) in (0_u64..).zip(&expected).filter(|(index, _)| index % 7 == 0 || index % 512 < 2) {
            let share = ((u128::from(index) << 64) + (1 << 63)) / u128::from(count);
            let drawn = plan(u64::try_from(share).expect("a share"));
            prop_assert_eq!(drawn.block.start().get(), place);
            let leaves = |plan: &landfall_plan::Plan| plan.linear_leaves.total();
            prop_assert_eq!(leaves(&drawn), leaves(&first), "the place costs no leaf of the linear map");
        }
    }
}

/// The free memory when the block is taken, in ascending runs.
fn free_before(machine: &Machine, plan: &landfall_plan::Plan) -> Vec<Bytes<u64>> {
    let (moved, reach) = (machine.moved(plan), bytes(plan.linear.reach));
    let others = [&machine.tree].into_iter().chain(&machine.initrd).map(pages_touched);
    let taken: Vec<Bytes<u64>> =
        machine.reserved.iter().cloned().chain(others).chain([moved.image_bytes()]).collect();
    let mut cuts: Vec<u64> =
        machine.pieces(&reach).iter().flat_map(|piece| [piece.start, piece.end]).collect();
    cuts.extend(taken.iter().flat_map(|range| [range.start, range.end]));
    cuts.sort_unstable();
    let mut free: Vec<Bytes<u64>> = vec![];
    for piece in cuts.windows(2).map(|pair| pair[0]..pair[1]).filter(|piece| !piece.is_empty()) {
        if !machine.must_map(&piece, &reach) || is_in(&taken, &piece) {
            continue;
        }
        match free.last_mut() {
            Some(last) if last.end == piece.start => last.end = piece.end,
            _ => free.push(piece),
        }
    }
    free
}

#[test]
fn stacks_that_find_no_room_at_their_alignment_are_counted_as_they_lie() {
    let mut machine = Machine::plain(Mode::Sv39);
    machine.harts = vec![(Mmu::Upto(Mode::Sv39), Svnapot::Present)];
    let image = machine.image_bytes();
    machine.tree = 0x1000..0x2000;
    let with_pages =
        |pages: u64| Machine { ram: vec![image.start - pages * 4096..image.end], ..machine.clone() };
    let smallest =
        (1..64).map(with_pages).find(|machine| machine.plan().is_ok()).expect("63 pages are enough");
    let landed = Landed::new(&smallest);
    assert_eq!(landed.plan.format, LeafFormat::Napot);
    assert!(!landed.plan.stacks.phys.is_aligned(landed.plan.stacks.alignment), "it is that small");
    let leaves = landed.plan.linear_leaves.total() + landed.plan.kernel_leaves.total();
    assert_eq!(leaves as usize, landed.walk.leaves.len());
}
