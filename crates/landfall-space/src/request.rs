//! Fences on other harts by interrupts of the kernel's own.
//!
//! ```text
//! requester    waits for the slot, serving others; writes the request; sets the harts' bits
//! interrupt    the kernel's: it makes each of these harts call `serve`
//! each hart    executes the fence, then clears its bit
//! requester    waits until no bit is set
//! ```

use core::cell::UnsafeCell;
use core::fmt;
use core::hint::spin_loop;
use core::sync::atomic::{AtomicBool, Ordering};

use crate::fence::FenceRequest;
use crate::hart::{HartIndex, HartSet};
use crate::harts::HartMask;

/// An interrupt between harts, for fences ([`FenceSlot`]).
pub trait Ipi: Sync {
    /// Interrupts each of these harts, so that it serves the request.
    ///
    /// The call must not wait for these harts. An interrupt that is lost makes the requester wait
    /// for ever, unless the hart serves while it waits itself.
    fn interrupt(&self, harts: &HartSet);
}

/// The place of one request at a time. All harts share it.
///
/// A hart with interrupts off serves while it waits for the slot or for a lock of the space. Loops
/// of the kernel call [`KernelSpace::serve`](crate::KernelSpace::serve).
pub struct FenceSlot {
    taken: AtomicBool,
    request: UnsafeCell<FenceRequest>,
    waiting: HartMask,
    /// The harts that have served before.
    serving: HartMask,
}

// SAFETY: the hart that has taken the slot writes the request while no bit is set. Harts whose bit
// is set read it.
unsafe impl Sync for FenceSlot {}

impl fmt::Debug for FenceSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FenceSlot").field("waiting", &self.waiting).finish_non_exhaustive()
    }
}

impl Default for FenceSlot {
    fn default() -> Self {
        Self::new()
    }
}

impl FenceSlot {
    /// Returns a slot without a request.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            taken: AtomicBool::new(false),
            request: UnsafeCell::new(FenceRequest::Instructions),
            waiting: HartMask::new(),
            serving: HartMask::new(),
        }
    }

    /// Returns the harts that have called [`FenceSlot::serve`] before. No other hart may take
    /// interrupts yet, or ever.
    #[must_use]
    pub fn serving(&self) -> HartSet {
        self.serving.load(Ordering::Relaxed)
    }

    /// Requests a fence of `harts`, which do not include the calling one, and waits until each has
    /// executed it. `interrupt` interrupts them. `serve` serves the requests of others meanwhile:
    /// two harts may request of each other.
    ///
    /// # Safety
    /// - `harts` does not contain the calling hart.
    /// - Interrupts are off. A handler that requested a fence here would wait for itself.
    pub unsafe fn request(
        &self,
        harts: &HartSet,
        request: FenceRequest,
        interrupt: impl FnOnce(&HartSet),
        mut serve: impl FnMut(),
    ) {
        while self.taken.swap(true, Ordering::Acquire) {
            serve();
            spin_loop();
        }
        // SAFETY: the slot is this hart's, and no bit is set: the last request was served by all.
        unsafe { self.request.get().write(request) };
        harts.iter().for_each(|hart| self.waiting.insert(hart, Ordering::Release));
        interrupt(harts);
        while !self.waiting.load(Ordering::Acquire).is_empty() {
            spin_loop();
        }
        self.taken.store(false, Ordering::Release);
    }

    /// Executes the fence that was requested of the calling hart, `here`, if there is one. From the
    /// first call on, the hart is one of [`FenceSlot::serving`].
    ///
    /// # Safety
    /// - `here` is the calling hart, and `execute` executes the fence on it.
    /// - Interrupts are off. A handler that served between the fence and the end of the request
    ///   would let the next request appear as served.
    pub unsafe fn serve(&self, here: HartIndex, execute: impl FnOnce(FenceRequest)) {
        if !self.serving.contains(here, Ordering::Relaxed) {
            self.serving.insert(here, Ordering::Relaxed);
        }
        if self.waiting.contains(here, Ordering::Acquire) {
            // SAFETY: the bit is set, so the request stays until this hart clears it.
            execute(unsafe { self.request.get().read() });
            self.waiting.remove(here, Ordering::Release);
        }
    }
}
