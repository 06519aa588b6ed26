//! Refusals, against a judgment of the model.

use std::ops::Range as Bytes;

use landfall_paging::{Mode, PhysAddr, PhysRange};
use landfall_plan::policy::PhysicalPlacement;
use landfall_plan::refusal::{MissingFeature, Part};
use landfall_plan::{Draws, Plan, Policy, Refusal, Rule};
use proptest::prelude::*;

use crate::drawn::machines;
use crate::draws;
use crate::machine::{Machine, SEED, bytes, is_in, overlap, range};

/// Returns true if all of `inner` lies in `ranges`, piece by piece.
fn covers(machine: &Machine, ranges: &[Bytes<u64>], inner: &Bytes<u64>) -> bool {
    let mut pieces = machine.pieces(&machine.reach());
    pieces.retain(|piece| overlap(piece, inner));
    pieces.iter().all(|piece| is_in(ranges, piece))
}

/// Rules 8 to 10, and 13 where the image lies beyond the reach.
fn judge(machine: &Machine) -> Option<u32> {
    let image = machine.image_bytes();
    let taken = || machine.no_map.iter().chain(&machine.reserved).chain(&machine.initrd);
    if machine.ram.is_empty() {
        Some(8)
    } else if !covers(machine, &machine.ram, &image) {
        Some(9)
    } else if taken().any(|other| overlap(other, &image)) {
        Some(10)
    } else if image.end > machine.reach().end {
        Some(13)
    } else {
        None
    }
}

