//! The places of the parts of a landing.

use landfall_paging::{Mode, PhysAddr, VirtAddr, VirtRange};
use landfall_plan::harts::HartIndex;
use landfall_plan::randomness::KaslrState;
use landfall_plan::{Draws, Plan};
use proptest::prelude::*;

use crate::drawn::{all_landing_machines, landing_machines};
use crate::draws;
use crate::landed::Landed;
use crate::machine::{Machine, SEED, bytes};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// The table in `layout`: where the linear zone and the kernel zone begin.
fn zones(mode: Mode) -> (u64, u64) {
    match mode {
        Mode::Sv39 => (0xffff_ffc0_0000_0000, 0xffff_ffe8_0000_0000),
        Mode::Sv48 => (0xffff_8000_0000_0000, 0xffff_d000_0000_0000),
        Mode::Sv57 => (0xff00_0000_0000_0000, 0xffa0_0000_0000_0000),
    }
}

/// First and last address.
fn ends(range: VirtRange) -> (u64, u64) {
    (range.start().get(), range.start().get() + (range.size() - 1))
}

proptest! {
    #![proptest_config(draws(1024))]

    #[test]
    fn the_linear_map_lies_in_its_zone(machine in landing_machines()) {
        let Landed { plan, .. } = Landed::new(&machine);
        let (linear_zone, kernel_zone) = zones(machine.mode);
        let span = bytes(plan.linear.span);
        prop_assert!(span.start.wrapping_add(plan.linear.offset) >= linear_zone);
        prop_assert!((span.end - 1).wrapping_add(plan.linear.offset) < kernel_zone);
    }

    #[test]
    fn the_linear_offset_has_the_form_that_its_instructions_make(machine in landing_machines()) {
        let offset = machine.plan().expect("it lands").linear.offset;
        // lui gives a signed number of 32 bits whose low 12 are 0; slli moves it: 20 bits, times
        // the grain.
        let shift = if machine.mode == Mode::Sv39 { 30 - 12 } else { 39 - 12 };
        let lui = offset.cast_signed() >> shift;
        prop_assert!(i32::try_from(lui).is_ok_and(|lui| lui % 4096 == 0));
        prop_assert_eq!((lui << shift).cast_unsigned(), offset);
    }

    #[test]
    fn the_image_keeps_its_place_within_two_mebibytes(machine in landing_machines()) {
        let plan = machine.plan().expect("it lands");
        prop_assert_eq!(plan.image.virt.get() % (2 * MIB), machine.image.base.get() % (2 * MIB));
        prop_assert_eq!(plan.image_offset(), plan.image.virt.get().wrapping_sub(machine.image.base.get()));
        prop_assert_eq!(plan.image_offset() % (2 * MIB), 0);
    }

    #[test]
    fn everything_of_the_kernels_own_lies_in_the_kernel_zone_with_guards(machine in landing_machines()) {
        let plan = machine.plan().expect("it lands");
        let image = VirtRange::new(plan.image.virt, plan.image.phys.size());
        for region in [image, plan.near, plan.stacks.range(), plan.dynamic] {
            let (first, last) = ends(region);
            prop_assert!(first >= zones(machine.mode).1 + 2 * MIB);
            prop_assert!(last < (2 * MIB).wrapping_neg(), "the last 2 MiB stay unmapped");
        }
    }

    #[test]
    fn the_stacks_range_goes_from_the_first_guard_to_the_last_top(machine in all_landing_machines()) {
        let plan = machine.plan().expect("it lands");
        let (first, last) = ends(plan.stacks.range());
        prop_assert_eq!(first % (2 * MIB), 0);
        prop_assert_eq!(first + 65536, plan.stacks.bottom(HartIndex::BOOT).get());
        prop_assert_eq!(last + 1, plan.stacks.top(HartIndex::new(plan.stacks.count - 1)).get());
    }

    #[test]
    fn the_last_two_mebibytes_are_unmapped(machine in landing_machines()) {
        let landed = Landed::new(&machine);
        prop_assert_eq!(landed.spans.within((2 * MIB).wrapping_neg(), 2 * MIB).next(), None);
    }

    #[test]
    fn unmapped_64_kib_guard_every_stack_on_either_side(machine in all_landing_machines()) {
        let landed = Landed::new(&machine);
        let stacks = landed.plan.stacks;
        prop_assert_eq!(stacks.count, machine.landing_harts());
        for index in stacks.harts() {
            let (bottom, top) = (stacks.bottom(index).get(), stacks.top(index).get());
            prop_assert_eq!(landed.spans.within(bottom - 65536, 65536).next(), None, "below stack {}", index);
            prop_assert_eq!(landed.spans.within(top, 65536).next(), None, "above stack {}", index);
            let stack = landed.spans.get(bottom).map(|(phys, _)| phys);
            prop_assert_eq!(stack, Some(stacks.memory(index).get()));
            prop_assert_eq!(top - bottom, machine.mode_policy.stack_size);
            prop_assert_eq!(ends(stacks.usable(index)), (bottom, top - 4097), "the overflow stack is the upper page");
            prop_assert_eq!(ends(stacks.overflow(index)), (top - 4096, top - 1));
        }
    }

    #[test]
    fn what_only_the_landing_uses_is_not_in_the_kernels_mapping(machine in landing_machines()) {
        let landed = Landed::new(&machine);
        let early = landed.plan.image.virt.get() + machine.image.parts.text + machine.image.parts.constants;
        prop_assert_eq!(landed.spans.within(early, machine.image.parts.early).next(), None);
    }

    #[test]
    fn the_near_region_is_unmapped_and_within_reach_of_the_text(machine in landing_machines()) {
        let landed = Landed::new(&machine);
        let near = landed.plan.near;
        let (first, last) = ends(near);
        prop_assert_eq!(near.size(), 128 * MIB);
        prop_assert_eq!(landed.spans.within(first - 2 * MIB, near.size() + 4 * MIB).next(), None);
        // auipc adds a signed number of 32 bits whose low 12 are 0, and the next instruction one of
        // 12 bits.
        let image = landed.plan.image.virt.get();
        let text = (image, image + machine.image.parts.text - 1);
        prop_assert!(text.1.saturating_sub(first).max(last.saturating_sub(text.0)) < 2 * GIB - 2048);
    }

    #[test]
    fn the_dynamic_region_has_the_size_of_its_mode_and_is_unmapped(machine in landing_machines()) {
        let landed = Landed::new(&machine);
        let dynamic = landed.plan.dynamic;
        let first = dynamic.start().get();
        let size = match machine.mode {
            Mode::Sv39 => 16 * GIB,
            Mode::Sv48 => 3 << 40,
            Mode::Sv57 => 3 << 49,
        };
        prop_assert_eq!(dynamic.size(), size);
        prop_assert_eq!(landed.spans.within(first - 2 * MIB, dynamic.size() + 4 * MIB).next(), None);
    }

    #[test]
    fn the_same_inputs_give_the_same_plan(machine in landing_machines()) {
        let [first, second] = [machine.plan().expect("it lands"), machine.plan().expect("it lands")];
        prop_assert_eq!(format!("{first:?}"), format!("{second:?}"));
    }

    #[test]
    fn the_plan_does_not_depend_on_which_hart_boots(machine in landing_machines(), other in any::<prop::sample::Index>()) {
        let alike: Vec<usize> = (0..machine.harts.len())
            .filter(|&index| machine.harts[index] == machine.harts[machine.boot_hart])
            .collect();
        let booted_by_another = Machine { boot_hart: *other.get(&alike), ..machine.clone() };
        let [first, second] = [machine, booted_by_another].map(|machine| machine.plan().expect("it lands"));
        prop_assert_eq!(format!("{first:?}"), format!("{second:?}"));
    }
}

