//! Packing against a search over all places.

use landfall_paging::{Mode, PhysAddr};
use landfall_plan::{Facts, Hart, ImageFacts, Mmu, Physical, Placement, Plan, Policy, Range, Svnapot};
use proptest::prelude::*;

use crate::draws;

const RAM: u64 = 0x8000_0000;

fn machine(pages: u64, firmware: u64, image: ImageFacts, svnapot: Svnapot) -> Facts {
    let mut facts =
        Facts { image, tree: Range::new(PhysAddr::new(RAM + (pages << 12)), 0), ..Facts::UNKNOWN };
    facts.ram.insert(Range::new(PhysAddr::new(RAM), pages << 12)).expect("one range");
    facts.no_map.insert(Range::new(PhysAddr::new(RAM), firmware << 12)).expect("one range");
    facts.harts.push(Hart { id: 0, mmu: Mmu::Upto(Mode::Sv39), svnapot });
    facts
}

fn leaves(facts: &Facts, policy: &Policy) -> Option<u32> {
    let plan = Plan::new(facts, policy, Mode::Sv39, None).ok()?;
    Some(plan.linear_leaves.total() + plan.kernel_leaves.total())
}

proptest! {
    #![proptest_config(draws(96))]

    #[test]
    fn no_place_needs_fewer_leaves_than_the_packed_one(
        pages in 1400..2200_u64,
        firmware in 0..300_u64,
        parts in [1..200_u64, 0..200, 0..20, 0..200],
        at in any::<prop::sample::Index>(),
        placement in prop::sample::select(vec![Placement::OwnRegion, Placement::LinearMap]),
        svnapot in prop::sample::select(vec![Svnapot::Absent, Svnapot::Present]),
    ) {
        let [text, constants, early, data] = parts.map(|pages| pages << 12);
        let image = ImageFacts { base: PhysAddr::new(0), text, constants, early, data };
        let places: Vec<_> = (firmware..=pages - image.size() / 4096).map(|page| RAM + (page << 12)).collect();
        let at_place = |base| {
            machine(pages, firmware, ImageFacts { base: PhysAddr::new(base), ..image }, svnapot)
        };
        let stay = Policy::new().placement(placement);
        let fewest = places.iter().filter_map(|place| leaves(&at_place(*place), &stay)).min();
        let packed = leaves(&at_place(places[at.index(places.len())]), &stay.physical(Physical::Pack));
        prop_assert_eq!(packed, fewest);
    }
}
