//! The trap entry.

use landfall::trap::{self, TrapFrame};

use super::entry::landing;
use super::harts::NO_HART;
use super::range::Range;

/// `lf_trap_handler`. The frame is `struct lf_trap_frame`.
type Handler = extern "C" fn(&mut TrapFrame);

#[unsafe(no_mangle)]
extern "C" fn lf_trap_install(handler: Handler) -> u32 {
    trap::install_extern(landing(), handler).map_or(NO_HART, |hart| hart.get() as u32)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lf_trap_use_stack(stack: Range) {
    // SAFETY: the caller's.
    unsafe { trap::use_stack(stack.virt()) }
}
