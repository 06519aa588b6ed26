//! The start of another kernel.

use core::ffi::c_void;

use landfall::address::PhysRange;
use landfall::space::SbiIpi;
use landfall_kexec::{Next as RustNext, Step, block_of, linear, prepare, stop_if_asked};

use super::entry::landing;
use super::error::{Error, fail};
use super::harts;
use super::range::{Bytes, Range};

/// The most steps of a start: pieces of image and initrd, and memory that is overwritten.
const MAX_STEPS: usize = 64;

/// The most ranges of memory to be overwritten.
const MAX_WIPED: usize = 16;

/// `struct lf_next`.
#[derive(Debug)]
#[repr(C)]
struct Next {
    image: Bytes,
    initrd: Bytes,
    command_line: Bytes,
    block: Range,
    wiped: *const Range,
    wiped_count: usize,
    quiesce: Option<extern "C" fn(context: *mut c_void)>,
    context: *mut c_void,
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lf_kexec(hart: u32, next: &Next, error: *mut Error) -> bool {
    let Some(hart) = harts::index(hart) else {
        // SAFETY: the caller's.
        return unsafe { fail(error, "no hart has this index; pass that of the calling hart") };
    };
    let mut wiped = [PhysRange::EMPTY; MAX_WIPED];
    let Some(wiped) = wiped.get_mut(..next.wiped_count) else {
        // SAFETY: the caller's.
        return unsafe { fail(error, "there are too many ranges to be overwritten; pass 16 at most") };
    };
    for (index, range) in wiped.iter_mut().enumerate() {
        // SAFETY: the caller's array has as many.
        *range = unsafe { next.wiped.add(index).read() }.phys();
    }
    // SAFETY: the caller's.
    let (image, initrd, line) = unsafe { (next.image.get(), next.initrd.get(), next.command_line.get()) };
    let seed = landing().next_seed();
    let mut plan = RustNext::new(linear(image)).with_command_line(line).with_wiped(wiped);
    if !initrd.is_empty() {
        plan = plan.with_initrd(linear(initrd));
    }
    if let Some(seed) = &seed {
        plan = plan.with_seed(seed);
    }
    // SAFETY: the caller's: nothing else uses the block, which is free memory of the landing.
    let mut block = unsafe { block_of(next.block.phys()) };
    let mut steps = [Step::None; MAX_STEPS];
    match prepare(landing(), hart, &plan, &mut block, &mut steps) {
        Ok(prepared) => {
            let quiesce = || {
                if let Some(quiesce) = next.quiesce {
                    quiesce(next.context);
                }
            };
            // SAFETY: the caller's.
            unsafe { fail(error, prepared.start(&SbiIpi::of(landing()), quiesce)) }
        }
        // SAFETY: the caller's.
        Err(reason) => unsafe { fail(error, reason) },
    }
}

#[unsafe(no_mangle)]
extern "C" fn lf_kexec_stop_if_asked() {
    stop_if_asked();
}
