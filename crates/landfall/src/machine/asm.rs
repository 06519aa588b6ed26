//! The assembly: entry, registers, the seal's check, pages, words, zeroing, probe, move, leap,
//! secondary harts, traps, refusals. Each file states its inputs and what it clobbers; the module
//! that calls a routine declares it.

use core::arch::global_asm;
use core::mem::offset_of;

use landfall_image::feature::{Feature, Features};
use landfall_image::{header, pe, record, seal};
use landfall_plan::Rule;
use landfall_plan::harts::MAX_HARTS;
// Only the assembly calls these functions.
use landfall_rebase as _;

use super::DISCLOSES;
use super::console::{LINE, Line, PATIENCE};
use super::hart_seed;
use super::harts::{CLAIMED, FAILED, OFFERED, RECORDS, START, STATE_BITS, Start, StartRecord};
use super::trap::{FRAME, FRAME_SPACE, OVERFLOW_ROOM};

/// Bytes of the stack on which the landing runs. Optimized code takes 3.3 to 4.6 KiB of it, and
/// other code 14 KiB. It is wiped, so each KiB costs 128 stores.
const EARLY_STACK: usize = if cfg!(landfall_unoptimized) { 20 } else { 8 } * 1024;

/// Bytes at the lower end of that stack that stay 0. If they do not, the stack was too small.
const UNREACHED: usize = 64;

/// The features that this build lacks.
const MISSING: Features = {
    let mut missing = Features::NONE;
    if !cfg!(feature = "efi") {
        missing = missing.with(Feature::Efi);
    }
    if !cfg!(feature = "acpi") {
        missing = missing.with(Feature::Acpi);
    }
    if !cfg!(feature = "report") {
        missing = missing.with(Feature::Report);
    }
    if !cfg!(feature = "relocate") {
        missing = missing.with(Feature::Relocate);
    }
    missing
};

/// Fields of `sstatus` (RISC-V privileged architecture, "Supervisor Status Register").
mod sstatus {
    const SIE: u32 = 1 << 1;
    const SPIE: u32 = 1 << 5;
    const UBE: u32 = 1 << 6;
    const SPP: u32 = 1 << 8;
    const VS: u32 = 3 << 9;
    pub(super) const FS: u32 = 3 << 13;
    const SUM: u32 = 1 << 18;
    const MXR: u32 = 1 << 19;
    const SPELP: u32 = 1 << 23;
    /// Set by each trap where the hart has Ssdbltrp; a trap while it is set is fatal.
    pub(super) const SDT: u32 = 1 << 24;
    pub(super) const FS_INITIAL: u32 = 1 << 13;
    /// The units for floating-point numbers and vectors.
    pub(super) const UNITS: u32 = FS | VS;
    /// Everything that a loader may have left there, but for the width of user mode.
    pub(super) const CLEARED: u32 = SIE | SPIE | UBE | SPP | VS | FS | SUM | MXR | SPELP | SDT;
    /// The state after a trap to supervisor mode.
    pub(super) const TRAPPED: u32 = SPIE | SPP | SPELP | SDT;
}

