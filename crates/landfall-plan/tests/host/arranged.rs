//! Where everything lies under policies of any kind, and that a refusal of an arrangement is never an error.

use std::collections::BTreeSet;
use std::ops::Range as Bytes;

use landfall_plan::{Draws, LinearPin, Physical, Placement, Plan, Refusal, UpperConstant};
use proptest::prelude::*;

use crate::drawn::{all_landing_machines, wishful_machines};
use crate::draws;
use crate::landed::Landed;
use crate::machine::{Machine, SEED, bytes};
use crate::regions::{Model, end_of, upper_half};
use crate::wishes::Wishes;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// First and last address of what has a place in the address space: linear map, window, dynamic region; and whatever the kernel wants free.
fn regions(machine: &Machine, plan: &Plan) -> Vec<(&'static str, Bytes<u64>)> {
    let span = bytes(plan.linear.span);
    let start = span.start.wrapping_add(plan.linear.offset);
    let mut regions = vec![("the linear map", start..start + (span.end - span.start))];
    let window = plan.window();
    regions.push(("the window", window.start.get()..end_of(window)));
    regions.push(("the dynamic region", plan.dynamic.start.get()..end_of(plan.dynamic)));
    regions.extend(machine.wishes.windows.iter().map(|&own| ("a window", own.start.get()..end_of(own))));
    regions
}

proptest! {
    #![proptest_config(draws(2048))]

    #[test]
    fn all_regions_are_in_the_upper_half_with_guards_between(machine in all_landing_machines()) {
        let plan = machine.plan().expect("it lands");
        let regions = regions(&machine, &plan);
        for (index, (name, range)) in regions.iter().enumerate() {
            prop_assert!(range.start >= upper_half(machine.mode), "{name}: {range:#x?}");
            prop_assert!(range.end <= (2 * MIB).wrapping_neg(), "{name} leaves the last 2 MiB: {range:#x?}");
            for (other_name, other) in &regions[index + 1..] {
                let both_given = *name == "a window" && *other_name == "a window";
                let apart = range.end <= other.start.saturating_sub(2 * MIB)
                    || other.end <= range.start.saturating_sub(2 * MIB);
                prop_assert!(
                    both_given || range.is_empty() || other.is_empty() || apart,
                    "{name} {range:#x?}, {other_name} {other:#x?}"
                );
            }
        }
        let [linear, window] = [&regions[0].1, &regions[1].1];
        prop_assert!(linear.end <= window.start, "the kernel lies above the linear map");
    }

    #[test]
    fn nothing_is_mapped_in_near_region_dynamic_region_or_windows(machine in all_landing_machines()) {
        let landed = Landed::new(&machine);
        let free = [landed.plan.near, landed.plan.dynamic].into_iter().chain(machine.wishes.windows.iter().copied());
        for region in free {
            prop_assert_eq!(landed.spans.within(region.start.get(), region.size).next(), None, "{:?}", region);
        }
    }

    #[test]
    fn pins_are_honoured_exactly(machine in all_landing_machines()) {
        let plan = machine.plan().expect("it lands");
        let lowest = machine.ram.iter().map(|node| node.start).min().expect("there is RAM");
        match machine.wishes.linear_pin {
            Some(LinearPin::Offset(offset)) => prop_assert_eq!(plan.linear.offset, offset),
            Some(LinearPin::Base(base)) => {
                prop_assert_eq!((lowest / GIB * GIB).wrapping_add(plan.linear.offset), base.get());
            }
            None => {}
        }
        prop_assert!(machine.wishes.linear_pin.is_none() || plan.linear.places.get() == 1);
        if let Some(pin) = machine.wishes.kernel_pin {
            let within = plan.image.facts.base.get() % (2 * MIB);
            prop_assert_eq!((plan.image.virt, plan.image.places.get()), (pin.add(within), 1));
        }
    }

    #[test]
    fn the_near_region_is_as_large_as_wished_and_below_the_kernel(machine in all_landing_machines()) {
        let plan = machine.plan().expect("it lands");
        let (near, wanted) = (plan.near, machine.wishes.near_size);
        if machine.wishes.placement == Placement::LinearMap {
            prop_assert_eq!(near.size, 0);
        } else {
            prop_assert_eq!(near.size, wanted);
            let gap = plan.image.virt.get() - end_of(near);
            prop_assert!(near.size == 0 || (2 * MIB..4 * MIB).contains(&gap), "a guard between: {gap:#x}");
        }
    }

    #[test]
    fn the_dynamic_region_is_as_large_as_wished(machine in all_landing_machines()) {
        prop_assert!(machine.plan().expect("it lands").dynamic.size >= machine.wishes.dynamic_size);
    }

    #[test]
    fn two_instructions_make_offset_and_border(machine in all_landing_machines()) {
        let plan = machine.plan().expect("it lands");
        for value in [plan.linear.offset, plan.border.get()] {
            let UpperConstant { bits, shift } = UpperConstant::new(value).expect("it has the form");
            // lui: 20 bits above twelve zeros, sign-extended from bit 31; then slli.
            let lui = i64::from((bits << 12).cast_signed()).cast_unsigned();
            prop_assert!(bits < 1 << 20 && shift < 64);
            prop_assert_eq!(lui << shift, value);
        }
        let span = bytes(plan.linear.span);
        prop_assert!((span.end - 1).wrapping_add(plan.linear.offset) < plan.border.get());
        prop_assert!(plan.border <= plan.window().start);
    }

    #[test]
    fn a_reach_is_as_long_as_wished_where_nothing_is_pinned(machine in all_landing_machines()) {
        let plan = machine.plan().expect("it lands");
        if machine.wishes.linear_pin.is_none() {
            prop_assert_eq!(bytes(plan.linear.reach), machine.reach());
        }
    }

    #[test]
    fn what_lands_with_one_draw_lands_with_all_unless_memory_is_scarce(
        machine in wishful_machines(),
        other in any::<[u64; 3]>(),
    ) {
        let [linear_map, kernel, physical] = other;
        let draws = Some(Draws { linear_map, kernel, physical, ..Draws::lowest(SEED) });
        let rule = |machine: Machine| machine.plan().err().map(|refusal| refusal.rule());
        let undrawn = rule(Machine { draws: None, ..machine.clone() });
        let drawn = rule(Machine { draws, ..machine.clone() });
        // A kernel that moves at random may leave a place that is out of reach, or beside which too little is free.
        let may_help = machine.wishes.physical == Physical::Random && matches!(undrawn, Some(13 | 14));
        prop_assert!(drawn == undrawn || may_help, "{drawn:?}, and {undrawn:?} without");
    }

    #[test]
    fn a_kernel_that_may_move_lands_wherever_one_lands_that_stays(machine in wishful_machines()) {
        let rule = |physical| {
            let wishes = Wishes { physical, ..machine.wishes.clone() };
            Machine { wishes, ..machine.clone() }.plan().err().map(|refusal| refusal.rule())
        };
        let stays = rule(Physical::Stay);
        for moved in [rule(Physical::Pack), rule(Physical::Random)] {
            // Where staying is out of reach or leaves too little memory, moving may help.
            prop_assert!(moved == stays || matches!(stays, Some(13 | 14)), "{moved:?}, and {stays:?} without");
        }
    }

    #[test]
    fn an_arrangement_is_refused_only_where_there_is_none(machine in wishful_machines()) {
        let Err(refusal @ Refusal::NoRoom { .. }) = machine.plan() else { return Ok(()) };
        let model = Model::of(&machine);
        prop_assert!(!model.has_arrangement(), "{refusal}: {model:#x?}");
    }
}

