//! A hart without interrupts.

use core::arch::asm;

use super::asm::landfall_kexec_quiet;

/// Turns the interrupts of this hart off, and returns true if they were on.
pub(super) fn interrupts_off() -> bool {
    let before: u64;
    // SAFETY: it turns interrupts of this hart off.
    unsafe { asm!("csrrci {}, sstatus, 2", out(reg) before, options(nostack, preserves_flags)) };
    before & 2 != 0
}

/// Turns them on again.
pub(super) fn interrupts_on() {
    // SAFETY: they were on before.
    unsafe { asm!("csrsi sstatus, 2", options(nostack, preserves_flags)) };
}

/// Clears the interrupts of this hart for the next kernel: enables, the timer, the IMSIC.
///
/// # Safety
/// This kernel needs no interrupt on this hart any more.
pub(super) unsafe fn quiet() {
    let _ = interrupts_off();
    // A timer of the firmware's, where the hart has none of its own.
    let _ = sbi_rt::set_timer(u64::MAX);
    // SAFETY: interrupts are off; the rest is the caller's.
    unsafe { landfall_kexec_quiet() };
}
