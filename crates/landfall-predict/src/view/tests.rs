use landfall_image::feature::{Feature, Features};
use landfall_paging::{LeafSize, Mode, PhysRange, VirtRange};
use landfall_plan::harts::{Extensions, Hart, Mmu};
use landfall_plan::memory::PhysRangeSet;
use landfall_plan::policy::{Alias, Modes, PhysicalPlacement};
use landfall_plan::{Facts, Policy, Rule};
use proptest::prelude::*;

use super::*;
use crate::blueprint::tests::blueprint;
use crate::case::{Case, Outcome, Taken};
use crate::leaves::runs;
use crate::notes::Note;
use crate::seeds::RawSeeds;
use crate::space::Split;

const FIRMWARE: (u64, u64) = (0x8000_0000, 0x6_0000);

fn set(ranges: &[(u64, u64)]) -> PhysRangeSet {
    let mut set = PhysRangeSet::EMPTY;
    for (start, size) in ranges {
        set.insert(PhysRange::new(PhysAddr::new(*start), *size)).expect("few ranges");
    }
    set
}

fn predict(ram: &[(u64, u64)], no_map: &[(u64, u64)], policy: &Policy, mode: Mode) -> Option<Prediction> {
    let kernel = blueprint(policy);
    let mut facts = Facts::UNKNOWN;
    facts.ram = set(ram);
    facts.no_map = set(no_map);
    facts.loaded = PhysAddr::new(0x8020_0000);
    facts.image = kernel.at(facts.loaded).parts;
    facts.tree = PhysRange::new(PhysAddr::new(0x8800_0000), 0x2000);
    facts.harts.push(Hart { id: 0, mmu: Mmu::Upto(mode), extensions: Extensions::NONE });
    let seeds = RawSeeds { kaslr: Some(vec![1; 8]), ..RawSeeds::default() };
    let (policy, missing, seal, slots) = (kernel.policy, kernel.missing, kernel.seal, kernel.slots);
    let (modes, notes) = (Taken::AsPromised, Vec::new());
    let case = Case { facts, policy, missing, seal, slots, modes, seeds, notes, inner: None };
    match case.predict() {
        Outcome::Lands(prediction) => Some(*prediction),
        Outcome::Refuses(_) => None,
    }
}

/// Returns a case of a machine with one hart and 1 GiB of RAM, whose firmware hands out another
/// seed each time.
fn case_with_fresh_seed(policy: &Policy) -> Case {
    let kernel = blueprint(policy);
    let mut facts = Facts::UNKNOWN;
    facts.ram = set(&[(0x8000_0000, 1 << 30)]);
    facts.no_map = set(&[FIRMWARE]);
    facts.loaded = PhysAddr::new(0x8020_0000);
    facts.image = kernel.at(facts.loaded).parts;
    facts.tree = PhysRange::new(PhysAddr::new(0x8800_0000), 0x2000);
    facts.harts.push(Hart { id: 0, mmu: Mmu::Upto(Mode::Sv39), extensions: Extensions::NONE });
    let (policy, missing, seal, slots) = (kernel.policy, kernel.missing, kernel.seal, kernel.slots);
    let seeds = RawSeeds { kaslr: Some(vec![1; 8]), ..RawSeeds::default() };
    let (modes, notes) = (Taken::AsPromised, vec![Note::FreshSeed]);
    Case { facts, policy, missing, seal, slots, modes, seeds, notes, inner: None }
}

#[test]
fn a_move_that_is_compiled_out_is_refused_by_its_rule_and_by_name() {
    let predict = |physical, missing| {
        let mut case = case_with_fresh_seed(&Policy::new().with_physical_placement(physical));
        case.missing = missing;
        case.predict()
    };
    let without = Features::NONE.with(Feature::Relocate);
    for physical in [PhysicalPlacement::Pack, PhysicalPlacement::Random] {
        match predict(physical, without) {
            Outcome::Refuses(refused) => {
                assert_eq!(refused.rule, Rule::CompiledOut);
                assert!(refused.message.contains("`relocate`"), "{}", refused.message);
            }
            Outcome::Lands(_) => panic!("{physical:?} was planned without the code for it"),
        }
        assert!(matches!(predict(physical, Features::NONE), Outcome::Lands(_)));
    }
    assert!(matches!(predict(PhysicalPlacement::Stay, without), Outcome::Lands(_)));
}

