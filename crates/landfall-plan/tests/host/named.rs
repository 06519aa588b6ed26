//! The region of an address, against the mappings and the plan's own places.

use landfall_paging::{Access, VirtAddr, VirtRange};
use landfall_plan::Plan;
use landfall_plan::harts::HartIndex;
use landfall_plan::plan::Region;
use landfall_plan::policy::Placement;
use proptest::prelude::*;

use crate::drawn::all_landing_machines;
use crate::draws;
use crate::landed::Landed;

/// The first and the last address of a range.
fn ends(range: VirtRange) -> [VirtAddr; 2] {
    [range.start(), range.end().wrapping_sub(1)]
}

/// Returns the regions of the first and the last address of a range.
fn found(plan: &Plan, range: VirtRange) -> [Option<Region>; 2] {
    ends(range).map(|address| plan.what_is(address))
}

proptest! {
    #![proptest_config(draws(512))]

    #[test]
    fn every_mapping_belongs_to_the_region_of_its_access(machine in all_landing_machines()) {
        let Landed { plan, .. } = Landed::new(&machine);
        for mapping in plan.kernel_mappings() {
            let in_image = plan.image.phys.all().contains_address(mapping.phys);
            let regions = found(&plan, VirtRange::new(mapping.virt, mapping.size));
            let expected = match (in_image, mapping.access) {
                (true, Access::ReadExecute) => [Some(Region::Text); 2],
                (true, Access::ReadOnly) => [Some(Region::Constants); 2],
                (true, Access::ReadWrite) => [Some(Region::Data); 2],
                (false, _) => {
                    let [first, second] = [0, 1].map(|hart| plan.stacks.bottom(HartIndex::new(hart)).get());
                    let index = HartIndex::new((mapping.virt.get() - first) / (second - first));
                    [Some(Region::Stack(index)), Some(Region::OverflowStack(index))]
                }
            };
            prop_assert_eq!(regions, expected, "{:x?}", mapping);
        }
    }

    #[test]
    fn regions_end_where_the_plan_ends_them(machine in all_landing_machines()) {
        let Landed { plan, .. } = Landed::new(&machine);
        let span = plan.linear.span;
        let linear = VirtRange::new(plan.linear.virt(span.start()), span.size());
        let image = plan.image.phys;
        if plan.placement == Placement::OwnRegion {
            prop_assert_eq!(found(&plan, linear), [Some(Region::LinearMap); 2]);
            let early = plan.image.virt.wrapping_add(image.parts.text + image.parts.constants);
            if image.parts.early != 0 {
                prop_assert_eq!(plan.what_is(early), Some(Region::Early));
            }
        }
        for (range, region) in [(plan.near, Region::Near), (plan.dynamic, Region::Dynamic)] {
            if !range.is_empty() {
                prop_assert_eq!(found(&plan, range), [Some(region); 2]);
            }
        }
        for index in plan.stacks.harts() {
            let stack = plan.stacks.usable(index);
            let guard = VirtRange::new(stack.start().wrapping_sub(landfall_plan::plan::STACK_GUARD), landfall_plan::plan::STACK_GUARD);
            prop_assert_eq!(found(&plan, guard), [Some(Region::StackGuard(index)); 2]);
            prop_assert_eq!(found(&plan, stack), [Some(Region::Stack(index)); 2]);
            prop_assert_eq!(found(&plan, plan.stacks.overflow(index)), [Some(Region::OverflowStack(index)); 2]);
        }
    }

    #[test]
    fn guards_between_regions_and_user_space_belong_to_none(machine in all_landing_machines(), user in 0..1_u64 << 38) {
        let Landed { plan, .. } = Landed::new(&machine);
        prop_assert_eq!(plan.what_is(VirtAddr::new(user)), None);
        prop_assert_eq!(plan.what_is(VirtAddr::new(u64::MAX)), None);
        let stacks = plan.stacks.range();
        prop_assert_eq!(plan.what_is(stacks.end()), None);
        for range in [plan.near, plan.dynamic].into_iter().filter(|range| !range.is_empty()) {
            prop_assert_eq!(plan.what_is(range.start().wrapping_sub(1)), None);
            prop_assert_eq!(plan.what_is(range.end()), None);
        }
    }
}
