//! Why there can be no landing, found while firmware can still go on with something else.

use core::fmt;

use landfall_plan::{MAX_RANGES, Overflow, Refusal};

use crate::memory::MemoryMapError;

/// What firmware describes the machine by, besides a device tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tables {
    /// ACPI's tables.
    Acpi,
    /// Nothing.
    None,
}

/// What firmware says when it will not be left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// How often it was asked.
    pub tries: u32,
    /// Its last status.
    pub status: usize,
}

/// Why there can be no landing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Rule 20: firmware has no device tree.
    NoTree(Tables),
    /// Rule 21: nobody says which hart this is.
    NoHart,
    /// Rule 22: firmware has an initrd and does not give it.
    Initrd {
        /// The status of its `LoadFile2`.
        status: usize,
    },
    /// Rule 23: firmware has no memory for the tree, the memory map or the initrd.
    NoMemory {
        /// Bytes that were asked for.
        wanted: usize,
        /// The status of `AllocatePages`.
        status: usize,
    },
    /// Rule 23: firmware gives no memory map.
    NoMap {
        /// The status of `GetMemoryMap`.
        status: usize,
    },
    /// Rule 23: what it gives is none.
    BadMap(MemoryMapError),
    /// Rule 24: firmware will not be left.
    Exit(Exit),
    /// A rule that holds for every loader.
    Landing(Refusal),
}

impl Refused {
    /// The number of the rule in `docs/boot-contract.md`.
    #[must_use]
    pub const fn rule(&self) -> u32 {
        match self {
            Self::NoTree(_) => 20,
            Self::NoHart => 21,
            Self::Initrd { .. } => 22,
            Self::NoMemory { .. } | Self::NoMap { .. } | Self::BadMap(_) => 23,
            Self::Exit(_) => 24,
            Self::Landing(refusal) => refusal.rule(),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTree(Tables::Acpi) => write!(
                f,
                "the firmware describes the machine by ACPI alone; set it to give a device tree (QEMU: -machine virt,acpi=off)"
            ),
            Self::NoTree(Tables::None) => write!(
                f,
                "the firmware has no device tree; it must have one among its configuration tables (EFI_DTB_TABLE_GUID)"
            ),
            Self::NoHart => write!(
                f,
                "the firmware does not say which hart this is; it must have RISCV_EFI_BOOT_PROTOCOL, or the device tree /chosen/boot-hartid"
            ),
            Self::Initrd { status } => write!(
                f,
                "the firmware has an initrd and does not give it (LoadFile2, status {status:#x}); give it the file, or none"
            ),
            Self::NoMemory { wanted, status } => write!(
                f,
                "the firmware gives no {wanted:#x} bytes for device tree, memory map and initrd (AllocatePages, status {status:#x}); the machine needs more memory"
            ),
            Self::NoMap { status } => {
                write!(f, "the firmware gives no memory map (GetMemoryMap, status {status:#x}); it must")
            }
            Self::BadMap(error) => error.fmt(f),
            Self::Exit(Exit { tries, status }) => write!(
                f,
                "the firmware was to be left {tries} times and did not let go (ExitBootServices, status {status:#x}); it must, with the key of its last memory map"
            ),
            Self::Landing(Refusal::TooManyRanges { what, overflow: Overflow(range) }) => write!(
                f,
                "the firmware's memory map and device tree have more than {MAX_RANGES} separate ranges of {what}; {range} did not fit; start the kernel before what takes memory in so many pieces"
            ),
            Self::Landing(refusal) => refusal.fmt(f),
        }
    }
}

impl core::error::Error for Refused {}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Landing(refusal)
    }
}

impl From<MemoryMapError> for Refused {
    fn from(error: MemoryMapError) -> Self {
        Self::BadMap(error)
    }
}
