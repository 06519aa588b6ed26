//! The trap handler: it stops a hart when another one has crashed, and starts the crash kernel at a
//! fault.

use core::arch::asm;
use core::sync::atomic::{AtomicU64, Ordering};

use landfall::space::SbiIpi;
use landfall::trap::TrapFrame;

use crate::interrupts::SSIP;
use crate::{LANDING, SPACE, here, ways};

/// A supervisor software interrupt (privileged specification, "Supervisor Cause Register").
const SOFTWARE_INTERRUPT: u64 = 1 << 63 | 1;

/// Faults so far.
static FAULTS: AtomicU64 = AtomicU64::new(0);

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
