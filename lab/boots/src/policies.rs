//! Policies for tests: each choice alone, pairs that depend on each other, and random ones.

use landfall_paging::{Mode, VirtAddr, VirtRange};
use landfall_plan::Policy;
use landfall_plan::policy::{Alias, Kaslr, LinearPin, Modes, PhysicalPlacement, Placement};

use landfall_host::random::Random;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// An address that every mode has.
const LINEAR_BASE: u64 = 0xffff_ffd6_0000_0000;
const LINEAR_OFFSET: u64 = LINEAR_BASE - 0x8000_0000;
/// The address for which kernels are linked.
const KERNEL: u64 = 0xffff_ffff_8000_0000;
/// By mode, an address beyond the reach of smaller modes.
const KERNELS: [(Mode, u64); 3] = [
    (Mode::Sv39, 0xffff_fff1_2340_0000),
    (Mode::Sv48, 0xffff_e123_4560_0000),
    (Mode::Sv57, 0xffc0_1234_5660_0000),
];

/// A policy with a name.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) name: String,
    pub(super) policy: Policy,
    /// The machine's RAM and the image must lie within this many bytes from RAM's start.
    pub(super) reach: u64,
    /// The most harts that land.
    pub(super) harts: u32,
}

impl Choice {
    fn new(name: &str, policy: &Policy) -> Self {
        Self { name: name.to_owned(), policy: *policy, reach: u64::MAX, harts: u32::MAX }
    }

    /// Returns a choice with a pinned linear map, which has room for 16 GiB of RAM.
    fn pinned(name: &str, policy: &Policy) -> Self {
        Self { reach: 16 * GIB, ..Self::new(name, policy) }
    }
}

const fn pin_kernel_by_mode(mut policy: Policy) -> Policy {
    let mut index = 0;
    while index < KERNELS.len() {
        let (mode, place) = KERNELS[index];
        policy = policy.with_kernel_pin(Modes::Only(mode), VirtAddr::new(place));
        index += 1;
    }
    policy
}

/// Adds two windows in every mode, over places that would otherwise be used: the first one for RAM,
/// and that of a kernel without randomness.
const fn with_windows(policy: &Policy) -> Policy {
    policy
        .with_window(Modes::All, VirtRange::new(VirtAddr::new(0xffff_ffff_0000_0000), 3 * GIB))
        .with_window(Modes::Only(Mode::Sv39), VirtRange::new(VirtAddr::new(0xffff_ffc0_0000_0000), 16 * GIB))
        .with_window(
            Modes::Only(Mode::Sv48),
            VirtRange::new(VirtAddr::new(0xffff_8000_0000_0000), 4096 * GIB),
        )
        .with_window(Modes::Only(Mode::Sv57), VirtRange::new(VirtAddr::new(0xff00_0000_0000_0000), 4096))
}

/// Returns a layout like Linux's, in sv39 and others: linear map and kernel fixed, and a window
/// between them.
fn pins() -> Policy {
    Policy::new()
        .with_linear_pin(Modes::All, LinearPin::Base(VirtAddr::new(LINEAR_BASE)))
        .with_kernel_pin(Modes::All, VirtAddr::new(KERNEL))
        .with_window(Modes::All, VirtRange::new(VirtAddr::new(0xffff_fff0_0000_0000), 16 * GIB))
        .with_window(Modes::Only(Mode::Sv48), VirtRange::new(VirtAddr::new(0xffff_9000_0000_0000), 64 * GIB))
}

