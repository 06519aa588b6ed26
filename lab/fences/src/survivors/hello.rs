//! Mutants of `hello` that no landing kills.

use super::{Survivor, survivor};

const CONSOLE: &str = "The simulator's firmware hands each byte to the device before the call returns. \
     Elsewhere the byte may wait, while the lock is already free.";
const EFI: &str = "EFI firmware alone leads there. The simulator's firmware loads no PE file.";
const GUARD: &str = "The guard of `fcsr`, which a hart without F lacks. Each hart of the simulator has F.";
const IGNORED: &str = "The write before was void, so `satp` is 0 already. Some parts keep other fields of a \
     value with an unsupported mode (openc910 #63).";
const INTERRUPTS: &str = "`hello` never turns interrupts on, so they are off before and after.";
const LANDED: &str = "HSM states no order for the loads of a hart that it starts. The simulator lets them see \
     all that was fenced before the call, and a waiting hart acquires the release word.";
const MOVED: &str = "A trap between the move and the next write of `stvec`: the simulator's machines with a \
     flaw trap before. The boots refusal/R16 of QEMU have these traps.";
const NEW_ROOT: &str = "No hart of the simulator had translation on under its loader, so it holds nothing that is \
     stale. The fence before `satp` orders the tables. The specification asks for this one too.";
const PROBE_LEAF: &str =
    "The probe's leaf lies in the lower half, where `hello` maps nothing and accesses nothing.";
const PROBE: &str = "A trap in the probe. The firmware of the simulator permits each write of `satp` \
     (mstatus.TVM), and its harts support each mode that they accept.";

const TWO_TRAPS: &str = "It counts if the firmware has turned double traps on and the tree states Zicboz wrongly. \
     Few machines have both: seed 358 fails.";

/// The mutants of `hello` that survive.
pub(super) const SURVIVORS: &[Survivor] = &[
    survivor("landfall_reset_registers", "no csrw stvec, t0", GUARD),
    survivor("landfall_reset_registers", "no csrc sstatus, t2", GUARD),
    survivor("landfall_efi_enter", "no csrs sstatus, t0", EFI),
    survivor("landfall_late_trap", "no fence", CONSOLE),
    survivor("landfall_late_trap", "fence", CONSOLE),
    survivor("landfall_probe", "no csrw stvec, t1", PROBE),
    survivor("landfall_probe", "no csrc sstatus, t0", PROBE),
    survivor("landfall_probe", "no sfence.vma", PROBE_LEAF),
    survivor(
        "landfall_read_seed",
        "no csrrw seed, zero",
        "Without the read there is no entropy, as with a dead source: `hello` lands by the tree's seed.",
    ),
    survivor("landfall_copier", "no csrw stvec, t0", MOVED),
    survivor("landfall_moved", "no csrw stvec, t0", MOVED),
    survivor("landfall_landed", "no sfence.vma", NEW_ROOT),
    survivor("landfall_secondary_landed", "no sfence.vma", NEW_ROOT),
    survivor("landfall_leap_satp", "no csrw satp, zero", IGNORED),
    survivor("landfall_secondary_satp", "no csrw satp, zero", IGNORED),
    survivor(
        "landfall_wait_for_release",
        "fence r, rw as fence r, r",
        "Each store that follows depends on the load by a branch, which orders the two already.",
    ),
    survivor("landfall_secondary", "lr.aq without order", LANDED),
    survivor("landfall_secondary", "no fence.i", LANDED),
    survivor("crates/landfall/src/machine/harts.rs: self.0.store", "no fence rw, w", LANDED),
    survivor("crates/landfall/src/machine/harts.rs: self.0.store", "fence rw, w as", LANDED),
    survivor(
        "crates/landfall/src/machine/harts.rs: RELEASE",
        "fence rw, w as fence w, w",
        "A waiting hart that sees the word reads what was stored before, and no load before matters to it.",
    ),
    survivor(
        "crates/landfall/src/machine/harts.rs: fence rw, ow",
        "fence rw, ow as fence rw, o",
        "The simulator's firmware starts a hart by a device write. Another one may store to memory.",
    ),
    survivor(
        "crates/landfall/src/machine/harts.rs: fence rw, ow",
        "fence rw, ow as fence w, ow",
        "No load before the start of a hart matters to that hart.",
    ),
    survivor("crates/landfall/src/machine/console.rs", "no fence", CONSOLE),
    survivor("crates/landfall/src/machine/console.rs", "fence", CONSOLE),
    survivor("crates/landfall/src/machine/console.rs", "no csrrci sstatus, 2", INTERRUPTS),
    survivor("crates/landfall/src/machine/console.rs", "no csrs sstatus", INTERRUPTS),
    survivor("crates/landfall/src/machine/clock.rs", "no csrrci sstatus, 2", INTERRUPTS),
    survivor("crates/landfall/src/machine/clock.rs", "no csrs sstatus", INTERRUPTS),
    survivor("crates/landfall/src/machine/efi/mod.rs", "no", EFI),
    survivor(
        "crates/landfall/src/machine/landing.rs",
        "",
        "`hello` takes neither entropy nor tables, so no hart reads what this release orders.",
    ),
    survivor("landfall_try_blocks", "no csrc sstatus, t1", TWO_TRAPS),
];
