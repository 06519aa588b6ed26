//! The timer: a hundred interrupts a second, on each hart.

use core::arch::asm;
use core::sync::atomic::{AtomicU64, Ordering};

use crate::kernel::kernel;

/// Interrupts a second.
pub(crate) const RATE: u64 = 100;
/// `scause` of the interrupt (privileged specification, "Supervisor Cause Register").
pub(crate) const INTERRUPT: u64 = 1 << 63 | 5;
/// The timer's bit in `sie`, and the one in `sstatus` that permits interrupts.
const STIE: u64 = 1 << 5;
const SIE: u64 = 1 << 1;

/// The interrupts of each hart so far, in the order of the device tree.
static TICKS: [AtomicU64; 512] = [const { AtomicU64::new(0) }; 512];

/// Starts the timer of the calling hart, once the kernel exists.
pub(crate) fn start() {
    set_next();
    // SAFETY: the handler is installed, and leaves what it interrupts as it was.
    unsafe { asm!("csrs sie, {}", "csrs sstatus, {}", in(reg) STIE, in(reg) SIE, options(nostack)) };
}

/// Counts an interrupt of the hart with this id, and requests the next one.
pub(crate) fn tick(id: u64) {
    landfall_kexec::stop_if_asked();
    let mut harts = kernel().landing.harts().zip(&TICKS);
    if let Some((_, ticks)) = harts.find(|(known, _)| known.hart.id == id) {
        ticks.fetch_add(1, Ordering::Relaxed);
    }
    set_next();
}

/// Requests the next interrupt. With Sstc the firmware sets the hart's own timer.
fn set_next() {
    let at: u64;
    // SAFETY: it reads a counter.
    unsafe { asm!("csrr {}, time", out(reg) at, options(nomem, nostack)) };
    let at = at + kernel().landing.facts().timebase / RATE;
    assert!(sbi_rt::set_timer(at).is_ok(), "the firmware has no timer");
}

/// Prints each hart, and its interrupts so far.
pub(crate) fn show() {
    for (known, ticks) in kernel().landing.harts().zip(&TICKS) {
        let ticks = ticks.load(Ordering::Relaxed);
        landfall::println!("hart {}: {}, {ticks} timer interrupts", known.hart.id, known.state);
    }
}
