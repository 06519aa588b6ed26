//! Frames for tables: free memory, one page after the other.

use landfall::Landing;
use landfall::address::{PAGE_SIZE, PhysAddr, PhysRange};
use landfall::paging::Frames;

/// The rest of the largest range of free memory.
pub(crate) struct FreeFrames(PhysRange);

impl FreeFrames {
    /// Returns the frames. The kernel makes one value, and uses free memory for nothing else.
    pub(crate) fn of(landing: &Landing) -> Self {
        Self(landing.free_memory().max_by_key(|range| range.size()).expect("free memory"))
    }
}

// SAFETY: each page is returned once. The linear map holds all free memory, and a frame that is
// given back is not used again.
unsafe impl Frames for FreeFrames {
    fn take(&mut self) -> Option<PhysAddr> {
        let frame = self.0.start();
        let left = !self.0.is_empty();
        self.0 = PhysRange::between(frame.wrapping_add(PAGE_SIZE), self.0.end());
        left.then_some(frame)
    }

    fn give_back(&mut self, _frame: PhysAddr) {}
}