proptest! {
    #![proptest_config(draws(256))]

    #[test]
    fn all_draws_together_choose_each_place_of_the_model_and_no_other(machine in all_landing_machines()) {
        let plan = |linear_map: u64, kernel: u64| {
            let draws = Some(Draws { linear_map, kernel, ..Draws::lowest(SEED) });
            Machine { draws, ..machine.clone() }.plan().expect("the draw does not matter")
        };
        // The middle of each share of 2^64.
        let share = |index: u64, places: u64| {
            u64::try_from(((u128::from(index) << 64) + (1 << 63)) / u128::from(places)).expect("a share")
        };
        let model = Model::of(&machine);
        let first = plan(0, 0);
        let places = first.linear.places.get();
        if machine.wishes.linear_pin.is_none() && places <= 1024 {
            let drawn: BTreeSet<u64> =
                (0..places).map(|index| plan(share(index, places), 0).linear.offset).collect();
            prop_assert_eq!(drawn.len() as u64, places, "each place once");
            prop_assert_eq!(drawn.into_iter().collect::<Vec<_>>(), model.linear_offsets());
        }
        let kernel = |plan: &Plan| match machine.wishes.placement {
            Placement::OwnRegion => plan.image.virt.align_down(2 * MIB),
            Placement::LinearMap => plan.stacks.virt,
        };
        let span = bytes(first.linear.span);
        let map = span.start.wrapping_add(first.linear.offset)..span.end.wrapping_add(first.linear.offset);
        if machine.wishes.kernel_pin.is_none() {
            let wanted = model.kernel_places(map);
            if machine.wishes.placement == Placement::OwnRegion {
                prop_assert_eq!(first.image.places.get(), wanted.count());
            }
            for (index, place) in wanted.some() {
                let chosen = kernel(&plan(0, share(index, wanted.count()))).get();
                prop_assert_eq!(chosen, place, "place {} of {}", index, wanted.count());
            }
        }
    }
}
