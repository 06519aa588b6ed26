//! Small kernels, one idea each. `cargo example NAME` builds one and boots it.
//!
//! | example | idea |
//! |---|---|
//! | `frames` | free memory, as frames, through the linear map |
//! | `harts` | code on every hart |
//! | `entropy` | random bytes for the kernel |
//! | `device` | mapping a device's registers |
//! | `vmalloc` | memory at addresses of its own, with guards, and its end |
//! | `shootdown` | harts that map and unmap at the same time |
//! | `user` | a program in user mode, in an address space of its own |
//! | `near` | code that comes at run time, within reach of the kernel's own |
//! | `collected` | an array that the linker collects |
//! | `pinned` | addresses that are fixed, and a window that stays free |
//! | `memory` | all RAM by its use, and the region of an address |
//! | `reboot` | a cold reboot |

#![no_std]

use core::arch::asm;

use landfall::Landing;
use landfall::address::{PhysAddr, PhysRange, VirtAddr};
use landfall::paging::Frames;
use landfall::space::Memory;

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

    /// Returns the frames of the largest range of free memory.
    ///
    /// # Panics
    /// If no memory is free.
    ///
    /// # Safety
    /// Nothing else uses free memory of the landing.
    #[must_use]
    pub unsafe fn of(landing: &Landing) -> Self {
        match landing.free_memory().max_by_key(|range| range.size()) {
            Some(range) => Self(range),
            None => panic!("no memory is free"),
        }
    }

    /// Takes whole pages.
    ///
    /// # Panics
    /// If too few are left.
    pub fn memory(&mut self, pages: u64) -> Memory {
        assert!(self.0.size() >= pages * PAGE, "free memory is used up");
        let memory = PhysRange::new(self.0.start(), pages * PAGE);
        self.0 = PhysRange::between(memory.end(), self.0.end());
        // SAFETY: it is free memory in whole pages, and these are left to nothing else.
        unsafe { Memory::new(memory) }
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

/// Enters user mode at `entry`.
///
/// # Safety
/// - The hart translates through the program's address space.
/// - No value on the calling stack is needed any more: traps from user mode begin at its top.
pub unsafe fn enter_user_mode(entry: VirtAddr) -> ! {
    // SPP is 0 for user mode, and FS is 0 for no floating-point registers.
    const SPP_AND_FS: u64 = 1 << 8 | 3 << 13;
    // SAFETY: user mode reaches nothing of the kernel's.
    unsafe {
        asm!("csrc sstatus, {bits}", "csrw sepc, {entry}", "sret", bits = in(reg) SPP_AND_FS,
            entry = in(reg) entry.get(), options(noreturn))
    }
}
