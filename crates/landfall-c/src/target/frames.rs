//! Frames and harts, as the C kernel provides them.

use core::ffi::c_void;

use landfall::HartIndex;
use landfall::address::PhysAddr;
use landfall::paging::Frames as RustFrames;
use landfall::space::{CurrentHart, LandedStacks};

use super::entry::landing;

/// `struct lf_frames`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct Frames {
    take: extern "C" fn(context: *mut c_void, frame: *mut u64) -> bool,
    give_back: extern "C" fn(context: *mut c_void, frame: u64),
    context: *mut c_void,
}

// SAFETY: the contract of `struct lf_frames`: the functions may be called on any hart, one call at
// a time.
unsafe impl Send for Frames {}

// SAFETY: the contract of `struct lf_frames`: each frame is free memory that the linear map holds,
// and is the library's until it is given back.
unsafe impl RustFrames for Frames {
    fn take(&mut self) -> Option<PhysAddr> {
        let mut frame = 0;
        (self.take)(self.context, &raw mut frame).then_some(PhysAddr::new(frame))
    }

    fn give_back(&mut self, frame: PhysAddr) {
        (self.give_back)(self.context, frame.get());
    }
}

/// The kernel's function that returns the calling hart's index. Without one, the index follows from
/// the landing's stack on which the hart runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Harts(pub(super) Option<extern "C" fn() -> u32>);

// SAFETY: the contract of `struct lf_space_options`: the function returns the calling hart's index.
unsafe impl CurrentHart for Harts {
    fn current(&self) -> HartIndex {
        match self.0 {
            Some(current) => HartIndex::new(u64::from(current())),
            None => LandedStacks::of(landing()).current(),
        }
    }
}
