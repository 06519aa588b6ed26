//! Interrupts of this hart, on and off.

use core::arch::asm;

/// A bit of `sie` and `sip`.
pub(crate) const SSIP: u64 = 1 << 1;

/// A bit of `sstatus`.
const SIE: u64 = 1 << 1;

/// Lets other harts interrupt this one.
pub(crate) fn take() {
    // SAFETY: the handler is installed.
    unsafe { asm!("csrs sie, {}", "csrs sstatus, {}", in(reg) SSIP, in(reg) SIE, options(nostack)) };
}

/// Takes no interrupts any more.
pub(crate) fn be_deaf() {
    // SAFETY: fewer interrupts break nothing.
    unsafe { asm!("csrc sstatus, {}", in(reg) SIE, options(nostack)) };
}
