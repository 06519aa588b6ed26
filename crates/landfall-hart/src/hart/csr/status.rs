//! `sstatus`.

use super::super::Hart;
use super::more;
pub(crate) use super::more::VS;

/// Interrupts are taken in supervisor mode.
pub(crate) const SIE: u64 = 1 << 1;
/// SIE before the trap.
pub(crate) const SPIE: u64 = 1 << 5;
/// The trap came from supervisor mode.
pub(crate) const SPP: u64 = 1 << 8;
/// The state of the floating-point unit: 0 Off, 1 Initial, 2 Clean, 3 Dirty.
pub(crate) const FS: u64 = 3 << 13;
/// FS is Dirty.
pub(crate) const FS_DIRTY: u64 = FS;
/// Supervisor mode may access pages of user mode.
pub(crate) const SUM: u64 = 1 << 18;
/// Executable pages are readable.
pub(crate) const MXR: u64 = 1 << 19;
/// A trap is a double trap (Ssdbltrp).
pub(crate) const SDT: u64 = 1 << 24;
/// User mode has 64 bits: UXL is read-only 2.
pub(crate) const UXL: u64 = 2 << 32;
/// Some state is Dirty.
pub(crate) const SD: u64 = 1 << 63;

/// The fields that a write can change on each hart.
const WRITABLE: u64 = SIE | SPIE | SPP | FS | SUM | MXR;

/// Returns the value that a read of `sstatus` returns.
pub(super) fn read(hart: &Hart) -> u64 {
    let status = hart.csrs.sstatus;
    if status & FS == FS_DIRTY || status & VS == VS { status | SD } else { status }
}

/// Writes `sstatus`.
pub(in crate::hart) fn write(hart: &mut Hart, value: u64) {
    hart.csrs.sstatus = legal(hart, value);
}

/// Returns the legal value of `sstatus` for a write.
pub(crate) const fn legal(hart: &Hart, value: u64) -> u64 {
    // Without the feature, SDT is read-only 0.
    let double_trap = if hart.features.double_trap { SDT } else { 0 };
    let vectors = if more::has_vectors(hart.implementation.more_csrs) { VS } else { 0 };
    let mut status = value & (WRITABLE | double_trap | vectors) | UXL;
    if status & SDT != 0 {
        // SIE is clear while SDT is set.
        status &= !SIE;
    }
    if hart.implementation.two_float_states && status & FS != 0 {
        status |= FS_DIRTY;
    }
    status
}
