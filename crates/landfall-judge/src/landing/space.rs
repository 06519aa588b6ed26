//! A mode's address space (docs/address-space.md).

use crate::walk::Root;

use super::{GIB, ModePolicy, PAGE};
use crate::intervals::Interval;

/// Zones, reach and grains, where nothing is pinned.
#[derive(Clone, Copy, Debug)]
pub struct Space {
    /// Bytes of the upper half.
    half: u64,
    /// Bytes from the lowest RAM on that the linear map reaches: 128 GiB, 64 TiB, 32 PiB, or what
    /// the policy says.
    pub reach: u64,
    /// The unit of the linear map's offset.
    pub grain: u64,
    /// The start of the kernel's zone, which reaches to the end of the address space.
    pub kernel_zone: u64,
}

impl Space {
    /// Returns the address space of a mode under a policy.
    #[must_use]
    pub fn of(root: Root, policy: &ModePolicy) -> Self {
        let half: u64 = 1 << (root.virtual_bits() - 1);
        let grain = if root.levels == 3 { GIB } else { 512 * GIB };
        let reach = policy.ram_limit.map_or(half / 2, |limit| limit.min(half));
        // A limit on RAM that is more than the linear zone holds moves the border.
        let linear = (half / 8 * 5).max((reach + grain).next_multiple_of(grain)).min(half);
        Self { half, reach, grain, kernel_zone: half.wrapping_neg() + linear }
    }

    /// Returns the range for the linear map.
    #[must_use]
    pub fn linear_zone(self) -> Interval {
        Interval { start: self.half.wrapping_neg(), end: self.kernel_zone }
    }

    /// The size of a leaf in the root.
    #[must_use]
    pub fn largest_leaf(root: Root) -> u64 {
        PAGE << (9 * (root.levels - 1))
    }
}