pub(crate) fn random(linear_map: u64, kernel: u64) -> Draws {
    Draws { linear_map, kernel, ..Draws::lowest(SEED) }
}

/// A plan for the plain machine with these draws, and its facts and policy changed.
fn plan_with(
    mode: Mode,
    draws: Option<&Draws>,
    change: impl Fn(&mut landfall_plan::Facts, &mut landfall_plan::Policy),
) -> Plan {
    let machine = Machine::plain(mode);
    let (mut facts, mut policy) = (machine.facts(), machine.policy());
    change(&mut facts, &mut policy);
    Plan::new(&facts, &policy, mode, draws).expect("it lands")
}

#[test]
fn without_randomness_the_image_lies_at_its_link_address() {
    for mode in Mode::BEST_FIRST {
        let draws = Draws::from_words([77 << 50; 8], SEED);
        let plans = [
            (plan_with(mode, None, |_, _| ()), KaslrState::NoSeed),
            (
                plan_with(mode, Some(&draws), |facts, _| facts.options.nokaslr = true),
                KaslrState::ForbiddenByCommandLine,
            ),
            (
                plan_with(mode, Some(&draws), |_, policy| {
                    *policy = policy.with_kaslr(landfall_plan::policy::Kaslr::Disabled);
                }),
                KaslrState::ForbiddenByPolicy,
            ),
        ];
        for (plan, why) in plans {
            assert_eq!(plan.kaslr, why, "{mode}");
            assert_eq!(plan.image.virt.get(), 0xffff_ffff_0000_3000, "{mode}, {why}");
            // The lowest multiple of the grain that holds RAM lies at the zone's start.
            let first = if mode == Mode::Sv39 { 0x8000_0000 } else { 0 };
            assert_eq!(plan.linear.virt(PhysAddr::new(first)).get(), zones(mode).0, "{mode}, {why}");
            // The room of an image of 2 MiB at the most, which may begin anywhere in 2 MiB, is 4
            // MiB.
            let beside = [plan.near.start(), plan.stacks.virt, plan.dynamic.start()].map(VirtAddr::get);
            let link = 0xffff_ffff_0000_0000;
            assert_eq!(beside, [link - 130 * MIB, link + 6 * MIB, zones(mode).1 + 2 * MIB], "{mode}, {why}");
            assert_eq!(plan.block.start().get(), 0x8000_0000, "{mode}, {why}");
        }
    }
}

#[test]
fn a_seed_moves_image_and_linear_map_apart_from_each_other() {
    for mode in Mode::BEST_FIRST {
        let plan = |linear_map, kernel| plan_with(mode, Some(&random(linear_map, kernel)), |_, _| ());
        let (first, moved_kernel, moved_map) =
            (plan(1 << 62, 1 << 62), plan(1 << 62, 3 << 62), plan(3 << 62, 1 << 62));
        assert_eq!(first.kaslr, KaslrState::Random(SEED));
        assert_ne!(first.image.virt, moved_kernel.image.virt);
        assert_eq!(first.linear.offset, moved_kernel.linear.offset);
        assert_ne!(first.linear.offset, moved_map.linear.offset);
        assert_eq!(first.image.virt, moved_map.image.virt);
    }
}
