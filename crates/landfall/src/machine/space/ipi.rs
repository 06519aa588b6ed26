//! Fences on other harts, by the kernel's own interrupts.

use core::fmt;

use landfall_plan::harts::{HartIndex, HartSet};
use landfall_space::{FenceFailed, FenceRequest, FenceSlot, Ipi};
use sbi_rt::HartMask;

use super::super::landing::Landing;
use super::local::publish;
use super::{RemoteFences, SbiFences};

/// Fences on other harts, by interrupts of the kernel's own. A hart that takes one calls
/// [`KernelSpace::serve`](landfall_space::KernelSpace::serve).
///
/// Each hart calls it once as soon as it can take interrupts. Until then the SBI fences it, as it
/// does harts that were lost in the landing.
pub struct IpiFences<I> {
    ipi: I,
    slot: FenceSlot,
    others: SbiFences,
}

impl<I> fmt::Debug for IpiFences<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IpiFences").field("slot", &self.slot).finish_non_exhaustive()
    }
}

impl<I: Ipi> IpiFences<I> {
    /// Returns the fences of the landing's harts.
    #[must_use]
    pub fn new(landing: &'static Landing, ipi: I) -> Self {
        Self { ipi, slot: FenceSlot::new(), others: SbiFences::of(landing) }
    }
}

// SAFETY: the slot waits until each hart has executed the fence and cleared its bit. The
// stores that the caller made before are visible to a hart that reads the request.
unsafe impl<I: Ipi> RemoteFences for IpiFences<I> {
    fn fence(
        &self,
        harts: &HartSet,
        request: FenceRequest,
        here: HartIndex,
        mut execute: impl FnMut(FenceRequest),
    ) -> Result<(), FenceFailed> {
        let serving = self.slot.serving();
        let (serving, others): (HartSet, HartSet) = (
            harts.iter().filter(|hart| serving.contains(*hart)).collect(),
            harts.iter().filter(|hart| !serving.contains(*hart)).collect(),
        );
        if !others.is_empty() {
            self.others.fence(&others, request, here, &mut execute)?;
        }
        if !serving.is_empty() {
            let interrupt = |harts: &HartSet| {
                publish();
                self.ipi.interrupt(harts);
            };
            // SAFETY: the space calls this on hart `here` with interrupts off. The set is without
            // that hart, and `execute` is of that hart.
            unsafe {
                self.slot.request(&serving, request, interrupt, || self.slot.serve(here, &mut execute));
            }
        }
        Ok(())
    }

    fn serve(&self, here: HartIndex, execute: impl FnMut(FenceRequest)) {
        // SAFETY: as above.
        unsafe { self.slot.serve(here, execute) };
    }
}

/// Supervisor software interrupts, by the SBI's IPI extension.
///
/// The handler of a hart that takes one clears `sip.SSIP`, then serves.
#[derive(Clone, Copy, Debug)]
pub struct SbiIpi {
    landing: &'static Landing,
}

impl SbiIpi {
    /// Returns the interrupts of the landing's harts.
    #[must_use]
    pub const fn of(landing: &'static Landing) -> Self {
        Self { landing }
    }
}

impl Ipi for SbiIpi {
    /// # Panics
    /// If the firmware returns an error.
    fn interrupt(&self, harts: &HartSet) {
        for (index, hart) in self.landing.on_stacks() {
            if harts.contains(index) {
                let answer = sbi_rt::send_ipi(HartMask::from_mask_base(1, hart.id as usize));
                assert!(answer.is_ok(), "the firmware cannot interrupt hart {}", hart.id);
            }
        }
    }
}
