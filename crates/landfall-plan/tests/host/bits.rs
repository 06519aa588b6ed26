//! The randomness of places.

use landfall_paging::{LeafSize, Mode, PhysAddr};
use landfall_plan::Draws;
use landfall_plan::facts::ImageFacts;
use landfall_plan::policy::{PhysicalPlacement, Placement};
use landfall_plan::randomness::{PlaceCount, Seed};
use proptest::prelude::*;
use zeroize::Zeroize;

use crate::drawn::{any_draws, landing_machines};
use crate::draws;
use crate::machine::{Machine, SEED};

const MIB: u64 = 1 << 20;

fn with_draws(machine: &Machine, linear_map: u64, kernel: u64) -> Machine {
    Machine { draws: Some(Draws { linear_map, kernel, ..Draws::lowest(SEED) }), ..machine.clone() }
}

#[test]
fn a_kernel_of_16_mib_has_the_promised_bits_at_every_size_of_ram() {
    for (mode, bits, sizes) in
        [(Mode::Sv39, 15, 26..=38), (Mode::Sv48, 24, 26..=47), (Mode::Sv57, 33, 26..=55)]
    {
        for size in sizes {
            let mut machine = Machine::plain(mode);
            machine.ram = vec![0x8000_0000..0x8000_0000 + (1 << size)];
            machine.image = ImageFacts { text: 4 * MIB, constants: 4 * MIB, early: MIB, data: 7 * MIB }
                .at(PhysAddr::new(0x8020_0000));
            machine.tree = 0x8300_0000..0x8300_1000;
            let plan = machine.plan().expect("it lands");
            assert!(plan.image.places.bits() >= bits, "{mode}, 2^{size} bytes of RAM");
        }
    }
}

proptest! {
    #![proptest_config(draws(1024))]

    #[test]
    fn whatever_else_is_drawn_near_region_stacks_and_dynamic_region_have_the_promised_bits(
        mode in prop::sample::select(&Mode::BEST_FIRST[..]),
        drawn in any_draws(),
    ) {
        let (stacks, dynamic) = match mode {
            Mode::Sv39 => (15, 14),
            Mode::Sv48 => (24, 24),
            Mode::Sv57 => (33, 33),
        };
        let plan = Machine { draws: Some(drawn), ..Machine::plain(mode) }.plan().expect("it lands");
        prop_assert!(plan.near_bits() >= 9, "near region: {}", plan.near_bits());
        prop_assert!(plan.stacks_bits() >= stacks, "stacks: {}", plan.stacks_bits());
        prop_assert!(plan.dynamic_bits() >= dynamic, "dynamic region: {}", plan.dynamic_bits());
        // 128 MiB of pages, less what is taken.
        prop_assert_eq!(plan.tables_bits(), 14);
    }

    #[test]
    fn places_are_as_many_as_the_plan_says(machine in landing_machines()) {
        let [lowest, highest] = [0, u64::MAX].map(|all| with_draws(&machine, all, all).plan().expect("it lands"));
        let kernel = highest.image.virt.get() - lowest.image.virt.get();
        prop_assert_eq!(kernel, (lowest.image.places.get() - 1) * 2 * MIB);
        let linear = highest.linear.offset.wrapping_sub(lowest.linear.offset);
        let places = lowest.linear.places.get();
        prop_assert_eq!(linear % (places - 1).max(1), 0);
        let grain = linear / (places - 1).max(1);
        let mode = if machine.mode == Mode::Sv39 { 30 } else { 39 };
        prop_assert!(places == 1 || grain == 1 << mode || grain == 1 << 48, "grain {grain:#x}");
    }

    #[test]
    fn a_number_chooses_its_share_of_the_places(places in 1..=u64::MAX, random in any::<u64>()) {
        let chosen = PlaceCount::new(places).choose(random);
        prop_assert!(chosen < places);
        // chosen <= places * random / 2^64 < chosen + 1, in whole numbers.
        let share = u128::from(places) * u128::from(random);
        prop_assert!(u128::from(chosen) << 64 <= share);
        prop_assert!(share < (u128::from(chosen) + 1) << 64);
    }
}

#[test]
fn the_least_and_the_largest_number_choose_the_first_and_the_last_place() {
    for places in [1, 2, 3, 49_151, 1 << 33, u64::MAX] {
        assert_eq!(PlaceCount::new(places).choose(0), 0);
        assert_eq!(PlaceCount::new(places).choose(u64::MAX), places - 1);
    }
    assert_eq!(PlaceCount::new(0).get(), 1, "there is always one place");
}

#[test]
fn evenly_spread_numbers_choose_all_places_alike() {
    for places in 1..=100_u64 {
        let mut hits = vec![0_u64; usize::try_from(places).expect("small")];
        let draws = 1000 * places;
        for draw in 0..draws {
            let random = u64::try_from((u128::from(draw) << 64) / u128::from(draws)).expect("below 2^64");
            hits[usize::try_from(PlaceCount::new(places).choose(random)).expect("small")] += 1;
        }
        assert!(hits.iter().all(|&hits| (999..=1001).contains(&hits)), "{places} places: {hits:?}");
    }
}

#[test]
fn bits_are_the_whole_part_of_the_logarithm() {
    let bits = |places| PlaceCount::new(places).bits();
    assert_eq!([1, 2, 3, 4, 49_151, u64::MAX].map(bits), [0, 1, 1, 2, 15, 63]);
}

#[test]
fn no_number_of_bits_exceeds_those_of_the_seed() {
    let with = |bits| {
        let seed = Seed { bits, ..SEED };
        let machine = Machine { draws: Some(Draws::lowest(seed)), ..Machine::plain(Mode::Sv57) };
        machine.plan().expect("it lands")
    };
    let (full, short) = (with(256), with(8));
    assert!(full.kernel_bits() > 8 && full.linear_map_bits() > 8, "the layout has more than 8 bits");
    assert_eq!((short.kernel_bits(), short.linear_map_bits(), short.physical_bits()), (8, 8, 0));
}

#[test]
fn a_kernel_in_the_linear_map_has_the_bits_of_both_places() {
    let mut machine = with_draws(&Machine::plain(Mode::Sv39), 1 << 63, 1 << 63);
    machine.mode_policy.placement = Placement::LinearMap;
    machine.mode_policy.physical = PhysicalPlacement::Random;
    let plan = machine.plan().expect("it lands");
    let [linear, physical] = [plan.image.places, plan.physical.places].map(|places| u128::from(places.get()));
    assert!(linear > 1 && physical > 1);
    assert_eq!(plan.kernel_bits(), (linear * physical).ilog2());
}

#[test]
fn any_draw_keeps_leaves_of_256_tib_where_one_fits() {
    for draw in [1, 3, 77, u64::MAX >> 57] {
        let mut machine = with_draws(&Machine::plain(Mode::Sv57), draw << 57, 0);
        machine.ram = vec![0x8000_0000..1 << 50];
        let plan = machine.plan().expect("it lands");
        assert_eq!(plan.linear_leaves[LeafSize::T256], 3, "{draw}: {:#x}", plan.linear.offset);
    }
}

#[test]
fn draws_that_were_wiped_are_all_zero() {
    let mut draws = Draws::from_words([u64::MAX; 8], SEED);
    draws.zeroize();
    let Draws { linear_map, kernel, physical, near, dynamic, stacks, tables, spare, .. } = draws.clone();
    assert_eq!([linear_map, kernel, physical, near, dynamic, stacks, tables, spare], [0; 8]);
}
