//! Changes that survive in the code that the kernel `kexec` tries.

use super::{Survivor, survivor};

const DEVICE: &str =
    "The simulator's firmware interrupts a hart by a device write. Another one may store to memory.";
const IMSIC: &str = "No hart of the simulator has an IMSIC, so the access traps. The boots kexec/imsic of QEMU \
     have one.";
const LATE: &str = "No kernel of the tests takes a trap between the leave and the copier.";
const NEXT: &str = "The next kernel is landfall's. It fences before it relies on its own tables, and another kernel \
     need not.";
const NO_LOAD: &str = "No load before the request matters to the hart that finds it.";
const TIMER: &str = "The simulator's firmware sets `stimecmp` by the call before. Firmware may have a timer of \
     its own.";

/// The changes.
pub(super) const SURVIVORS: &[Survivor] = &[
    survivor(
        "crates/landfall-kexec/src/machine/stop.rs: fence rw, ow",
        "fence rw, ow as fence rw, o",
        DEVICE,
    ),
    survivor(
        "crates/landfall-kexec/src/machine/stop.rs: fence rw, ow",
        "fence rw, ow as fence w, ow",
        NO_LOAD,
    ),
    survivor("landfall_kexec_copier", "no sfence.vma", NEXT),
    survivor("landfall_kexec_leave", "no csrw stvec, t0", LATE),
    survivor("landfall_kexec_quiet", "no csrw 0x150", IMSIC),
    survivor("landfall_kexec_quiet", "no csrw 0x151", IMSIC),
    survivor("landfall_kexec_quiet", "no csrw stimecmp, t3", TIMER),
    survivor("landfall_kexec_quiet", "no csrw stvec, t1", LATE),
];
