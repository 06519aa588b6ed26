//! The reasons why a kernel under EFI firmware does not land.
//!
//! Most are found before firmware exits, so that it can boot another image.

use core::fmt;

use landfall_plan::memory::{MAX_RANGES, RangeSetFull};
use landfall_plan::{Refusal, Rule};

use crate::acpi::AcpiError;
use crate::handed_on::fault::HandedFault;
use crate::memory::MemoryMapError;

/// Firmware's substitute for a device tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instead {
    /// Rule 20: no tables of ACPI either.
    Nothing {
        /// The number of its configuration tables.
        tables: usize,
    },
    /// Rule 25: ACPI tables that do not describe the harts.
    Acpi(AcpiError),
}

/// A failed exit of boot services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// The number of attempts.
    pub tries: u32,
    /// Its last status.
    pub status: usize,
}

/// A reason why the kernel does not land.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EfiRefusal {
    /// Rules 20 and 25: firmware has neither a device tree nor valid ACPI tables.
    NoTree(Instead),
    /// Rule 21: the id of this hart is unknown.
    NoHart,
    /// Rule 22: firmware has an initrd but does not return it.
    Initrd {
        /// The status of its `LoadFile2`.
        status: usize,
    },
    /// Rule 23: firmware has no memory for the tree, the memory map or the initrd.
    NoMemory {
        /// The bytes that were requested.
        wanted: usize,
        /// The status of `AllocatePages`.
        status: usize,
    },
    /// Rule 23: firmware returned no memory map.
    NoMap {
        /// The status of `GetMemoryMap`.
        status: usize,
    },
    /// Rule 23: the memory map is invalid.
    BadMap(MemoryMapError),
    /// Rule 24: firmware does not exit its boot services.
    Exit(Exit),
    /// Rule 28: another kernel handed on firmware's data, which is incomplete or invalid.
    HandedOn(HandedFault),
    /// A rule that holds for every loader.
    Landing(Refusal),
}

impl EfiRefusal {
    /// Returns the rule that is broken.
    // Each copy of it has a table of addresses, which costs all rebases.
    #[inline(never)]
    #[must_use]
    pub const fn rule(&self) -> Rule {
        match self {
            Self::NoTree(Instead::Nothing { .. }) => Rule::NoTables,
            Self::NoHart => Rule::NoBootHart,
            Self::Initrd { .. } => Rule::Initrd,
            Self::NoMemory { .. } | Self::NoMap { .. } | Self::BadMap(_) => Rule::FirmwareMemory,
            Self::Exit(_) => Rule::FirmwareExit,
            Self::NoTree(Instead::Acpi(_)) => Rule::Acpi,
            Self::HandedOn(_) => Rule::HandedOn,
            Self::Landing(refusal) => refusal.rule(),
        }
    }
}

impl fmt::Display for EfiRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTree(Instead::Nothing { tables }) => write!(
                f,
                "the firmware has neither a device tree nor ACPI among its {tables} configuration tables; provide one of them (EFI_DTB_TABLE_GUID, EFI_ACPI_20_TABLE_GUID)"
            ),
            Self::NoHart => write!(
                f,
                "the firmware does not state the boot hart; provide RISCV_EFI_BOOT_PROTOCOL, or /chosen/boot-hartid in the device tree"
            ),
            Self::Initrd { status } => write!(
                f,
                "the firmware has an initrd but does not return it (LoadFile2, status {status:#x}); correct its file, or boot without one"
            ),
            Self::NoMemory { wanted, status } => write!(
                f,
                "the firmware did not allocate {wanted:#x} bytes for device tree, memory map and initrd (AllocatePages, status {status:#x}); add memory, or use a smaller initrd"
            ),
            Self::NoMap { status } => {
                write!(
                    f,
                    "the firmware returned no memory map (GetMemoryMap, status {status:#x}); update the firmware"
                )
            }
            Self::BadMap(error) => error.fmt(f),
            Self::HandedOn(fault) => fault.fmt(f),
            Self::NoTree(Instead::Acpi(error)) => error.fmt(f),
            Self::Exit(Exit { tries, status }) => write!(
                f,
                "the firmware did not exit its boot services in {tries} attempts (ExitBootServices, status {status:#x}); update the firmware"
            ),
            Self::Landing(Refusal::TooManyRanges { what, overflow: RangeSetFull(range) }) => write!(
                f,
                "the firmware's memory map and device tree have more than {MAX_RANGES} separate ranges of {what}, and {range} does not fit; start the kernel before programs that split memory"
            ),
            Self::Landing(refusal) => refusal.fmt(f),
        }
    }
}

impl core::error::Error for EfiRefusal {}

impl From<Refusal> for EfiRefusal {
    fn from(refusal: Refusal) -> Self {
        Self::Landing(refusal)
    }
}

impl From<MemoryMapError> for EfiRefusal {
    fn from(error: MemoryMapError) -> Self {
        Self::BadMap(error)
    }
}

impl From<HandedFault> for EfiRefusal {
    fn from(fault: HandedFault) -> Self {
        Self::HandedOn(fault)
    }
}

impl From<AcpiError> for EfiRefusal {
    fn from(error: AcpiError) -> Self {
        Self::NoTree(Instead::Acpi(error))
    }
}
