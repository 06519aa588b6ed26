//! The places of all regions under policies of any kind, and the truth of refused arrangements.

use std::collections::BTreeSet;
use std::ops::Range as Bytes;

use landfall_paging::{Mode, VirtAddr, VirtRange};
use landfall_plan::planner::UpperConstant;
use landfall_plan::policy::{LinearPin, PhysicalPlacement, Placement};
use landfall_plan::refusal::Requirement;
use landfall_plan::{Draws, Plan, Refusal};
use proptest::prelude::*;

use crate::drawn::{all_landing_machines, any_draws, machines_of_any_policy};
use crate::draws;
use crate::landed::Landed;
use crate::machine::{Machine, SEED, bytes};
use crate::mode_policy::ModePolicy;
use crate::regions::{Model, PlaceList, end_of, upper_half};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// Returns first and last address of each region: linear map, stacks, image, near and dynamic
/// region, and the windows that stay free.
fn regions(machine: &Machine, plan: &Plan) -> Vec<(&'static str, Bytes<u64>)> {
    let span = bytes(plan.linear.span);
    let start = span.start.wrapping_add(plan.linear.offset);
    let mut regions = vec![("the linear map", start..start + (span.end - span.start))];
    let mut push = |name, range: VirtRange| regions.push((name, range.start().get()..end_of(range)));
    push("the stacks", plan.stacks.range());
    if plan.placement == Placement::OwnRegion {
        push("the image", VirtRange::new(plan.image.virt, plan.image.phys.size()));
    }
    push("the near region", plan.near);
    push("the dynamic region", plan.dynamic);
    regions
        .extend(machine.mode_policy.windows.iter().map(|&own| ("a window", own.start().get()..end_of(own))));
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
        let linear = regions[0].1.clone();
        for (name, own) in regions[1..].iter().filter(|(name, own)| !own.is_empty() && name.starts_with("the") && *name != "the dynamic region") {
            prop_assert!(linear.end <= own.start, "{name} lies above the linear map");
        }
    }

    #[test]
    fn nothing_is_mapped_in_near_region_dynamic_region_or_windows(machine in all_landing_machines()) {
        let landed = Landed::new(&machine);
        let free = [landed.plan.near, landed.plan.dynamic].into_iter().chain(machine.mode_policy.windows.iter().copied());
        for region in free {
            prop_assert_eq!(landed.spans.within(region.start().get(), region.size()).next(), None, "{:?}", region);
        }
    }

    #[test]
    fn pins_are_honoured_exactly(machine in all_landing_machines()) {
        let plan = machine.plan().expect("it lands");
        let lowest = machine.ram.iter().map(|node| node.start).min().expect("there is RAM");
        match machine.mode_policy.linear_pin {
            Some(LinearPin::Offset(offset)) => prop_assert_eq!(plan.linear.offset, offset),
            Some(LinearPin::Base(base)) => {
                prop_assert_eq!((lowest / GIB * GIB).wrapping_add(plan.linear.offset), base.get());
            }
            _ => {}
        }
        prop_assert!(machine.mode_policy.linear_pin.is_none() || plan.linear.places.get() == 1);
        if let Some(pin) = machine.mode_policy.kernel_pin {
            let within = plan.image.phys.base.get() % (2 * MIB);
            prop_assert_eq!((plan.image.virt, plan.image.places.get()), (pin.wrapping_add(within), 1));
        }
    }

    #[test]
    fn the_near_region_is_as_large_as_requested_and_within_reach_of_the_text(machine in all_landing_machines()) {
        let plan = machine.plan().expect("it lands");
        let (near, wanted) = (plan.near, machine.mode_policy.near_size);
        if machine.mode_policy.placement == Placement::LinearMap {
            prop_assert_eq!(near.size(), 0);
        } else {
            prop_assert_eq!(near.size(), wanted);
            let text = plan.image.virt.get()..plan.image.virt.get() + machine.image.parts.text;
            let far = text.end.saturating_sub(near.start().get()).max(end_of(near).saturating_sub(text.start));
            // A text of more than a gigabyte has no reach left for the largest near region.
            prop_assert!(near.size() == 0 || far < 2 * GIB - 2048 || machine.image.parts.text > GIB / 2, "{far:#x}");
        }
    }

    #[test]
    fn the_dynamic_region_is_as_large_as_requested(machine in all_landing_machines()) {
        let (size, requested) = (machine.plan().expect("it lands").dynamic.size(), machine.mode_policy.dynamic_size);
        let mode_policy = &machine.mode_policy;
        let is_free = mode_policy.linear_pin.is_none() && mode_policy.kernel_pin.is_none() && mode_policy.windows.is_empty();
        prop_assert!(size == requested || is_free && size > requested, "{size:#x}, and {requested:#x} was requested");
    }

    #[test]
    fn no_draw_changes_the_size_of_a_region(machine in all_landing_machines(), drawn in any_draws()) {
        let plan = |draws| Machine { draws, ..machine.clone() }.plan().expect("the draw does not matter");
        let sizes = |plan: &Plan| (plan.near.size(), plan.dynamic.size(), plan.stacks.range().size());
        prop_assume!(machine.mode_policy.physical != PhysicalPlacement::Random);
        prop_assert_eq!(sizes(&plan(None)), sizes(&plan(Some(drawn))));
    }

    #[test]
    fn what_is_drawn_later_moves_nothing_that_was_drawn_before(machine in all_landing_machines(), drawn in any_draws(), others in any_draws()) {
        prop_assume!(machine.mode_policy.physical != PhysicalPlacement::Random);
        let plan = |draws: Draws| Machine { draws: Some(draws), ..machine.clone() }.plan().expect("the draw does not matter");
        let (first, other) = (&drawn, &others);
        let places = |plan: &Plan| {
            let kernel = if plan.placement == Placement::OwnRegion { plan.image.virt.get() } else { 0 };
            [plan.linear.offset, kernel, plan.near.start().get(), plan.stacks.virt.get(), plan.dynamic.start().get(), plan.block.start().get()]
        };
        let before = places(&plan(first.clone()));
        let after = [
            Draws { kernel: other.kernel, ..first.clone() },
            Draws { near: other.near, ..first.clone() },
            Draws { stacks: other.stacks, ..first.clone() },
            Draws { dynamic: other.dynamic, ..first.clone() },
            Draws { tables: other.tables, ..first.clone() },
        ];
        for (count, draws) in (1..).zip(after) {
            prop_assert_eq!(&places(&plan(draws))[..count], &before[..count]);
        }
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
        let own = regions(&machine, &plan).into_iter().filter(|(name, own)| !own.is_empty() && ["the stacks", "the image", "the near region"].contains(name));
        prop_assert!(own.into_iter().all(|(_, own)| plan.border.get() <= own.start));
    }

    #[test]
    fn the_linear_map_spans_its_ranges_from_the_first_to_the_last(machine in all_landing_machines()) {
        let (facts, plan) = (machine.facts(), machine.plan().expect("it lands"));
        let ranges: Vec<_> = plan.linear.mapped(&facts).map(bytes).collect();
        let (first, last) = (ranges.first().expect("RAM"), ranges.last().expect("RAM"));
        prop_assert_eq!(bytes(plan.linear.span), first.start..last.end);
    }

    #[test]
    fn a_reach_is_as_long_as_requested_where_nothing_is_pinned(machine in all_landing_machines()) {
        let plan = machine.plan().expect("it lands");
        if machine.mode_policy.linear_pin.is_none() {
            prop_assert_eq!(bytes(plan.linear.reach), machine.reach());
        }
    }

    #[test]
    fn what_lands_with_one_draw_lands_with_all_unless_memory_is_scarce(
        machine in machines_of_any_policy(),
        drawn in any_draws(),
    ) {
        let draws = Some(drawn);
        let rule = |machine: Machine| machine.plan().err().map(|refusal| refusal.rule().number());
        let undrawn = rule(Machine { draws: None, ..machine.clone() });
        let drawn = rule(Machine { draws, ..machine.clone() });
        // A kernel that moves at random may leave a place that is out of reach, or beside which too
        // little is free.
        let may_help = machine.mode_policy.physical == PhysicalPlacement::Random && matches!(undrawn, Some(13 | 14));
        prop_assert!(drawn == undrawn || may_help, "{drawn:?}, and {undrawn:?} without");
    }

    #[test]
    fn a_kernel_that_may_move_lands_wherever_one_lands_that_stays(machine in machines_of_any_policy()) {
        let rule = |physical| {
            let mode_policy = ModePolicy { physical, ..machine.mode_policy.clone() };
            Machine { mode_policy, ..machine.clone() }.plan().err().map(|refusal| refusal.rule().number())
        };
        let stays = rule(PhysicalPlacement::Stay);
        for moved in [rule(PhysicalPlacement::Pack), rule(PhysicalPlacement::Random)] {
            // If staying is out of reach or leaves too little memory, moving may help.
            prop_assert!(moved == stays || matches!(stays, Some(13 | 14)), "{moved:?}, and {stays:?} without");
        }
    }

    #[test]
    fn an_arrangement_is_refused_only_where_there_is_none(machine in machines_of_any_policy()) {
        let Err(refusal @ Refusal::NoRoom { .. }) = machine.plan() else { return Ok(()) };
        let model = Model::of(&machine);
        prop_assert!(!model.has_arrangement(), "{refusal}: {model:#x?}");
    }
}

