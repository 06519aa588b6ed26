//! Facts that no machine states: whatever they are, there is a plan or a refusal, and never a
//! panic.

use landfall_paging::{Mode, PhysAddr, PhysRange};
use landfall_plan::facts::{ImageFacts, MemoryTypes, PlacedImage};
use landfall_plan::harts::{Extension, Hart, Harts, Mmu};
use landfall_plan::memory::PhysRangeSet;
use landfall_plan::{Facts, Plan};
use proptest::prelude::*;

use crate::drawn::any_draws;
use crate::draws;
use crate::mode_policy::{ModePolicy, mode_policies};

/// Near 0, near a power of two, near 2^64, or anywhere.
fn number() -> impl Strategy<Value = u64> {
    let near = (0..64_u32, -3..=3_i64)
        .prop_map(|(bit, pages)| (1_u64 << bit).wrapping_add((pages * 4096).cast_unsigned()));
    let number = prop_oneof![
        1 => Just(0),
        2 => (0..16_u64).prop_map(|pages| pages * 4096),
        4 => near,
        1 => (0..16_u64).prop_map(|pages| (pages * 4096).wrapping_neg()),
        2 => any::<u64>(),
        1 => Just(u64::MAX),
    ];
    (number, prop_oneof![8 => Just(4096_u64), 1 => Just(1)])
        .prop_map(|(number, grain)| number / grain * grain)
}

fn any_range() -> impl Strategy<Value = PhysRange> {
    (number(), number()).prop_map(|(start, size)| PhysRange::new(PhysAddr::new(start), size))
}

/// The whole pages of any ranges.
fn set(most: usize) -> impl Strategy<Value = PhysRangeSet> {
    prop::collection::vec(any_range(), 0..most).prop_map(|ranges| {
        let mut set = PhysRangeSet::EMPTY;
        for range in ranges {
            set.insert(range.pages_within()).expect("few ranges");
        }
        set
    })
}

/// A size: mostly one that an image can have.
fn part() -> impl Strategy<Value = u64> {
    prop_oneof![4 => (0..1024_u64).prop_map(|pages| pages * 4096), 1 => number()]
}

fn image() -> impl Strategy<Value = PlacedImage> {
    (number(), part(), part(), part(), part()).prop_map(|(base, text, constants, early, data)| {
        ImageFacts {
            text: text / 4096 * 4096,
            constants: constants / 4096 * 4096,
            early: early / 4096 * 4096,
            data: data / 4096 * 4096,
        }
        .at(PhysAddr::new(base / 4096 * 4096))
    })
}

fn facts() -> impl Strategy<Value = Facts> {
    let harts = (0..=128_u64, any::<bool>());
    let kinds = prop::sample::select(vec![MemoryTypes::Standard, MemoryTypes::Thead]);
    let sets = (set(8), set(4), set(4), any::<bool>());
    (sets, image(), any_range(), prop::option::of(any_range()), harts, kinds).prop_map(
        |((mut ram, no_map, reserved, image_in_ram), image, tree, initrd, (count, napot), memory_types)| {
            let extensions = napot.then_some(Extension::Svnapot).into_iter().collect();
            let mut harts = Harts::EMPTY;
            (0..count).for_each(|id| harts.push(Hart { id, mmu: Mmu::Upto(Mode::Sv57), extensions }));
            if image_in_ram {
                let room = PhysRange::new(PhysAddr::new(image.base.get().saturating_sub(64 << 20)), 1 << 30);
                ram.insert(room.pages_within()).expect("few ranges");
            }
            let mut facts = Facts::UNKNOWN;
            (facts.ram, facts.no_map, facts.reserved) = (ram, no_map, reserved);
            (facts.image, facts.loaded) = (image.parts, image.base);
            (facts.tree, facts.initrd) = (tree, initrd);
            (facts.harts, facts.memory_types) = (harts, memory_types);
            facts
        },
    )
}

/// Policies of any kind, and also some that a record could not have.
fn any_mode_policy(mode: Mode) -> impl Strategy<Value = ModePolicy> {
    (mode_policies(mode, 0), number(), number(), any::<u8>()).prop_map(
        |(mode_policy, dynamic, harts, which)| ModePolicy {
            dynamic_size: if which & 1 == 0 { mode_policy.dynamic_size } else { dynamic },
            max_harts: harts.max(1),
            ..mode_policy
        },
    )
}

proptest! {
    #![proptest_config(draws(8192))]

    #[test]
    fn any_facts_have_a_plan_or_a_refusal(
        facts in facts(),
        (mode, mode_policy) in prop::sample::select(&Mode::BEST_FIRST[..]).prop_flat_map(|mode| (Just(mode), any_mode_policy(mode))),
        draws in any_draws(),
    ) {
        match Plan::new(&facts, &mode_policy.policy(mode), mode, Some(&draws)) {
            Ok(plan) => {
                prop_assert!(plan.table_pages >= 2);
                prop_assert!(plan.mappings(&facts).all(|mapping| mapping.size != 0));
                prop_assert!(plan.free_memory(&facts).all(|free| !free.is_empty()));
                prop_assert!(plan.linear.unreached(&facts).all(|range| !range.is_empty()));
            }
            Err(refusal) => {
                prop_assert!((8..=14).contains(&refusal.rule().number()) || refusal.rule().number() == 19, "{refusal}");
            }
        }
    }
}

#[test]
fn an_image_whose_sizes_overflow_is_in_no_ram() {
    let huge = !0xfff;
    let image = ImageFacts { text: huge, constants: huge, early: huge, data: huge }.at(PhysAddr::new(0));
    let mut facts = Facts::UNKNOWN;
    (facts.image, facts.loaded) = (image.parts, image.base);
    facts.ram.insert(PhysRange::new(PhysAddr::new(0), u64::MAX).pages_within()).expect("one range");
    for mode in Mode::BEST_FIRST {
        let refusal =
            Plan::new(&facts, &landfall_plan::Policy::new(), mode, None).expect_err("it is too large");
        assert_eq!(refusal.rule().number(), 9);
    }
}
