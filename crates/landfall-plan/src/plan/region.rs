//! The region to which a virtual address belongs.

use core::fmt;

use landfall_paging::{VirtAddr, VirtRange};

use super::{Plan, Stacks};
use crate::harts::HartIndex;

/// A region of the address space that a plan lays out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Region {
    /// The kernel's code.
    Text,
    /// The kernel's constants.
    Constants,
    /// The room of the landing's own part between constants and data. Nothing is mapped there,
    /// unless the kernel lies in the linear map.
    Early,
    /// The kernel's data.
    Data,
    /// The linear map, from its lowest mapped byte to its highest. Holes in it are not mapped.
    LinearMap,
    /// The near region.
    Near,
    /// The dynamic region.
    Dynamic,
    /// The unmapped room below the stack of this hart.
    StackGuard(HartIndex),
    /// The stack of this hart.
    Stack(HartIndex),
    /// The overflow stack of this hart.
    OverflowStack(HartIndex),
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("text"),
            Self::Constants => f.write_str("constants"),
            Self::Early => f.write_str("early part"),
            Self::Data => f.write_str("data"),
            Self::LinearMap => f.write_str("linear map"),
            Self::Near => f.write_str("near region"),
            Self::Dynamic => f.write_str("dynamic region"),
            Self::StackGuard(hart) => write!(f, "guard below stack {hart}"),
            Self::Stack(hart) => write!(f, "stack {hart}"),
            Self::OverflowStack(hart) => write!(f, "overflow stack {hart}"),
        }
    }
}

impl Plan {
    /// Returns the region to which `address` belongs. `None` for any other address, such as one of
    /// user space, in a window, or in a guard between regions.
    #[must_use]
    pub fn what_is(&self, address: VirtAddr) -> Option<Region> {
        let image = &self.image.phys;
        let parts = [
            (image.text(), Region::Text),
            (image.constants(), Region::Constants),
            (image.early(), Region::Early),
            (image.data(), Region::Data),
        ];
        // A place of the image that is no address of it has no part.
        let offset = address.wrapping_offset_from(self.image.virt);
        let at = image.base.checked_add(offset);
        let part = at.and_then(|at| parts.into_iter().find(|(range, _)| range.contains_address(at)));
        let linear = VirtRange::new(self.linear.virt(self.linear.span.start()), self.linear.span.size());
        let regions =
            [(linear, Region::LinearMap), (self.near, Region::Near), (self.dynamic, Region::Dynamic)];
        let region = || regions.into_iter().find(|(range, _)| range.contains_address(address));
        part.map(|(_, region)| region)
            .or_else(|| region().map(|(_, region)| region))
            .or_else(|| in_stacks(&self.stacks, address))
    }
}

/// Returns the part of the stacks to which `address` belongs.
fn in_stacks(stacks: &Stacks, address: VirtAddr) -> Option<Region> {
    if !stacks.range().contains_address(address) {
        return None;
    }
    // The first guard may be larger than the others, so that the stack above it is aligned.
    let above_first = address.checked_offset_from(stacks.bottom(HartIndex::BOOT));
    let number = above_first.map_or(0, |above| above / stacks.virtual_stride());
    let hart = HartIndex::new(number);
    Some(if address < stacks.bottom(hart) {
        Region::StackGuard(hart)
    } else if stacks.usable(hart).contains_address(address) {
        Region::Stack(hart)
    } else if stacks.overflow(hart).contains_address(address) {
        Region::OverflowStack(hart)
    } else {
        Region::StackGuard(HartIndex::new(number + 1))
    })
}
