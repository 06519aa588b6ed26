//! Accesses that may fault: the handler returns behind them.

use core::arch::global_asm;

global_asm!(
    ".section .text.probe, \"ax\", @progbits",
    ".option push",
    ".option norvc",
    ".global probe_load, probe_store, probe_missed",
    "probe_load:",
    "    ld      a2, 0(a0)",
    "    li      a0, 1",
    "    ret",
    "probe_store:",
    "    sd      a1, 0(a0)",
    "    li      a0, 1",
    "    ret",
    "probe_missed:",
    "    li      a0, 0",
    "    ret",
    ".option pop",
);

unsafe extern "C" {
    safe fn probe_load(at: u64) -> u64;
    fn probe_store(at: u64, value: u64) -> u64;
    safe fn probe_missed();
}

/// Returns the address at which the hart goes on after a fault at `sepc`, if it was a probe's.
pub(crate) fn after(sepc: u64) -> Option<u64> {
    let places = [probe_load as *const () as usize, probe_store as *const () as usize];
    places.contains(&(sepc as usize)).then_some(probe_missed as *const () as u64)
}

/// Returns true if a load succeeds.
pub(crate) fn can_load(at: u64) -> bool {
    probe_load(at) == 1
}

/// Returns true if a store of `value` succeeds.
///
/// # Safety
/// The word at `at`, if there is one, may be written.
pub(crate) unsafe fn can_store(at: u64, value: u64) -> bool {
    // SAFETY: the caller's.
    unsafe { probe_store(at, value) == 1 }
}