proptest! {
    #![proptest_config(draws(256))]

    #[test]
    fn all_draws_together_choose_each_place_of_the_model_and_no_other(machine in all_landing_machines()) {
        let plan = |draws: Draws| {
            Machine { draws: Some(draws), ..machine.clone() }.plan().expect("the draw does not matter")
        };
        // The middle of each share of 2^64.
        let share = |index: u64, places: u64| {
            u64::try_from(((u128::from(index) << 64) + (1 << 63)) / u128::from(places)).expect("a share")
        };
        let model = Model::of(&machine);
        let given = machine.draws.clone().unwrap_or_else(|| Draws::from_words([1 << 62; 8], SEED));
        let first = plan(given.clone());
        let places = first.linear.places.get();
        if machine.mode_policy.linear_pin.is_none() && places <= 1024 {
            let drawn = |index| plan(Draws { linear_map: share(index, places), ..given.clone() }).linear.offset;
            let drawn: BTreeSet<u64> = (0..places).map(drawn).collect();
            prop_assert_eq!(drawn.len() as u64, places, "each place once");
            prop_assert_eq!(drawn.into_iter().collect::<Vec<_>>(), model.linear_offsets());
        }
        let span = bytes(first.linear.span);
        let map = span.start.wrapping_add(first.linear.offset)..span.end.wrapping_add(first.linear.offset);
        let own_region = machine.mode_policy.placement == Placement::OwnRegion;
        // A kernel in the linear map has a window too, in which the stacks could lie.
        let kernel = if own_region { first.image.virt.get() & !(model.grain() - 1) } else { map.end };
        let check = |wanted: &PlaceList, found: u64, drawn: &dyn Fn(u64) -> u64| {
            prop_assert_eq!(found, wanted.count().max(1));
            for (index, place) in wanted.some() {
                prop_assert_eq!(drawn(share(index, found)), place, "place {} of {}", index, found);
            }
            Ok(())
        };
        if machine.mode_policy.kernel_pin.is_none() && own_region {
            check(&model.kernel_places(map.clone()), first.image.places.get(), &|kernel| {
                plan(Draws { kernel, ..given.clone() }).image.virt.get() & !(model.grain() - 1)
            })?;
        }
        if own_region && first.near.size() != 0 {
            let wanted = model.near_places(&map, kernel);
            check(&wanted, first.places.near.get(), &|near| plan(Draws { near, ..given.clone() }).near.start().get())?;
        }
        let near = first.near.start().get()..end_of(first.near);
        let beside = if own_region { model.beside(&map, kernel, &near) } else { model.alone(&map) };
        let wanted = model.stacks_places(&beside, &map, kernel);
        check(&wanted, first.places.stacks.get(), &|stacks| plan(Draws { stacks, ..given.clone() }).stacks.virt.get())?;
        let wanted = model.dynamic_places(&beside, first.stacks.virt.get(), first.dynamic.size());
        check(&wanted, first.places.dynamic.get(), &|dynamic| {
            let start = plan(Draws { dynamic, ..given.clone() }).dynamic.start();
            start.get()
        })?;
    }
}

