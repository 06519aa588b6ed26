//! Packing: the place that the plan takes, against all others.

use landfall_paging::{LeafSize, Mode, PhysAddr};
use landfall_plan::Plan;
use landfall_plan::facts::{ImageFacts, OtherHarts};
use landfall_plan::plan::{Movement, StayReason};
use landfall_plan::policy::PhysicalPlacement;
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::counter::{Cost, Counter};
use crate::drawn::all_landing_machines;
use crate::draws;
use crate::machine::{Machine, bytes};
use crate::mode_policy::ModePolicy;
use crate::small::{free_runs, medium_machines, places, small_machines};

const PAGE: u64 = 4096;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

fn counted(plan: &Plan) -> Cost {
    let leaves = plan.linear_leaves.total() + plan.kernel_leaves.total();
    Cost { leaves: u64::from(leaves), tables: plan.table_pages }
}

/// That `plan` took the best of `places`, and moved only for fewer leaves.
fn assert_best(machine: &Machine, plan: &Plan, places: impl Iterator<Item = u64>) {
    let counter = Counter::of(machine, plan);
    let loaded = machine.image.base.get();
    let now = counter.cost(loaded);
    let best = places.map(|place| (counter.cost(place), place)).min().expect("there is the present one");
    match plan.physical.movement {
        Movement::Moves { to, .. } => {
            let found = counter.cost(to.get());
            assert!(found.leaves < now.leaves, "moved from {now:?} to {found:?}");
            assert!(found <= best.0, "{to} costs {found:?}, and {:#x} {:?}", best.1, best.0);
        }
        Movement::Stays(StayReason::NothingBetter) => {
            assert!(best.0.leaves >= now.leaves, "stayed at {now:?}, and {:#x} costs {:?}", best.1, best.0);
        }
        Movement::Stays(StayReason::NoPageForCopier | StayReason::NoMemoryBeside) => {
            assert!(best.0.leaves < now.leaves, "why should it move?");
        }
        Movement::Stays(reason) => panic!("it stayed: {reason}"),
    }
}

proptest! {
    #![proptest_config(draws(2048))]

    #[test]
    fn the_counter_counts_what_the_plan_counts(machine in all_landing_machines()) {
        let plan = machine.plan().expect("it lands");
        prop_assume!(plan.stacks.phys.is_aligned(plan.stacks.alignment));
        let counter = Counter::of(&machine, &plan);
        prop_assert_eq!(counter.cost(plan.image.phys.base.get()), counted(&plan));
    }
}

proptest! {
    #![proptest_config(Config { max_shrink_iters: 256, ..draws(2048) })]

    #[test]
    fn of_all_places_on_a_small_machine_a_packed_kernel_has_the_best(machine in small_machines()) {
        let plan = machine.plan().expect("it lands");
        let runs = free_runs(&machine);
        let size = machine.image.size();
        let fitting = runs.iter().filter(|run| run.end - run.start >= size);
        assert_best(&machine, &plan, fitting.flat_map(|run| (run.start..=run.end - size).step_by(4096)));
    }
}

