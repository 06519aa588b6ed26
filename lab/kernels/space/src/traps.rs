//! The trap handler.

use core::arch::asm;

use landfall::address::VirtAddr;
use landfall::trap::TrapFrame;

use crate::machine::SPACE;
use crate::{probe, user_mode};

/// Causes (privileged specification, "Supervisor Cause Register").
const SOFTWARE_INTERRUPT: u64 = 1 << 63 | 1;
const USER_CALL: u64 = 8;

/// Bits of `sie` and `sip`, and of `sstatus`.
const SSIP: u64 = 1 << 1;
const SIE: u64 = 1 << 1;

/// Lets other harts interrupt this one.
pub(crate) fn take_interrupts() {
    // SAFETY: the handler is installed.
    unsafe { asm!("csrs sie, {}", "csrs sstatus, {}", in(reg) SSIP, in(reg) SIE, options(nostack)) };
}

pub(crate) fn handle(frame: &mut TrapFrame) {
    match frame.scause() {
        SOFTWARE_INTERRUPT => {
            // The request is looked for after the bit is cleared, so none is lost.
            // SAFETY: it clears an interrupt of this hart.
            unsafe { asm!("csrc sip, {}", in(reg) SSIP, options(nostack)) };
            if let Some(space) = SPACE.get() {
                space.serve();
            }
        }
        USER_CALL => user_mode::leave(frame),
        cause => match probe::after(frame.sepc()) {
            // SAFETY: the rest of the probe begins there.
            Some(at) => unsafe { frame.set_sepc(at) },
            None => fail(cause, frame),
        },
    }
}

fn fail(cause: u64, frame: &TrapFrame) -> ! {
    let (at, stval) = (frame.sepc(), frame.stval());
    match SPACE.get() {
        Some(space) => {
            panic!("trap {cause} at {at:#x}, stval {stval:#x}: {}", space.what_is(VirtAddr::new(stval)))
        }
        None => panic!("trap {cause} at {at:#x}, stval {stval:#x}"),
    }
}