#[test]
fn a_dynamic_region_may_fill_all_that_is_left_between_the_guards() {
    let half = upper_half(Mode::Sv39);
    // The end of a map of whole 2 MiB, and one at which no multiple of them begins.
    for missing in [0, 4096] {
        let mut machine = Machine::plain(Mode::Sv39);
        let map = 128 * GIB - missing;
        machine.ram = vec![0x8000_0000..0x8000_0000 + map];
        // Between the linear map, at its lowest place, and the near region, with two guards.
        let left = 254 * GIB - 130 * MIB - map - 4 * MIB;
        machine.mode_policy = ModePolicy {
            kernel_pin: Some(VirtAddr::new(half + 254 * GIB)),
            dynamic_size: left,
            ..ModePolicy::NONE
        };
        let plan = machine.plan().expect("it lands");
        assert_eq!((plan.dynamic.start().get(), plan.dynamic.size()), (half + map + 2 * MIB, left));
        machine.mode_policy.dynamic_size += 4096;
        assert!(matches!(machine.plan(), Err(Refusal::NoRoom { .. })));
    }
}

#[test]
fn as_many_windows_as_a_policy_holds_take_nothing_but_their_own_addresses() {
    let mut machine = Machine::plain(Mode::Sv48);
    let half = upper_half(Mode::Sv48);
    let alone = machine.plan().expect("it lands");
    let window = |n: u64| VirtRange::new(VirtAddr::new(half + n * (GIB << 10)), 4096);
    machine.mode_policy.windows = (1..=8).map(window).collect();
    let plan = machine.plan().expect("it lands beside windows");
    assert_eq!((plan.image.virt, plan.near, plan.stacks), (alone.image.virt, alone.near, alone.stacks));
    assert_eq!(plan.image.places, alone.image.places);
}

