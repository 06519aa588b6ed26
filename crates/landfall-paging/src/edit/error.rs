//! Why tables stay as they are.

use core::fmt;

use crate::addr::VirtAddr;
use crate::entry::Entry;

/// Why an operation was refused. The tables are as they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EditError {
    /// An address or the size is not a multiple of 4 KiB, or the size is 0.
    Misaligned {
        /// The stretch's first address.
        virt: VirtAddr,
        /// Its size in bytes.
        size: u64,
    },
    /// The stretch begins in the lower half of the address space, which belongs to user address
    /// spaces, and the editor is the kernel's.
    LowerHalf {
        /// The stretch's first address.
        virt: VirtAddr,
        /// Its size in bytes.
        size: u64,
    },
    /// The stretch begins in the upper half of the address space, which belongs to the kernel. The
    /// editor is that of a user address space.
    UpperHalf {
        /// The stretch's first address.
        virt: VirtAddr,
        /// Its size in bytes.
        size: u64,
    },
    /// The range is not canonical in this mode, or includes the last page of all, in which no Rust
    /// object may lie. Or its memory exceeds physical addresses of 56 bits.
    OutOfRange {
        /// The stretch's first address.
        virt: VirtAddr,
        /// Its size in bytes.
        size: u64,
    },
    /// A part of the stretch lies outside the regions that the editor owns.
    NotOwned {
        /// The stretch's first address.
        virt: VirtAddr,
        /// Its size in bytes.
        size: u64,
    },
    /// A part of the stretch is mapped already.
    Mapped {
        /// The first such address.
        virt: VirtAddr,
        /// The leaf that maps it.
        entry: Entry,
    },
    /// A part of the stretch was withdrawn, and its fence has not been completed.
    Withdrawn {
        /// The first such address.
        virt: VirtAddr,
    },
    /// A part of the stretch is not mapped.
    NotMapped {
        /// The first such address.
        virt: VirtAddr,
    },
    /// An entry that the editor cannot change: it is no leaf of this crate in the editor's format.
    Malformed {
        /// The first address of the stretch that it serves.
        virt: VirtAddr,
        /// The entry.
        entry: Entry,
    },
    /// There are too few frames for the tables that the operation takes. Those that there were have
    /// been given back.
    OutOfFrames {
        /// Tables that it takes.
        needed: u64,
        /// Frames that there were.
        found: u64,
    },
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Misaligned { virt, size } => {
                write!(f, "the stretch at {virt}, {size:#x} bytes, is empty or not a multiple of 4 KiB")
            }
            Self::LowerHalf { virt, size } => {
                let why = "begins in the lower half, which belongs to user address spaces";
                write!(f, "the stretch at {virt}, {size:#x} bytes, {why}")
            }
            Self::UpperHalf { virt, size } => {
                let why = "begins in the upper half, which belongs to the kernel";
                write!(f, "the stretch at {virt}, {size:#x} bytes, {why}")
            }
            Self::OutOfRange { virt, size } => {
                let why = "is not canonical, takes the last page of all, or leaves 56-bit physical addresses";
                write!(f, "the stretch at {virt}, {size:#x} bytes, {why}")
            }
            Self::NotOwned { virt, size } => {
                let why = "reaches beyond the regions that the editor owns";
                write!(f, "the stretch at {virt}, {size:#x} bytes, {why}")
            }
            Self::Mapped { virt, entry } => {
                write!(f, "{virt} is mapped already, to {} (entry {:#x})", entry.target(), entry.bits())
            }
            Self::Withdrawn { virt } => {
                write!(f, "{virt} was withdrawn, and a hart may still translate it; complete its fence")
            }
            Self::NotMapped { virt } => write!(f, "{virt} is not mapped"),
            Self::Malformed { virt, entry } => {
                write!(f, "the entry {:#x} that serves {virt} is no leaf that can be changed", entry.bits())
            }
            Self::OutOfFrames { needed, found } => {
                write!(f, "{needed} frames are needed for tables, and there were {found}")
            }
        }
    }
}

impl core::error::Error for EditError {}
