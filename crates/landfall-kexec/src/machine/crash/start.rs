//! The jump into the crash kernel. Nothing here waits for a lock or trusts a stack, since a crash
//! may have come in the middle of anything.

use landfall::HartIndex;
use landfall::space::Ipi;
use landfall::trap::TrapFrame;

use super::super::asm::{landfall_kexec_leave, landfall_kexec_registers};
use super::super::quiet::{interrupts_off, quiet};
use super::armed::{Jump, loaded};
use super::event::{forget_event, inject};
use super::stop::{Registers, claim, save, stop_here, stop_others};

/// Starts the crash kernel by hart `hart`, the calling one. A panic handler or a trap handler calls
/// it, on any stack. `frame` has the registers of the trap; without it, those of the caller count.
///
/// One hart goes on. The others save their registers and stop: `ipi` interrupts them, and their
/// handlers call [`stop_if_crashed`](super::stop_if_crashed). A hart that does not stop in time is
/// printed. If a fault in here calls this again on the same hart, it jumps at once.
///
/// It returns only if no crash kernel is loaded.
#[inline(never)]
pub fn crash(hart: HartIndex, frame: Option<&TrapFrame>, ipi: &impl Ipi) {
    let Some(loaded) = loaded() else { return };
    let _ = interrupts_off();
    let registers = if let Some(frame) = frame {
        Registers::of(frame)
    } else {
        let mut all = [0; 32];
        // SAFETY: the place has room for all. The frame of this function lives on, since nothing
        // returns to it, so a debugger can go on from here.
        unsafe { landfall_kexec_registers(&raw mut all) };
        // The call's return address is where this hart is.
        Registers { pc: all[1], all }
    };
    match claim(hart) {
        Ok(()) => {
            save(&loaded, hart, &registers);
            stop_others(&loaded, hart, ipi, inject);
        }
        Err(first) if first == hart => {}
        Err(_) => stop_here(&loaded, hart, &registers),
    }
    let own = loaded.landing.hart(hart).map_or(loaded.landing.facts().boot_hart, |known| known.hart.id);
    let Jump { tree, list, entry, copier, satp } = loaded.jump;
    forget_event();
    // SAFETY: this kernel ends here, and interrupts are off. `load_crash_kernel` has put tables,
    // copier and list into crash memory, which nothing maps. A hart that has not stopped knows no
    // address of it.
    unsafe {
        quiet();
        landfall_kexec_leave(own, tree, list, entry, satp, copier)
    }
}
