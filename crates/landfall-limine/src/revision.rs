//! Base revisions: the promises of the protocol that no feature covers.

use core::fmt;

/// A base revision that this version keeps.
///
/// Revisions 0, 1 and 2 promise that the first 4 GiB of physical memory are mapped, RAM or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BaseRevision {
    /// Only memory of some kinds is mapped. The addresses of firmware's tables are physical.
    R3 = 3,
    /// ACPI's tables are mapped.
    R4 = 4,
    /// SMBIOS's and EFI's tables are mapped.
    R5 = 5,
    /// All fields of `sstatus`, `stvec` and `satp` are defined at entry.
    R6 = 6,
}

impl BaseRevision {
    /// The highest one.
    pub const HIGHEST: Self = Self::R6;

    /// Returns the revision for a kernel that asks for this one: the highest for one that this
    /// version does not know. `None` for those that promise too much.
    #[must_use]
    pub const fn for_asked(asked: u64) -> Option<Self> {
        match asked {
            0..3 => None,
            3 => Some(Self::R3),
            4 => Some(Self::R4),
            5 => Some(Self::R5),
            _ => Some(Self::HIGHEST),
        }
    }

    /// Returns the number of the revision.
    #[must_use]
    pub const fn number(self) -> u64 {
        self as u64
    }
}

impl fmt::Display for BaseRevision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number().fmt(f)
    }
}
