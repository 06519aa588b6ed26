//! The image's place in physical memory.

use std::collections::BTreeSet;
use std::ops::Range as Bytes;

use landfall_paging::PhysAddr;
use landfall_plan::facts::OtherHarts;
use landfall_plan::plan::{Movement, StayReason};
use landfall_plan::policy::PhysicalPlacement;
use landfall_plan::{Draws, Plan};
use proptest::prelude::*;

use crate::drawn::all_landing_machines;
use crate::draws;
use crate::machine::{Machine, SEED, bytes, overlap, pages_touched};
use crate::small::{free_runs, small_machines};

/// The memory that a copy must not touch.
fn others(machine: &Machine) -> Vec<Bytes<u64>> {
    let others = [&machine.tree].into_iter().chain(&machine.initrd).map(pages_touched);
    machine.no_map.iter().chain(&machine.reserved).cloned().chain(others).collect()
}

proptest! {
    #![proptest_config(draws(2048))]

    #[test]
    fn a_move_overwrites_nothing_that_is_somebodys_and_not_its_own_code(machine in all_landing_machines()) {
        let plan = machine.plan().expect("it lands");
        let Movement::Moves { to, copier } = plan.physical.movement else { return Ok(()) };
        let old = machine.image_bytes();
        let new = to.get()..to.get() + (old.end - old.start);
        let page = copier.get()..copier.get() + 4096;
        prop_assert_eq!((plan.physical.base(), plan.image.phys.base), (to, to));
        prop_assert_eq!(plan.physical.loaded, machine.image.base);
        prop_assert!(old != new && !overlap(&page, &old) && !overlap(&page, &new), "{page:#x?}");
        let free = free_runs(&machine);
        for target in [&new, &page] {
            prop_assert!(free.iter().any(|run| run.start <= target.start && target.end <= run.end), "{target:#x?}");
            prop_assert!(others(&machine).iter().all(|other| !overlap(target, other)));
            prop_assert!(target.end <= bytes(plan.linear.reach).end);
        }
    }

    #[test]
    fn an_image_that_stays_says_why(machine in all_landing_machines()) {
        let plan = machine.plan().expect("it lands");
        let Movement::Stays(reason) = plan.physical.movement else {
            prop_assert!(machine.mode_policy.physical != PhysicalPlacement::Stay);
            prop_assert_eq!(machine.other_harts, OtherHarts::WithFirmware);
            prop_assert!(machine.mode_policy.physical == PhysicalPlacement::Pack || machine.draws.is_some());
            return Ok(());
        };
        prop_assert_eq!(plan.image.phys.base, machine.image.base);
        let expected = match machine.mode_policy.physical {
            PhysicalPlacement::Stay => Some(StayReason::NotWanted),
            _ if machine.other_harts == OtherHarts::InImage => Some(StayReason::HartsInImage),
            PhysicalPlacement::Random if machine.draws.is_none() => Some(StayReason::NotRandom),
            _ => None,
        };
        let scarce = [StayReason::NoPageForCopier, StayReason::NoMemoryBeside];
        match (expected, machine.mode_policy.physical) {
            (Some(expected), _) => prop_assert_eq!(reason, expected),
            (None, PhysicalPlacement::Pack) => prop_assert!(reason == StayReason::NothingBetter || scarce.contains(&reason)),
            (None, _) => prop_assert!([StayReason::NoPlace, StayReason::DrawnAgain].contains(&reason) || scarce.contains(&reason)),
        }
    }

    #[test]
    fn the_place_that_an_image_has_left_is_free(machine in all_landing_machines()) {
        let (facts, plan) = (machine.facts(), machine.plan().expect("it lands"));
        let old = machine.image_bytes();
        let new = machine.moved(&plan).image;
        let taken = [plan.block, new.read_only(), new.data()].map(bytes);
        let taken: Vec<Bytes<u64>> = taken.into_iter().chain(others(&machine)).collect();
        let free: Vec<Bytes<u64>> = plan.free_memory(&facts).map(bytes).collect();
        if plan.image.phys.base != machine.image.base {
            for page in old.step_by(4096).map(|page| page..page + 4096).take(64) {
                let in_reach = page.end <= bytes(plan.linear.reach).end;
                let is_taken = taken.iter().any(|other| overlap(&page, other));
                prop_assert_eq!(free.iter().any(|free| overlap(free, &page)), in_reach && !is_taken, "{:#x?}", page);
            }
        }
    }
}

proptest! {
    #![proptest_config(draws(96))]

    #[test]
    fn all_draws_together_choose_each_page_of_free_memory_and_no_other(mut machine in small_machines()) {
        machine.mode_policy.physical = PhysicalPlacement::Random;
        let drawn = |physical: u64| -> Option<Plan> {
            let draws = Some(Draws { physical, ..Draws::lowest(SEED) });
            Machine { draws, ..machine.clone() }.plan().ok()
        };
        let size = machine.image.size();
        let expected: Vec<u64> = free_runs(&machine)
            .into_iter()
            .filter(|run| run.end - run.start >= size)
            .flat_map(|run| (run.start..=run.end - size).step_by(4096))
            .collect();
        let count = expected.len() as u64;
        let mut found = BTreeSet::new();
        for (index, &place) in (0_u64..).zip(&expected).filter(|(index, _)| index % 7 == 0 || index % 512 < 2) {
            let share = ((u128::from(index) << 64) + (1 << 63)) / u128::from(count);
            let plan = drawn(u64::try_from(share).expect("a share")).expect("it lands");
            match plan.physical.movement {
                Movement::Moves { to, .. } => {
                    prop_assert_eq!((to.get(), plan.physical.places.get()), (place, count));
                    prop_assert!(found.insert(to), "{to} twice");
                }
                Movement::Stays(StayReason::DrawnAgain) => prop_assert_eq!(machine.image.base.get(), place),
                Movement::Stays(StayReason::NoPageForCopier | StayReason::NoMemoryBeside) => {}
                Movement::Stays(reason) => prop_assert!(false, "{reason}"),
            }
        }
    }
}

#[test]
fn a_target_may_overlap_the_old_place() {
    let mut machine = Machine::plain(landfall_paging::Mode::Sv39);
    machine.mode_policy.physical = PhysicalPlacement::Random;
    let (mut overlaps, mut apart) = (0, 0);
    for draw in 0..0x8000_u64 {
        machine.draws = Some(Draws { physical: draw << 49, ..Draws::lowest(SEED) });
        let plan = machine.plan().expect("it lands");
        if overlap(&machine.image_bytes(), &machine.moved(&plan).image_bytes()) {
            overlaps += 1;
        } else {
            apart += 1;
        }
    }
    assert!(overlaps > 10 && apart > 30_000, "{overlaps} overlap, {apart} do not");
}

#[test]
fn an_image_whose_place_is_drawn_again_is_not_copied() {
    let mut machine = Machine::plain(landfall_paging::Mode::Sv39);
    machine.image.base = PhysAddr::new(0x8000_0000);
    machine.mode_policy.physical = PhysicalPlacement::Random;
    machine.draws = Some(Draws::lowest(SEED));
    let plan = machine.plan().expect("it lands");
    assert_eq!(plan.physical.movement, Movement::Stays(StayReason::DrawnAgain));
}