#[test]
fn only_a_random_layout_is_said_to_differ_at_the_next_boot() {
    let notes_it = |case: Case| match case.predict() {
        Outcome::Lands(prediction) => prediction.notes.contains(&Note::FreshSeed),
        Outcome::Refuses(refused) => panic!("{refused}"),
    };
    let random = case_with_fresh_seed(&Policy::new());
    let mut by_command_line = random.clone();
    by_command_line.facts.options.nokaslr = true;
    let without_seed = Case { seeds: RawSeeds::default(), ..random.clone() };
    assert!(notes_it(random));
    assert!(!notes_it(by_command_line), "nokaslr");
    assert!(!notes_it(without_seed), "no seed");
    assert!(
        !notes_it(case_with_fresh_seed(&Policy::new().with_kaslr(landfall_plan::policy::Kaslr::Disabled))),
        "the policy"
    );
}

fn splits(prediction: &Prediction) -> Vec<Split> {
    let space = address_space(prediction);
    space.regions.into_iter().flat_map(|region| region.splits).collect()
}

/// Regions follow each other without gaps, parts lie in them, and the leaves add up.
fn check(prediction: &Prediction) {
    let space = address_space(prediction);
    let plan = &prediction.plan;
    let mut at = plan.mode.upper_half().get();
    let mut leaves = 0;
    for region in &space.regions {
        assert_eq!(region.start, at, "{:?}", region.kind);
        assert_ne!(region.size, 0, "{:?}", region.kind);
        at = at.wrapping_add(region.size);
        let mut inside = region.start;
        for part in &region.parts {
            assert_eq!(part.start, inside, "{:?} in {:?}", part.content, region.kind);
            inside = inside.wrapping_add(part.size);
            if let Content::Mapped { leaves: count, .. } = &part.content {
                leaves += count.total();
            }
        }
        assert!(region.parts.is_empty() || inside == at, "{:?}", region.kind);
    }
    assert_eq!(at, 0, "the last region ends with the address space");
    assert_eq!(leaves, plan.linear_leaves.total() + plan.kernel_leaves.total());
    check_runs(prediction);
    check_splits(prediction);
}

fn check_runs(prediction: &Prediction) {
    let plan = &prediction.plan;
    let mut count = LeafCount::NONE;
    for mapping in plan.mappings(&prediction.facts) {
        let mut end = mapping.virt;
        for run in runs(plan.mode, plan.format, mapping) {
            assert_eq!(run.mapping.virt, end);
            end = end.wrapping_add(run.mapping.size);
            count[run.leaf] += u32::try_from(run.mapping.size / run.leaf.bytes()).expect("few leaves");
        }
        assert_eq!(end, mapping.virt.wrapping_add(mapping.size));
    }
    for size in LeafSize::ALL {
        assert_eq!(count[size], plan.linear_leaves[size] + plan.kernel_leaves[size], "{size}");
    }
}

/// A leaf that is smaller than it could be lies in a split of every larger size, and each split has
/// a cause.
fn check_splits(prediction: &Prediction) {
    let plan = &prediction.plan;
    let splits = splits(prediction);
    assert!(splits.iter().all(|split| !split.causes.is_empty()), "{splits:?}");
    for mapping in plan.linear.mappings(&prediction.facts) {
        for run in runs(plan.mode, plan.format, mapping) {
            let larger = LeafSize::BY_LEVEL
                .into_iter()
                .filter(|size| size.level() < plan.mode.levels() && size.level() > run.leaf.level());
            for size in larger {
                let holds = |at: u64| {
                    let inside =
                        |split: &&Split| split.leaf == size && at.wrapping_sub(split.start) < size.bytes();
                    splits.iter().any(|split| inside(&split))
                };
                let last = run.mapping.virt.get() + run.mapping.size - 1;
                assert!(holds(run.mapping.virt.get()) && holds(last), "{run:?} and {size}: {splits:#?}");
            }
        }
    }
}

#[test]
fn a_gigabyte_of_a_virt_machine() {
    let prediction =
        predict(&[(0x8000_0000, 1 << 30)], &[FIRMWARE], &Policy::new(), Mode::Sv39).expect("it lands");
    check(&prediction);
    let splits = splits(&prediction);
    let found: Vec<_> = splits.iter().map(|split| (split.leaf, split.physical, split.causes.len())).collect();
    assert_eq!(
        found,
        [(LeafSize::G1, 0x8000_0000, 2), (LeafSize::M2, 0x8000_0000, 1), (LeafSize::M2, 0x8020_0000, 1)]
    );
    assert_eq!(splits[0].causes[0], "no-map memory at 0x80000000..0x80060000");
    assert_eq!(
        splits[0].causes[1],
        "the kernel's text and constants are read-only at 0x80200000..0x80210000"
    );
}

