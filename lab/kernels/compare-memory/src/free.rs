//! Frames for tables.

use landfall::address::{PAGE_SIZE, PhysAddr, PhysRange};
use landfall::paging::Frames;

/// Frames for tables, one after the other.
#[derive(Debug)]
pub(crate) struct Free(PhysRange);

impl Free {
    pub(crate) const fn new(pages: PhysRange) -> Self {
        Self(pages)
    }
}

// SAFETY: each page of free memory is returned once, and none is used again.
unsafe impl Frames for Free {
    fn take(&mut self) -> Option<PhysAddr> {
        let frame = self.0.start();
        self.0 = PhysRange::between(frame.wrapping_add(PAGE_SIZE), self.0.end());
        (!self.0.is_empty()).then_some(frame)
    }

    fn give_back(&mut self, _: PhysAddr) {}
}