/// Returns all single choices, and pairs.
pub(super) fn list() -> Vec<Choice> {
    let new = Policy::new;
    let linear_map = new().with_placement(Placement::LinearMap);
    let absent = new().with_alias(Alias::Absent);
    let offset = new().with_linear_pin(Modes::All, LinearPin::Offset(LINEAR_OFFSET));
    vec![
        Choice::new("default", &new()),
        Choice::new("linear-map", &linear_map),
        Choice::new("absent", &absent),
        Choice::new("pack", &new().with_physical_placement(PhysicalPlacement::Pack)),
        Choice::new("random", &new().with_physical_placement(PhysicalPlacement::Random)),
        Choice::new("linear-map+random", &linear_map.with_physical_placement(PhysicalPlacement::Random)),
        Choice::new("linear-map+pack", &linear_map.with_physical_placement(PhysicalPlacement::Pack)),
        Choice::new("linear-map+windows", &with_windows(&linear_map)),
        Choice::new("absent+pack", &absent.with_physical_placement(PhysicalPlacement::Pack)),
        Choice::new("absent+random", &absent.with_physical_placement(PhysicalPlacement::Random)),
        Choice::pinned("pins", &pins()),
        Choice::pinned("pins+random", &pins().with_physical_placement(PhysicalPlacement::Random)),
        Choice::pinned(
            "pins+absent+pack",
            &pins().with_alias(Alias::Absent).with_physical_placement(PhysicalPlacement::Pack),
        ),
        Choice::pinned("pinned-offset", &offset),
        Choice::pinned(
            "pinned-offset+linear-map",
            &offset.with_placement(Placement::LinearMap).with_physical_placement(PhysicalPlacement::Random),
        ),
        Choice::pinned("pinned-kernel", &pin_kernel_by_mode(new())),
        Choice::pinned(
            "pinned-kernel-sv48",
            &new().with_kernel_pin(Modes::Only(Mode::Sv48), VirtAddr::new(KERNEL)),
        ),
        Choice::new("windows", &with_windows(&new())),
        Choice::new(
            "windows+random",
            &with_windows(&new()).with_physical_placement(PhysicalPlacement::Random),
        ),
        Choice::new("near-0", &new().with_near_size(0)),
        Choice::new("near-1g", &new().with_near_size(GIB)),
        Choice::new("dynamic-64g", &new().with_dynamic_size(64 * GIB)),
        Choice::new("dynamic-0", &new().with_dynamic_size(0)),
        Choice { reach: GIB, ..Choice::new("ram-1g", &new().with_ram_limit(GIB)) },
        Choice { reach: 192 * GIB, ..Choice::new("ram-192g", &new().with_ram_limit(192 * GIB)) },
        Choice { harts: 2, ..Choice::new("harts-2", &new().with_max_harts(2)) },
        Choice { harts: 1, ..Choice::new("harts-1+linear-map", &linear_map.with_max_harts(1)) },
        Choice::new("stack-8k", &new().with_stack_size(8 * KIB)),
        Choice::new("stack-1m", &new().with_stack_size(MIB)),
        Choice::new("stack-68k+linear-map", &linear_map.with_stack_size(68 * KIB)),
        Choice::new("no-kaslr", &new().with_kaslr(Kaslr::Disabled)),
        Choice::new(
            "no-kaslr+random",
            &linear_map.with_kaslr(Kaslr::Disabled).with_physical_placement(PhysicalPlacement::Random),
        ),
    ]
}

/// Returns a random policy that a machine with up to 16 GiB can fulfill.
pub(super) fn any(random: &mut Random) -> Choice {
    let placement = random.pick(&[Placement::OwnRegion, Placement::OwnRegion, Placement::LinearMap]);
    let physical = random.pick(&[
        PhysicalPlacement::Stay,
        PhysicalPlacement::Pack,
        PhysicalPlacement::Random,
        PhysicalPlacement::Random,
    ]);
    let mut policy = Policy::new()
        .with_placement(placement)
        .with_physical_placement(physical)
        .with_alias(random.pick(&[Alias::ReadOnly, Alias::Absent]))
        .with_stack_size((2 + random.below(40)) * 4 * KIB)
        .with_near_size(random.below(64) * 2 * MIB)
        .with_dynamic_size(random.below(32) * GIB);
    let harts = u32::try_from(1 + random.below(8)).unwrap_or(1);
    policy = policy.with_max_harts(harts.into());
    if random.below(4) == 0 {
        let pin = random
            .pick(&[LinearPin::Base(VirtAddr::new(LINEAR_BASE)), LinearPin::Offset(LINEAR_OFFSET + 3 * GIB)]);
        policy = policy.with_linear_pin(Modes::All, pin);
    }
    if random.below(3) == 0 && placement == Placement::OwnRegion {
        // Some of the places by mode are below a pinned linear map.
        policy = if random.coin() || policy.linear_pin(Mode::Sv48).is_some() {
            policy.with_kernel_pin(Modes::All, VirtAddr::new(KERNEL))
        } else {
            pin_kernel_by_mode(policy)
        };
    }
    // These windows lie between all pins, and are small against the free space.
    for _ in 0..random.below(4) {
        let start = 0xffff_fff2_0000_0000 + random.below(8 * GIB / 4096) * 4096;
        policy = policy.with_window(
            Modes::All,
            VirtRange::new(VirtAddr::new(start), (1 + random.below(GIB / 4096)) * 4096),
        );
    }
    let name = format!("any-{placement}-{physical:?}");
    Choice { name, policy, reach: 16 * GIB, harts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_can_be_fulfilled_by_some_machine() {
        for choice in list() {
            assert_eq!(choice.policy.check(), Ok(()), "{}", choice.name);
        }
        let mut random = Random::new(1);
        for _ in 0..1000 {
            let choice = any(&mut random);
            assert_eq!(choice.policy.check(), Ok(()), "{choice:?}");
        }
    }
}