global_asm!(
    include_str!("../asm/registers.s"),
    CLEARED = const sstatus::CLEARED,
    UNITS = const sstatus::UNITS,
    FS_INITIAL = const sstatus::FS_INITIAL,
    SDT = const sstatus::SDT,
);
global_asm!(
    include_str!("../asm/head.s"),
    TEXT_OFFSET = const header::TEXT_OFFSET,
    HEADER_VERSION = const header::VERSION,
    MAGIC = const header::MAGIC,
    MAGIC2 = const header::MAGIC2,
    RECORD_MAGIC = const record::MAGIC,
    RECORD_VERSION = const record::version_word(MISSING),
    UNSEALED = const record::UNSEALED,
    EFI = const cfg!(feature = "efi") as u8,
    DOS_MAGIC = const pe::DOS_MAGIC,
    PE_OFFSET = const pe::OFFSET,
    PE_SIGNATURE = const pe::SIGNATURE,
    PE_MACHINE = const pe::MACHINE,
    PE_OPTIONAL_SIZE = const pe::OPTIONAL_SIZE,
    PE_CHARACTERISTICS = const pe::CHARACTERISTICS,
    PE_OPTIONAL_MAGIC = const pe::OPTIONAL_MAGIC,
    PE_ALIGNMENT = const pe::ALIGNMENT,
    PE_IMAGE_VERSION = const pe::IMAGE_VERSION,
    PE_SUBSYSTEM = const pe::SUBSYSTEM,
    PE_DLL_CHARACTERISTICS = const pe::DLL_CHARACTERISTICS,
    PE_CODE = const pe::CODE,
    PE_DATA = const pe::DATA,
    EARLY_STACK = const EARLY_STACK,
    CLEARED = const sstatus::CLEARED,
);
#[cfg(feature = "efi")]
global_asm!(
    include_str!("../asm/efi.s"),
    RULE_ALIGNMENT = const Rule::Alignment.number(),
    RULE_HEADER = const Rule::Header.number(),
    RULE_RELOCATIONS = const Rule::Relocations.number(),
);
global_asm!(
    include_str!("../asm/check.s"),
    MULTIPLIER = const seal::MULTIPLIER,
    UNSEALED = const record::UNSEALED,
    SEALED = const record::SEALED,
);
global_asm!(
    include_str!("../asm/refuse.s"),
    LINE = sym LINE,
    PATIENCE = const PATIENCE,
    DISCLOSES = sym DISCLOSES,
    RULE_ALIGNMENT = const Rule::Alignment.number(),
    RULE_HEADER = const Rule::Header.number(),
    RULE_RELOCATIONS = const Rule::Relocations.number(),
    RULE_NO_TREE = const Rule::NoTree.number(),
    RULE_TREE_OVERLAP = const Rule::TreeOverlap.number(),
    RULE_PROBE_FAILED = const Rule::ProbeFailed.number(),
    RULE_EARLY_TRAP = const Rule::EarlyTrap.number(),
    RULE_EARLY_PANIC = const Rule::EarlyPanic.number(),
    RULE_NOT_MEMORY = const Rule::NotMemory.number(),
);
global_asm!(include_str!("../asm/entries.s"));
global_asm!(include_str!("../asm/pages.s"));
global_asm!(include_str!("../asm/words.s"));
global_asm!(include_str!("../asm/zero.s"), SDT = const sstatus::SDT);
global_asm!(include_str!("../asm/probe.s"), SDT = const sstatus::SDT);
global_asm!(include_str!("../asm/seed.s"), SDT = const sstatus::SDT, SEED_SIZE = const hart_seed::SIZE);
global_asm!(
    include_str!("../asm/trap.s"),
    SPACE = const FRAME_SPACE,
    FRAME = const FRAME,
    ROOM = const OVERFLOW_ROOM,
    FS = const sstatus::FS,
    SDT = const sstatus::SDT,
);
#[cfg(feature = "relocate")]
global_asm!(
    include_str!("../asm/move.s"),
    RULE_EARLY_TRAP = const Rule::EarlyTrap.number(),
);
global_asm!(
    include_str!("../asm/leap.s"),
    TRAPPED = const sstatus::TRAPPED,
    UNREACHED = const UNREACHED,
);
global_asm!(
    include_str!("../asm/secondary.s"),
    RECORDS = sym RECORDS,
    START = sym START,
    STATE_BITS = const STATE_BITS,
    STATE_MASK = const (1 << STATE_BITS) - 1,
    OFFERED = const OFFERED,
    CLAIMED = const CLAIMED,
    FAILED = const FAILED,
    TRAPPED = const sstatus::TRAPPED,
);

// The offsets that secondary.s uses.
const _: () = {
    assert!(offset_of!(Start, satp) == 0);
    assert!(offset_of!(Start, landed) == 8);
    assert!(offset_of!(Start, stack) == 16);
    assert!(offset_of!(Start, stack_stride) == 24);
    assert!(offset_of!(Start, ids) == 32);
    assert!(offset_of!(Start, count) == 40);
    assert!(size_of::<StartRecord>() == 4);
    assert!(MAX_HARTS < 1 << (32 - STATE_BITS));
    // The offsets that refuse.s uses.
    assert!(offset_of!(Line, holder) == 0);
    assert!(offset_of!(Line, written) == 4);
};

unsafe extern "C" {
    /// Powers the machine off: see refuse.s. A hart that cannot, sleeps.
    pub(super) safe fn landfall_power_off(reason: u64) -> !;
}
