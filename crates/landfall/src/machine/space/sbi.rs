//! Fences on other harts, by the SBI's RFENCE extension, or by its legacy calls.

use landfall_paging::{Fence, VirtRange};
use landfall_plan::harts::{HartIndex, HartSet};
use landfall_space::{FenceFailed, FenceRequest};
use sbi_rt::{HartMask, SbiRet};

use super::super::landing::Landing;
use super::RemoteFences;
use super::local::publish;

/// Fences on other harts, by the SBI. They reach each hart whether its interrupts are on or off.
#[derive(Clone, Copy, Debug)]
pub struct SbiFences {
    landing: &'static Landing,
    interface: Interface,
}

/// The calls that the firmware has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Interface {
    Extension,
    Legacy,
}

/// `SBI_ERR_NOT_SUPPORTED`.
const NOT_SUPPORTED: FenceFailed = FenceFailed::of_sbi(-2);
/// `SBI_ERR_INVALID_PARAM`.
const INVALID: FenceFailed = FenceFailed::of_sbi(-3);

impl SbiFences {
    /// Returns the fences of the landing's harts.
    #[must_use]
    pub fn of(landing: &'static Landing) -> Self {
        let has_extension = sbi_rt::probe_extension(sbi_rt::Fence).is_available();
        Self { landing, interface: if has_extension { Interface::Extension } else { Interface::Legacy } }
    }
}

// SAFETY: the call returns after the harts have executed the fence (SBI specification, "RFENCE
// Extension"), and `publish` orders all stores before it. Any error, and any hart without an id,
// is one here.
unsafe impl RemoteFences for SbiFences {
    fn fence(
        &self,
        harts: &HartSet,
        request: FenceRequest,
        _: HartIndex,
        _: impl FnMut(FenceRequest),
    ) -> Result<(), FenceFailed> {
        publish();
        let mut left = *harts;
        // A mask reaches 64 ids.
        let mut window = Window::EMPTY;
        for (index, hart) in self.landing.on_stacks() {
            if left.remove(index) && !window.takes(hart.id) {
                window.fence(request, self.interface)?;
                window = Window::of(hart.id);
            }
        }
        window.fence(request, self.interface)?;
        if left.is_empty() { Ok(()) } else { Err(INVALID) }
    }
}

/// Up to 64 harts whose ids follow each other.
#[derive(Clone, Copy, Debug)]
struct Window {
    base: u64,
    mask: u64,
}

impl Window {
    const EMPTY: Self = Self { base: 0, mask: 0 };

    const fn of(id: u64) -> Self {
        Self { base: id & !63, mask: 1 << (id & 63) }
    }

    /// Adds a hart, if the window reaches it.
    const fn takes(&mut self, id: u64) -> bool {
        let other = Self::of(id);
        if self.mask != 0 && self.base != other.base {
            return false;
        }
        *self = Self { base: other.base, mask: self.mask | other.mask };
        true
    }

    fn fence(self, request: FenceRequest, interface: Interface) -> Result<(), FenceFailed> {
        match interface {
            _ if self.mask == 0 => Ok(()),
            Interface::Extension => self.fence_by_extension(request),
            Interface::Legacy => self.fence_by_legacy_call(request),
        }
    }

    fn fence_by_extension(self, request: FenceRequest) -> Result<(), FenceFailed> {
        let harts = HartMask::from_mask_base(self.mask as usize, self.base as usize);
        let answer = match request {
            FenceRequest::Instructions => sbi_rt::remote_fence_i(harts),
            FenceRequest::User(fence, asid) => {
                let (start, size) = operands(fence);
                sbi_rt::remote_sfence_vma_asid(harts, start, size, usize::from(asid.get()))
            }
            FenceRequest::Kernel(fence) => {
                let (start, size) = operands(fence);
                sbi_rt::remote_sfence_vma(harts, start, size)
            }
            // Anything that this version does not know.
            _ => return Err(NOT_SUPPORTED),
        };
        match answer {
            SbiRet { error: 0, .. } => Ok(()),
            SbiRet { error, .. } => Err(FenceFailed::of_sbi(error.cast_signed() as i64)),
        }
    }

    /// The legacy calls take the address of a mask of the harts from 0 on (SBI specification,
    /// "Legacy Extensions").
    #[expect(deprecated, reason = "old firmware has nothing else")]
    fn fence_by_legacy_call(self, request: FenceRequest) -> Result<(), FenceFailed> {
        if self.base != 0 {
            return Err(NOT_SUPPORTED);
        }
        let mask = (&raw const self.mask).expose_provenance();
        let answer = match request {
            FenceRequest::Instructions => sbi_rt::legacy::remote_fence_i(mask),
            FenceRequest::User(fence, asid) => {
                let (start, size) = operands(fence);
                sbi_rt::legacy::remote_fence_vma_asid(mask, start, size, usize::from(asid.get()))
            }
            FenceRequest::Kernel(fence) => {
                let (start, size) = operands(fence);
                sbi_rt::legacy::remote_fence_vma(mask, start, size)
            }
            _ => return Err(NOT_SUPPORTED),
        };
        match answer {
            0 => Ok(()),
            error => Err(FenceFailed::of_sbi(error.cast_signed() as i64)),
        }
    }
}

/// Returns the operands of a fence: the start and the size of its range. All addresses are 0 and
/// the largest size.
fn operands(fence: Fence) -> (usize, usize) {
    match fence {
        Fence::Leaves(range) if range != VirtRange::EMPTY => {
            (range.start().get() as usize, range.size() as usize)
        }
        _ => (0, usize::MAX),
    }
}