/// The free memory before the landing, piece by piece, in maximal runs.
fn largest_free(machine: &Machine) -> u64 {
    let taken: Vec<Bytes<u64>> = [&machine.tree]
        .into_iter()
        .chain(&machine.initrd)
        .map(|other| other.start / 4096 * 4096..other.end.div_ceil(4096) * 4096)
        .chain(machine.reserved.iter().cloned())
        // A pointer to page 0 is null.
        .chain([machine.image_bytes(), 0..4096])
        .collect();
    let mut cuts: Vec<u64> =
        machine.pieces(&machine.reach()).iter().chain(&taken).flat_map(|it| [it.start, it.end]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let (mut run, mut largest) = (0, 0);
    for pair in cuts.windows(2) {
        let piece = pair[0]..pair[1];
        let free = machine.must_map(&piece, &machine.reach()) && !is_in(&taken, &piece);
        run = if free { run + (piece.end - piece.start) } else { 0 };
        largest = largest.max(run);
    }
    largest
}

fn rule(machine: &Machine) -> Option<u32> {
    machine.plan().err().map(|refusal| refusal.rule().number())
}

proptest! {
    #![proptest_config(draws(2048))]

    #[test]
    fn a_machine_is_refused_exactly_where_the_model_says(machine in machines()) {
        let refusal = machine.plan().err();
        match (judge(&machine), refusal) {
            (Some(expected), found) => prop_assert_eq!(found.map(|found| found.rule().number()), Some(expected)),
            (None, None) => {}
            (None, Some(Refusal::TooLittleMemory { wanted, largest })) => {
                prop_assert_eq!(largest, largest_free(&machine));
                prop_assert!(wanted > largest);
            }
            (None, Some(Refusal::OutOfReach { .. })) => {
                // All RAM so high that no offset of 20 bits leads there: beyond 2^48 at the least,
                // and only in sv39.
                prop_assert!(machine.mode == Mode::Sv39 && machine.reach().start >= 1 << 48);
            }
            (None, Some(other)) => prop_assert!(false, "nothing in the model says {other}"),
        }
    }
}

#[test]
fn rule_8_no_memory() {
    let machine = Machine { ram: vec![], ..Machine::plain(Mode::Sv39) };
    assert_eq!(machine.plan().err(), Some(Refusal::NoMemory));
}

#[test]
fn rule_9_an_image_that_leaves_its_ram() {
    let mut machine = Machine::plain(Mode::Sv48);
    let image = machine.image_bytes();
    machine.ram = vec![0x8000_0000..image.end - 4096];
    let ram = Some(range(&machine.ram[0]));
    assert_eq!(machine.plan().err(), Some(Refusal::ImageOutsideRam { image: range(&image), ram }));
    machine.ram = vec![0x8000_0000..image.start];
    assert_eq!(machine.plan().err(), Some(Refusal::ImageOutsideRam { image: range(&image), ram: None }));
    machine.ram = vec![0x8000_0000..image.start + 4096, image.start + 4096..0x8800_0000];
    assert_eq!(rule(&machine), None, "nodes that touch are one");
}

#[test]
fn rule_10_an_image_over_what_is_reserved() {
    let plain = Machine::plain(Mode::Sv57);
    let image = plain.image_bytes();
    let common = image.end - 4096..image.end;
    let hole = common.start..common.end + 4096;
    let refusal = Refusal::ImageOverReserved { image: range(&image), common: range(&common) };
    let no_map = Machine { no_map: vec![hole.clone()], ..plain.clone() };
    let reserved = Machine { reserved: vec![hole.clone()], ..plain.clone() };
    let initrd = Machine { initrd: Some(hole), ..plain };
    for machine in [no_map, reserved, initrd] {
        assert_eq!(machine.plan().err(), Some(refusal));
    }
}

#[test]
fn rule_13_an_image_beyond_the_reach_is_told_what_the_reach_is() {
    for mode in Mode::BEST_FIRST {
        let mut machine = Machine::plain(mode);
        // The lowest RAM counts, mapped or not.
        machine.ram = vec![0x1000_0000..0x1010_0000];
        machine.no_map = vec![0x1000_0000..0x1008_0000];
        let reach = machine.reach();
        let beyond = reach.end..reach.end + 0x800_0000;
        machine.ram.push(beyond.clone());
        machine.image.base = PhysAddr::new(beyond.start + 0x3000);
        let refusal = Refusal::OutOfReach { mode, image: machine.image.all(), reach: range(&reach) };
        assert_eq!(machine.plan().err(), Some(refusal), "{mode}");
    }
}

#[test]
fn rule_13_ram_too_high_for_the_conversions() {
    let mut machine = Machine::plain(Mode::Sv39);
    let high = 1 << 50;
    machine.ram = vec![high..high + (1 << 30)];
    machine.image.base = PhysAddr::new(high);
    assert_eq!(rule(&machine), Some(13));
    machine.draws = Some(Draws { linear_map: 1 << 63, ..Draws::lowest(SEED) });
    assert_eq!(rule(&machine), Some(13), "whatever is drawn");
}

#[test]
fn ram_beyond_56_bits_is_unreached_and_no_fault_of_landfall() {
    let mut machine = Machine::plain(Mode::Sv57);
    let start = (1 << 56) - (1 << 30);
    machine.ram = vec![start..(1 << 56) + (1 << 30)];
    machine.image.base = PhysAddr::new(start);
    machine.tree = start + 0x100_0000..start + 0x100_1000;
    let plan = machine.plan().expect("the lower half of it is usable");
    let beyond: Vec<_> = plan.linear.unreached(&machine.facts()).map(bytes).collect();
    assert_eq!(beyond, [1 << 56..(1 << 56) + (1 << 30)]);

    machine.image.base = PhysAddr::new(1 << 56);
    assert_eq!(rule(&machine), Some(13), "an image there is out of reach");
    machine.ram = vec![1 << 57..(1 << 57) + (1 << 30)];
    machine.image.base = PhysAddr::new(1 << 57);
    assert_eq!(rule(&machine), Some(13), "and so is one in RAM that is all there");
}

#[test]
fn rule_14_too_little_memory_names_the_largest_place() {
    let mut machine = Machine::plain(Mode::Sv39);
    let image = machine.image_bytes();
    machine.ram = vec![image.start - 0x3000..image.end + 0x2000];
    let refusal = machine.plan().err();
    let Some(Refusal::TooLittleMemory { wanted, largest }) = refusal else {
        panic!("{refusal:?}");
    };
    assert_eq!(largest, 0x3000);
    assert!(wanted > machine.mode_policy.stack_size, "{wanted:#x}");
}

#[test]
fn memory_that_is_just_enough_is_enough() {
    let whole = Machine::plain(Mode::Sv39);
    let image = whole.image_bytes();
    let with_pages = |pages: u64| Machine {
        ram: vec![image.start - pages * 4096..image.end],
        tree: 0x1000..0x2000,
        ..whole.clone()
    };
    let least = (1..64).map(with_pages).find(|machine| machine.plan().is_ok());
    let smallest = least.expect("63 pages are enough for 16 of stacks");
    let plan = smallest.plan().expect("it lands");
    assert_eq!(bytes(plan.block), smallest.ram[0].start..image.start, "the block fills all there is");
}

#[test]
fn holes_may_cut_ram_into_more_stretches_than_a_set_holds() {
    let mut machine = Machine::plain(Mode::Sv39);
    machine.ram = (0..40_u64).map(|n| 0x8000_0000 + n * 0x1000_0000..0x8800_0000 + n * 0x1000_0000).collect();
    machine.no_map =
        (0..40_u64).map(|n| 0x8100_0000 + n * 0x1000_0000..0x8100_1000 + n * 0x1000_0000).collect();
    let plan = machine.plan().expect("stretches are walked, not collected");
    assert_eq!(plan.linear.mapped(&machine.facts()).count(), 80);
}

#[test]
fn every_refusal_says_its_numbers() {
    let image = PhysRange::new(PhysAddr::new(0x8020_0000), 0x4000);
    let text = Refusal::ImageOutsideRam { image, ram: None }.to_string();
    assert!(text.contains("0x80200000..0x80204000"), "{text}");
    let text = Refusal::TooLittleMemory { wanted: 0x5000, largest: 0x3000 }.to_string();
    assert!(text.contains("0x5000") && text.contains("0x3000"), "{text}");
    for (part, words) in [(Part::Image, "in the image itself"), (Part::Tables, "for the page tables")] {
        let refusal = Refusal::NotMemory { part, at: PhysAddr::new(0x2000_0000) };
        let text = refusal.to_string();
        assert!(
            refusal.rule().number() == 26 && text.contains("0x20000000") && text.contains(words),
            "{text}"
        );
    }
}

#[test]
fn page_0_is_not_taken_for_tables() {
    let mut machine = Machine::plain(Mode::Sv39);
    machine.ram = vec![0..0x9000_0000];
    assert_eq!(machine.plan().expect("it lands").block.start(), PhysAddr::new(4096));
}

#[test]
fn rule_27_a_kernel_that_cannot_be_moved_refuses_a_policy_that_moves_it() {
    let machine = Machine::plain(Mode::Sv48);
    let facts = machine.facts();
    for physical in [PhysicalPlacement::Pack, PhysicalPlacement::Random] {
        let policy = Policy::new().with_physical_placement(physical);
        let refusal = Plan::in_place(&facts, &policy, Mode::Sv48, None).expect_err("it cannot be moved");
        let text = refusal.to_string();
        assert_eq!(refusal, Refusal::CompiledOut(MissingFeature::Relocate));
        assert!(refusal.rule() == Rule::CompiledOut && text.contains("`relocate`"), "{text}");
    }
}

#[test]
fn each_part_that_is_missing_has_a_fact_and_the_name_of_its_feature() {
    for (feature, fact) in [
        (MissingFeature::Relocate, "the policy moves the image"),
        (MissingFeature::Acpi, "ACPI's tables alone"),
        (MissingFeature::Efi, "another kernel hands on EFI firmware"),
    ] {
        let refusal = Refusal::CompiledOut(feature);
        let text = refusal.to_string();
        assert!(text.contains(fact) && text.contains(&format!("`{}`", feature.name())), "{text}");
    }
}

#[test]
fn a_kernel_that_stays_has_the_same_plan_whether_it_could_be_moved_or_not() {
    for mode in Mode::BEST_FIRST {
        let facts = Machine::plain(mode).facts();
        let (policy, draws) = (Policy::new(), None);
        let plan = Plan::new(&facts, &policy, mode, draws);
        assert!(plan.is_ok() && plan == Plan::in_place(&facts, &policy, mode, draws), "{mode}");
    }
}
