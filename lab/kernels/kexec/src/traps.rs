//! The trap handler: another hart interrupts this one to stop it.

use core::arch::asm;

use landfall::trap::TrapFrame;

/// A supervisor software interrupt (privileged specification, "Supervisor Cause Register").
const SOFTWARE_INTERRUPT: u64 = 1 << 63 | 1;

/// Bits of `sie` and `sip`, and of `sstatus`.
const SSIP: u64 = 1 << 1;
const SIE: u64 = 1 << 1;

/// Lets other harts interrupt this one.
pub(crate) fn take_interrupts() {
    // SAFETY: the handler is installed.
    unsafe { asm!("csrs sie, {}", "csrs sstatus, {}", in(reg) SSIP, in(reg) SIE, options(nostack)) };
}

pub(crate) fn handle(frame: &mut TrapFrame) {
    if frame.scause() == SOFTWARE_INTERRUPT {
        // SAFETY: it clears an interrupt of this hart.
        unsafe { asm!("csrc sip, {}", in(reg) SSIP, options(nostack)) };
        landfall_kexec::stop_if_asked();
        return;
    }
    panic!("trap {:#x} at {:#x}, stval {:#x}", frame.scause(), frame.sepc(), frame.stval())
}
