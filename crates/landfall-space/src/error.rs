//! Why the space refuses a request.

use core::fmt;

use landfall_paging::{EditError, PhysRange, VirtAddr, VirtRange};

use crate::fence::FenceFailed;

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpaceError {
    /// No range of the region is free that holds the request and its guards.
    NoRoom {
        /// Bytes, guards included.
        size: u64,
        /// The region.
        region: VirtRange,
    },
    /// A size or an address is 0, not a multiple of 4 KiB, or the range is outside what it must be
    /// within.
    Misplaced {
        /// The first address.
        virt: VirtAddr,
        /// Bytes.
        size: u64,
    },
    /// The registers overlap RAM, which the linear map holds as ordinary memory.
    Ram(PhysRange),
    /// The physical addresses are empty, or exceed 56 bits.
    NoSuchMemory(PhysRange),
    /// The tables cannot be changed so. Nothing has changed.
    Tables(EditError),
    /// The linear address of this memory is a root entry, of which other roots have copies. Memory
    /// for code and memory that is not cached come from the pools that the space was made with.
    OutsidePools(PhysRange),
    /// The harts cannot map memory as uncached: Svpbmt is missing, or T-Head's memory types.
    NoMemoryTypes,
    /// A hart cannot drop its cached data of a range: Zicbom is missing.
    NoCacheFlush,
    /// All ASIDs that the harts have are in use.
    OutOfAsids,
    /// There is no frame, such as for a root.
    OutOfFrames,
    /// A hart still translates through the address space.
    Running,
    /// Some harts may not have executed a fence.
    Fence(FenceFailed),
}

impl fmt::Display for SpaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRoom { size, region } => {
                write!(f, "no {size:#x} bytes are free in the region of {:#x} bytes", region.size())
            }
            Self::Misplaced { size, .. } => {
                write!(f, "the {size:#x} bytes are empty, no whole pages, or outside of their range")
            }
            Self::Ram(range) => {
                let help = "map it as memory";
                write!(
                    f,
                    "the registers at {}, {:#x} bytes, overlap RAM; {help}",
                    range.start(),
                    range.size()
                )
            }
            Self::NoSuchMemory(range) => {
                write!(f, "{:#x} bytes at {} are no physical memory", range.size(), range.start())
            }
            Self::Tables(error) => write!(f, "{error}"),
            Self::OutsidePools(range) => {
                let help = "take it from a pool that the space was made with";
                write!(f, "the linear address of {} is in a root entry; {help}", range.start())
            }
            Self::NoMemoryTypes => f.write_str("the harts have neither Svpbmt nor T-Head's memory types"),
            Self::NoCacheFlush => f.write_str("a hart lacks Zicbom, so its cached data cannot be dropped"),
            Self::OutOfAsids => f.write_str("all ASIDs that the harts have are in use"),
            Self::OutOfFrames => f.write_str("no frame is left"),
            Self::Running => f.write_str("a hart still translates through the address space"),
            Self::Fence(error) => write!(f, "{error}"),
        }
    }
}

impl core::error::Error for SpaceError {}

impl From<EditError> for SpaceError {
    fn from(error: EditError) -> Self {
        Self::Tables(error)
    }
}

impl From<FenceFailed> for SpaceError {
    fn from(error: FenceFailed) -> Self {
        Self::Fence(error)
    }
}

/// A refused request, with the value that it was made with.
#[derive(Debug)]
#[must_use = "the value is lost with the error"]
pub struct Refused<T> {
    /// The reason.
    pub error: SpaceError,
    /// The value. `None` if a fence failed: it is withheld for good.
    pub returned: Option<T>,
}

impl<T> Refused<T> {
    pub(crate) fn new(error: impl Into<SpaceError>, returned: T) -> Self {
        Self { error: error.into(), returned: Some(returned) }
    }

    /// Converts the value.
    pub(crate) fn map<U>(self, convert: impl FnOnce(T) -> U) -> Refused<U> {
        Refused { error: self.error, returned: self.returned.map(convert) }
    }

    pub(crate) fn withheld(error: FenceFailed) -> Self {
        Self { error: SpaceError::Fence(error), returned: None }
    }
}

impl<T> fmt::Display for Refused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<T: fmt::Debug> core::error::Error for Refused<T> {}