#[test]
fn a_gap_of_two_guards_is_one_guard_and_a_larger_one_has_unused_addresses() {
    let window = |start: u64| VirtRange::new(VirtAddr::new(0xffff_ffd0_0000_0000 + start), 1 << 20);
    let policy = Policy::new()
        .with_window(Modes::All, window(0))
        .with_window(Modes::All, window(5 << 20))
        .with_window(Modes::All, window(11 << 20));
    let prediction = predict(&[(0x8000_0000, 1 << 30)], &[], &policy, Mode::Sv39).expect("it lands");
    check(&prediction);
    let regions = address_space(&prediction).regions;
    let first = regions.iter().position(|region| region.kind == Kind::Window).expect("a window");
    let between: Vec<_> =
        regions[first + 1..].iter().map(|region| (region.kind, region.size >> 20)).take(5).collect();
    let (guard, window) = ((Kind::Guard, 2), (Kind::Window, 1));
    assert_eq!(between, [(Kind::Guard, 4), window, guard, (Kind::Unused, 1), guard]);
}

#[test]
fn packing_leaves_the_other_gigabytes_whole() {
    let ram = [(0x8000_0000, 4 << 30)];
    let policy = Policy::new().with_physical_placement(PhysicalPlacement::Pack).with_alias(Alias::Absent);
    let prediction = predict(&ram, &[FIRMWARE], &policy, Mode::Sv39).expect("it lands");
    check(&prediction);
    assert_eq!(splits(&prediction).iter().filter(|split| split.leaf == LeafSize::G1).count(), 1);
}

#[test]
fn crash_memory_is_named_beside_other_memory_that_is_not_mapped() {
    let (ram, no_map) = ([(0x8000_0000, 1 << 30)], [FIRMWARE, (0xbc00_0000, 0x400_0000)]);
    let policy = Policy::new().with_crash_memory(64 << 20);
    let prediction = predict(&ram, &no_map, &policy, Mode::Sv39).expect("it lands");
    check(&prediction);
    assert_eq!(prediction.facts.crash, PhysRange::new(PhysAddr::new(0xb800_0000), 64 << 20));
    let causes: Vec<String> = splits(&prediction).into_iter().flat_map(|split| split.causes).collect();
    for cause in ["crash memory at 0xb8000000..0xbc000000", "no-map memory at 0xbc000000..0xc0000000"] {
        assert!(causes.iter().any(|found| found == cause), "{cause}: {causes:?}");
    }
    let text = crate::text::text(&prediction, &address_space(&prediction));
    assert!(text.contains("  crash       64 MiB at 0xb8000000, neither mapped nor free"), "{text}");
    let json = crate::json::object(&prediction, &address_space(&prediction));
    assert_eq!(json["crash_memory"]["physical"], "0xb8000000");
    assert_eq!(json["crash_memory"]["size"], 64 << 20);
    let without = predict(&ram, &no_map, &Policy::new(), Mode::Sv39).expect("it lands");
    assert!(crate::json::object(&without, &address_space(&without))["crash_memory"].is_null());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn every_address_space_is_whole(
        ram in prop::collection::vec((0..1_u64 << 26, 1..1_u64 << 22), 0..5),
        no_map in prop::collection::vec((0x8_0300..1_u64 << 24, 1..1_u64 << 12), 0..5),
        mode in prop::sample::select(Mode::BEST_FIRST.to_vec()),
        physical in prop::sample::select(vec![PhysicalPlacement::Stay, PhysicalPlacement::Pack, PhysicalPlacement::Random]),
        alias in prop::sample::select(vec![Alias::ReadOnly, Alias::Absent]),
        inside in any::<bool>(),
        crash in prop_oneof![Just(0), 1..32_u64 << 20],
    ) {
        let pages = |ranges: Vec<(u64, u64)>| ranges.into_iter().map(|(at, size)| (at << 12, size << 12)).collect::<Vec<_>>();
        let mut ram = pages(ram);
        ram.push((0x8000_0000, 64 << 20));
        let mut policy = Policy::new().with_physical_placement(physical).with_alias(alias).with_crash_memory(crash);
        if inside {
            policy = policy.with_placement(Placement::LinearMap);
        }
        if let Some(prediction) = predict(&ram, &pages(no_map), &policy, mode) {
            check(&prediction);
        }
    }
}
