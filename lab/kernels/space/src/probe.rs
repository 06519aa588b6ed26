//! Accesses that may fault: the handler returns behind them.

use core::arch::{asm, global_asm};

global_asm!(
    ".section .text.probe, \"ax\", @progbits",
    ".option push",
    ".option norvc",
    ".global probe_load, probe_store, probe_missed",
    "probe_load:",
    "    ld      a1, 0(a0)",
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

/// A load that may have failed.
#[repr(C)]
struct Loaded {
    succeeded: u64,
    word: u64,
}

unsafe extern "C" {
    safe fn probe_load(at: u64) -> Loaded;
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
    load(at).is_some()
}

/// Loads a word. `None` if the load faults.
pub(crate) fn load(at: u64) -> Option<u64> {
    let loaded = probe_load(at);
    (loaded.succeeded == 1).then_some(loaded.word)
}

/// Loads a word of user memory, in the address space of the hart. `None` if the load faults.
pub(crate) fn load_from_user(at: u64) -> Option<u64> {
    const SUM: u64 = 1 << 18;
    // SAFETY: the load faults, or reads a word.
    unsafe { asm!("csrs sstatus, {}", in(reg) SUM, options(nostack)) };
    let word = load(at);
    // SAFETY: as it was.
    unsafe { asm!("csrc sstatus, {}", in(reg) SUM, options(nostack)) };
    word
}

/// Returns true if a store of `value` succeeds.
///
/// # Safety
/// The word at `at`, if there is one, may be written.
pub(crate) unsafe fn can_store(at: u64, value: u64) -> bool {
    // SAFETY: the caller's.
    unsafe { probe_store(at, value) == 1 }
}