#[test]
fn a_kernel_pinned_below_the_pinned_linear_map_is_refused_as_such() {
    let half = upper_half(Mode::Sv39);
    let mut machine = Machine::plain(Mode::Sv39);
    // An offset puts RAM somewhere only when the machine is known.
    machine.mode_policy.linear_pin = Some(LinearPin::Offset(half + 64 * GIB - 2 * GIB));
    machine.mode_policy.kernel_pin = Some(VirtAddr::new(half + 32 * GIB));
    let refusal = machine.plan().expect_err("the kernel lies below");
    assert!(matches!(refusal, Refusal::NoRoom { requirement: Requirement::KernelAbove, .. }), "{refusal:?}");
}

#[test]
fn a_pinned_linear_map_reaches_up_to_the_room_for_the_kernel() {
    let half = upper_half(Mode::Sv39);
    let mut machine = Machine::plain(Mode::Sv39);
    machine.ram = vec![0x8000_0000..0x8000_0000 + 128 * GIB];
    machine.mode_policy.linear_pin = Some(LinearPin::Base(VirtAddr::new(half + 128 * GIB)));
    let plan = machine.plan().expect("it lands");
    // Near region, image and stacks take 128, 4 and 2 MiB. Guards lie below, between and above
    // them, and the kernel's place is a multiple of 2 MiB.
    let own = (128 + 4 + 2) * MIB + 4 * 2 * MIB + 2 * MIB;
    assert_eq!(128 * GIB - plan.linear.span.size(), own + 2 * MIB);
}
