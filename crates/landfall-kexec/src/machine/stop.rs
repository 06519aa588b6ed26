//! The stop of all other harts. Each stops itself, since the SBI stops no other one (HSM,
//! chapter 9), and memory is overwritten only when the firmware confirms it.

use core::sync::atomic::{AtomicBool, Ordering};

use landfall::harts::Patience;
use landfall::space::Ipi;
use landfall::{HartIndex, Landing};

use super::error::StartError;
use super::quiet::{interrupts_off, quiet};

/// True while other harts are asked to stop. A hart that stops reads nothing else, so the word
/// needs no order but that of [`publish`].
static ASKED: AtomicBool = AtomicBool::new(false);

/// The value of `hart_get_status` for a hart that the firmware holds (SBI, table 9.1).
const STOPPED: usize = 1;

/// Stops this hart if another one starts the next kernel, and returns otherwise. A kernel's handler
/// of interrupts between harts calls it.
///
/// # Panics
/// If the firmware does not stop the hart.
pub fn stop_if_asked() {
    if ASKED.load(Ordering::Relaxed) {
        let _ = interrupts_off();
        // SAFETY: this hart ends.
        unsafe { quiet() };
        let error = sbi_rt::hart_stop();
        panic!("the firmware does not stop this hart: {error:?}");
    }
}

/// Makes all harts but `here` stop themselves, and waits until the firmware has each of them.
pub(super) fn stop_others(landing: &Landing, here: HartIndex, ipi: &impl Ipi) -> Result<(), StartError> {
    let own = landing.hart(here).map(|known| known.hart.id);
    let others = || landing.facts().harts.ids().iter().copied().filter(|id| Some(*id) != own);
    if others().next().is_none() {
        return Ok(());
    }
    if !sbi_rt::probe_extension(sbi_rt::Hsm).is_available() {
        return Err(StartError::NoHsm);
    }
    let mut asked = landing.online_harts();
    asked.remove(here);
    ASKED.store(true, Ordering::Relaxed);
    publish();
    if !asked.is_empty() {
        ipi.interrupt(&asked);
    }
    let mut patience = Patience::begin(landing);
    while let Some(hart) = others().find(|id| !has_stopped(*id)) {
        if patience.is_over() {
            ASKED.store(false, Ordering::Relaxed);
            return Err(StartError::HartRuns { hart });
        }
        core::hint::spin_loop();
    }
    ASKED.store(false, Ordering::Relaxed);
    Ok(())
}

/// Returns true if the firmware holds the hart with this id.
pub(super) fn has_stopped(id: u64) -> bool {
    sbi_rt::hart_get_status(id as usize).value == STOPPED
}

/// Orders the request before the interrupt of other harts: an `ecall` orders no data.
pub(super) fn publish() {
    // SAFETY: it orders, and nothing else.
    unsafe { core::arch::asm!("fence rw, ow", options(nostack, preserves_flags)) };
}
