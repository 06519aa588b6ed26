//! Small kernels, one idea each. `cargo example NAME` builds one and boots it.
//!
//! | example | idea |
//! |---|---|
//! | `frames` | free memory, as frames, through the linear map |
//! | `harts` | code on every hart |
//! | `entropy` | random bytes for the kernel |
//! | `device` | mapping a device's registers |
//! | `near` | code that comes at run time, within reach of the kernel's own |
//! | `collected` | an array that the linker collects |
//! | `pinned` | addresses that are fixed, and a window that stays free |
//! | `memory` | all RAM by its use, and the region of an address |
//! | `reboot` | a cold reboot |

#![no_std]

use landfall::address::{PhysAddr, PhysRange};
use landfall::paging::Frames;

/// Bytes of a page.
pub const PAGE: u64 = 4096;

/// Frames for tables: free memory, one page after the other.
#[derive(Debug)]
pub struct FreeFrames(PhysRange);

impl FreeFrames {
    /// Returns the frames of `range`.
    ///
    /// # Safety
    /// The range is free memory of the landing, in whole pages, and nothing else uses it.
    #[must_use]
    pub const unsafe fn new(range: PhysRange) -> Self {
        Self(range)
    }
}

// SAFETY: each page of the range is returned once. The linear map holds all free memory, and a
// frame that is given back is not used again.
unsafe impl Frames for FreeFrames {
    fn take(&mut self) -> Option<PhysAddr> {
        if self.0.is_empty() {
            return None;
        }
        let frame = self.0.start();
        self.0 = PhysRange::between(frame.wrapping_add(PAGE), self.0.end());
        Some(frame)
    }

    fn give_back(&mut self, _: PhysAddr) {}
}
