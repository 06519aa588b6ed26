//! The stop of all other harts at a crash. Each saves its registers and stops itself.

use core::sync::atomic::{AtomicU64, Ordering};

use landfall::HartIndex;
use landfall::harts::{HartSet, Patience};
use landfall::space::Ipi;
use landfall::trap::TrapFrame;

use super::super::quiet::{interrupts_off, quiet};
use super::super::stop::{has_stopped, publish};
use super::armed::{Loaded, loaded};

/// The number of the hart that crashed first, plus 1; 0 before.
static CLAIM: AtomicU64 = AtomicU64::new(0);

/// The registers of a hart, and where it was.
pub(super) struct Registers {
    pub(super) pc: u64,
    pub(super) all: [u64; 32],
}

impl Registers {
    /// Returns the registers of a trap.
    pub(super) fn of(frame: &TrapFrame) -> Self {
        let register = |number| frame.register(number).unwrap_or(0);
        Self { pc: frame.sepc(), all: core::array::from_fn(register) }
    }
}

/// Makes the calling hart the one that starts the crash kernel.
///
/// # Errors
/// The hart that came first.
pub(super) fn claim(hart: HartIndex) -> Result<(), HartIndex> {
    match CLAIM.compare_exchange(0, hart.get() + 1, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => Ok(()),
        Err(first) => Err(HartIndex::new(first - 1)),
    }
}

pub(super) fn save(loaded: &Loaded, hart: HartIndex, registers: &Registers) {
    if let Some(area) = loaded.areas.get(hart.get() as usize) {
        area.save(hart, registers.pc, &registers.all);
    }
}

/// Saves the registers of the calling hart, and stops it.
pub(super) fn stop_here(loaded: &Loaded, hart: HartIndex, registers: &Registers) -> ! {
    save(loaded, hart, registers);
    let _ = interrupts_off();
    // SAFETY: this hart ends.
    unsafe { quiet() };
    let _ = sbi_rt::hart_stop();
    // Firmware without HSM keeps no hart.
    loop {
        landfall::wait_for_interrupt();
    }
}

/// Stops the calling hart, hart `hart`, if another one has crashed. Returns otherwise. The handler
/// of interrupts between harts calls it with the frame of the interrupt.
pub fn stop_if_crashed(hart: HartIndex, frame: &TrapFrame) {
    stop_if_claimed(hart, &Registers::of(frame));
}

/// Stops the calling hart, with these registers, if another one has crashed.
pub(super) fn stop_if_claimed(hart: HartIndex, registers: &Registers) {
    let first = CLAIM.load(Ordering::Acquire);
    if let Some(loaded) = loaded()
        && first != 0
        && first != hart.get() + 1
    {
        stop_here(&loaded, hart, registers);
    }
}

/// Makes all harts but `here` stop themselves, and waits until the firmware has each of them, or
/// for too long. Then it names the harts that run on.
///
/// `inject` stops the hart with this id by an event; where it returns false, `ipi` interrupts it.
pub(super) fn stop_others(loaded: &Loaded, here: HartIndex, ipi: &impl Ipi, inject: fn(u64) -> bool) {
    let mut others = loaded.landing.online_harts();
    others.remove(here);
    if others.is_empty() {
        return;
    }
    publish();
    let id_of = |hart: HartIndex| loaded.landing.hart(hart).map_or(u64::MAX, |known| known.hart.id);
    let interrupted: HartSet = others.iter().filter(|hart| !inject(id_of(*hart))).collect();
    if !interrupted.is_empty() {
        ipi.interrupt(&interrupted);
    }
    let by_events = interrupted.len() < others.len();
    let has_stopped = |hart: &HartIndex| has_stopped(id_of(*hart));
    let mut patience = Patience::begin(loaded.landing);
    while !others.iter().all(|hart| has_stopped(&hart)) && !patience.is_over() {
        core::hint::spin_loop();
    }
    if by_events {
        // OpenSBI prints a message without an end when a hart stops in an event. The next kernel's
        // lines must begin at the left.
        landfall::println!();
    }
    for hart in others.iter().filter(|hart| !has_stopped(hart)) {
        landfall::println!("landfall: crash: hart {hart} is not stopped; the core has no registers of it");
    }
}
