//! The contents of the boot information, of whichever protocol.

use landfall::address::{PhysRange, VirtAddr};
use landfall::{HartIndex, Landing};
use landfall_wrap::InnerDraws;

use super::block::Block;
use super::choose::Chosen;
use super::leave;
use super::memory::{Part, Use};
use super::space::Space;

/// All that the boot information states.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) landing: &'a Landing,
    pub(super) chosen: &'a Chosen,
    pub(super) space: &'a Space<'a>,
    /// The block; `None` before it has a place.
    pub(super) block: Option<Block>,
    pub(super) draws: Option<&'a InnerDraws>,
    /// Bits of the wrapper's entropy; 0 without draws.
    pub(super) bits: u32,
}

/// The records by which the inner kernel starts harts, in the order of [`online`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Released {
    pub(super) first: VirtAddr,
    pub(super) stride: u64,
    /// The offset of the release word in each.
    pub(super) release: u64,
}

impl Released {
    /// No records: the other harts stop.
    pub(super) const NONE: Self = Self { first: VirtAddr::new(0), stride: 0, release: 0 };
}

impl Facts<'_> {
    /// Returns the memory that is not what the landing knows: it was taken for the inner kernel, or
    /// nothing may write to it.
    pub(super) fn owned(&self) -> [Part; 3] {
        let block = self.block.map(|block| block.all()).unwrap_or_default();
        let page = leave::page();
        [
            Part { range: PhysRange::new(page.phys, page.size), usage: Use::Reserved },
            Part { range: self.space.placed.phys, usage: Use::Kernel },
            Part { range: block, usage: Use::Reclaimable },
        ]
    }

    /// Returns bottom and top of a hart's new stack.
    pub(super) fn stack(&self, hart: Option<HartIndex>) -> (VirtAddr, VirtAddr) {
        let (stacks, hart) = (&self.space.stacks, hart.unwrap_or(HartIndex::BOOT));
        (stacks.bottom(hart), stacks.top(hart))
    }
}
