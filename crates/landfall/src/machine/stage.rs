//! The stage of the landing.

/// Returns true if this hart has landed: its satp is not 0.
pub(super) fn has_landed() -> bool {
    let satp: u64;
    // SAFETY: it reads a register.
    unsafe { core::arch::asm!("csrr {}, satp", out(reg) satp, options(nomem, nostack, preserves_flags)) };
    satp != 0
}