proptest! {
    #![proptest_config(Config { max_shrink_iters: 256, ..draws(512) })]

    #[test]
    fn on_gibibytes_no_place_near_a_border_is_better_than_the_packed(machine in medium_machines(), seed in any::<u64>()) {
        let plan = machine.plan().expect("it lands");
        assert_best(&machine, &plan, places(&machine, seed).into_iter());
    }

    #[test]
    fn no_offset_and_no_place_of_the_kernel_has_fewer_leaves(
        machine in prop_oneof![all_landing_machines().boxed(), small_machines().boxed(), medium_machines().boxed()],
        elsewhere in prop::collection::vec((any::<u64>(), any::<u64>(), 12..40_u32), 8),
    ) {
        // A pin fixes the offset, and a better one may exist.
        prop_assume!(machine.mode_policy.linear_pin.is_none());
        let plan = machine.plan().expect("it lands");
        let counter = Counter::of(&machine, &plan);
        let base = plan.image.phys.base.get();
        let here = counter.cost(base).leaves;
        let span = bytes(plan.linear.span);
        let (half, size) = (machine.mode.upper_half().get(), span.end - span.start);
        // A large map that is badly misaligned has too many leaves to count one by one.
        let coarse = (size.ilog2() - 1).saturating_sub(18).max(12);
        let at = |random: u64, size: u64, shift: u32| {
            let room = (half.wrapping_neg() - size) >> shift;
            half + (random.checked_rem(room).unwrap_or(0) << shift)
        };
        for (linear, kernel, shift) in elsewhere {
            let start = at(linear, size, shift.max(coarse));
            // That the two may overlap does not matter to the number of leaves.
            let kernel = at(kernel, 1 << 37, shift.min(36));
            let offset = start.wrapping_sub(span.start & !((1 << shift.max(coarse)) - 1));
            if offset.wrapping_add(span.end) > half {
                let found = counter.elsewhere(offset, kernel).cost(base);
                prop_assert!(found.leaves >= here, "offset {offset:#x}, {kernel:#x}: {found:?}, planned {here}");
            }
        }
    }
}

fn virt_16_gib(base: u64) -> Machine {
    let end = 0x8000_0000 + 16 * GIB;
    Machine {
        ram: vec![0x8000_0000..end],
        no_map: vec![0x8000_0000..0x8006_0000],
        image: ImageFacts { text: 0x8000, constants: 0x4000, early: 0x6000, data: 0xe000 }
            .at(PhysAddr::new(base)),
        tree: end - 2 * MIB..end - 2 * MIB + 0x1a2b,
        ..Machine::plain(Mode::Sv39)
    }
}

/// 15 leaves of 1 GiB, 511 of 2 MiB, and in the first 2 MiB those of 4 KiB beside the firmware.
fn assert_least_on_virt(plan: &Plan, edges: u32) {
    let leaves = [LeafSize::G1, LeafSize::M2, LeafSize::K4].map(|size| plan.linear_leaves[size]);
    assert_eq!((leaves[0], leaves[1] + edges / 512), (15, 511));
    assert!(leaves[2] <= 416 + edges, "{leaves:?}");
}

#[test]
fn sixteen_gibibytes_take_15_leaves_of_1_gib_and_511_of_2_mib() {
    let plan = virt_16_gib(0x8020_0000).plan().expect("it lands");
    // The kernel's read-only part cuts one block of 2 MiB.
    assert_least_on_virt(&plan, 512);
    assert_eq!(plan.linear_leaves.total(), 15 + 510 + 512 + (512 - 96));
}

#[test]
fn packed_sixteen_gibibytes_take_as_few_from_any_place() {
    let last = (16 * GIB - 0x8_0000) / PAGE;
    let near = (0x60..0x600).step_by(13).chain((last - 0x600..last).step_by(17));
    let borders = (1..16).flat_map(|n| n * 0x4_0000 - 40..n * 0x4_0000 + 8).step_by(5);
    let random = (0..2000_u64).map(|n| 0x60 + n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % (last - 0x60));
    for page in near.chain(borders).chain(random) {
        let mut machine = virt_16_gib(0x8000_0000 + page * PAGE);
        machine.mode_policy.physical = PhysicalPlacement::Pack;
        if machine.image_bytes().end > machine.tree.start {
            continue;
        }
        let plan = machine.plan().expect("it lands");
        assert_least_on_virt(&plan, 0);
        assert_eq!(plan.linear_leaves.total(), 15 + 511 + (512 - 96), "from page {page:#x}");
    }
}

#[test]
fn a_kernel_that_other_harts_wait_in_is_not_packed() {
    let mut machine = virt_16_gib(0xc123_4000);
    machine.mode_policy = ModePolicy { physical: PhysicalPlacement::Pack, ..ModePolicy::NONE };
    machine.other_harts = OtherHarts::InImage;
    let movement = machine.plan().expect("it lands").physical.movement;
    assert_eq!(movement, Movement::Stays(StayReason::HartsInImage));
}
