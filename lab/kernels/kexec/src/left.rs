//! Registers as a kernel may leave them. The next kernel finds none of it.

use core::arch::asm;

/// Bits of `sstatus` (privileged specification, "Supervisor Status Register").
const SPIE: u64 = 1 << 5;
const SPP: u64 = 1 << 8;
const FS: u64 = 3 << 13;
const SUM: u64 = 1 << 18;
const MXR: u64 = 1 << 19;

/// `sstatus.SIE`.
const SIE: u64 = 1 << 1;

/// Returns true if interrupts are on.
pub(crate) fn interrupts_are_on() -> bool {
    let status: u64;
    // SAFETY: it reads a register.
    unsafe { asm!("csrr {}, sstatus", out(reg) status, options(nomem, nostack, preserves_flags)) };
    status & SIE != 0
}

/// Changes registers of the calling hart that nothing uses from here on.
pub(crate) fn leave() {
    assert!(!interrupts_are_on(), "interrupts are off before the next kernel starts");
    // The timer is due.
    let _ = sbi_rt::set_timer(0);
    // SAFETY: interrupts are off, and this kernel ends without a trap that returns.
    unsafe {
        asm!(
            "csrw sie, {all}",
            "csrs sip, 2",
            "csrw sscratch, {all}",
            "csrw sepc, {all}",
            "csrw scause, {all}",
            "csrw stval, {all}",
            "csrs sstatus, {on}",
            "csrc sstatus, {off}",
            all = in(reg) u64::MAX,
            on = in(reg) SPIE | SPP | SUM | MXR,
            off = in(reg) FS,
            options(nostack),
        );
    }
}
