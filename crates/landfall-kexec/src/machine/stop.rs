//! The stop of all other harts. Each stops itself, since the SBI stops no other one (HSM,
//! chapter 9), and memory is overwritten only when the firmware confirms it.

use core::sync::atomic::{AtomicBool, Ordering};

use landfall::harts::{HartSet, Patience};
use landfall::space::Ipi;
use landfall::{HartIndex, Landing};

use super::error::StartError;
use super::quiet::{interrupts_off, quiet};

/// True while other harts are asked to stop.
static ASKED: AtomicBool = AtomicBool::new(false);

/// The value of `hart_get_status` for a hart that the firmware holds (SBI, table 9.1).
const STOPPED: usize = 1;

/// Stops this hart if another one starts the next kernel, and returns otherwise. A kernel's handler
/// of interrupts between harts calls it.
///
/// # Panics
/// If the firmware does not stop the hart.
pub fn stop_if_asked() {
    if ASKED.load(Ordering::Acquire) {
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
    ASKED.store(true, Ordering::Release);
    interrupt(ipi, &asked);
    let mut patience = Patience::begin(landing);
    let runs = |id: &u64| sbi_rt::hart_get_status(*id as usize).value != STOPPED;
    while let Some(hart) = others().find(runs) {
        if patience.is_over() {
            ASKED.store(false, Ordering::Release);
            return Err(StartError::HartRuns { hart });
        }
        core::hint::spin_loop();
    }
    ASKED.store(false, Ordering::Relaxed);
    Ok(())
}

/// Interrupts the harts. An `ecall` orders no data, so a fence comes before it.
fn interrupt(ipi: &impl Ipi, harts: &HartSet) {
    if !harts.is_empty() {
        // SAFETY: it orders, and nothing else.
        unsafe { core::arch::asm!("fence rw, ow", options(nostack, preserves_flags)) };
        ipi.interrupt(harts);
    }
}
