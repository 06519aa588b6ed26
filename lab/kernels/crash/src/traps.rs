//! The trap handler: it stops a hart when another one has crashed, and starts the crash kernel at a
//! fault.

use core::arch::asm;
use core::sync::atomic::{AtomicU64, Ordering};

use landfall::space::SbiIpi;
use landfall::trap::TrapFrame;

use crate::{LANDING, SPACE, here, ways};

/// A supervisor software interrupt (privileged specification, "Supervisor Cause Register").
const SOFTWARE_INTERRUPT: u64 = 1 << 63 | 1;

/// Bits of `sie` and `sip`, and of `sstatus`.
const SSIP: u64 = 1 << 1;
const SIE: u64 = 1 << 1;

/// Faults so far.
static FAULTS: AtomicU64 = AtomicU64::new(0);

/// Lets other harts interrupt this one.
pub(crate) fn take_interrupts() {
    // SAFETY: the handler is installed.
    unsafe { asm!("csrs sie, {}", "csrs sstatus, {}", in(reg) SSIP, in(reg) SIE, options(nostack)) };
}

/// Takes no interrupts any more.
pub(crate) fn be_deaf() {
    // SAFETY: fewer interrupts break nothing.
    unsafe { asm!("csrc sstatus, {}", in(reg) SIE, options(nostack)) };
}

pub(crate) fn handle(frame: &mut TrapFrame) {
    if frame.scause() == SOFTWARE_INTERRUPT {
        // SAFETY: it clears an interrupt of this hart.
        unsafe { asm!("csrc sip, {}", in(reg) SSIP, options(nostack)) };
        if let Some(hart) = here() {
            landfall_kexec::stop_if_crashed(hart, frame);
        }
        if let Some(space) = SPACE.get() {
            space.serve();
        }
        return;
    }
    if FAULTS.fetch_add(1, Ordering::AcqRel) == 0 && ways::way() == "double" {
        ways::fault();
    }
    let (cause, at, stval) = (frame.scause(), frame.sepc(), frame.stval());
    landfall::println!("landfall: crash: trap {cause:#x} at {at:#x}, stval {stval:#x}");
    if let (Some(hart), Some(landing)) = (here(), LANDING.get()) {
        landfall_kexec::start_crash_kernel(hart, Some(frame), &SbiIpi::of(landing));
    }
    panic!("trap {cause:#x} at {at:#x}, stval {stval:#x}")
}
