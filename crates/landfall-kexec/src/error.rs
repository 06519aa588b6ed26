//! Faults of a plan. The running kernel goes on.

use core::fmt;

use landfall_efi::NextMapError;
use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::Refusal;

use crate::image::{ImageError, ImageKind};
use crate::steps::OrderError;

/// A part that the next kernel gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// Its image.
    Image,
    /// Its initrd.
    Initrd,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Image => "image",
            Self::Initrd => "initrd",
        })
    }
}

/// The reason against a start of the next kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KexecError {
    /// The image cannot be started.
    Image(ImageError),
    /// The pieces of a part are not RAM, or hold another number of bytes.
    NotInRam(Part),
    /// No free memory holds a part.
    NoRoom {
        /// The part.
        part: Part,
        /// Bytes that it takes.
        size: u64,
    },
    /// A part must or shall be at a place that is not free.
    Taken {
        /// The part.
        part: Part,
        /// The place.
        range: PhysRange,
    },
    /// The image has one place, and another was asked for.
    Fixed {
        /// The kind of the image.
        kind: ImageKind,
        /// Its place.
        at: PhysAddr,
    },
    /// The place asked for has the wrong alignment.
    Misaligned {
        /// The place.
        at: PhysAddr,
        /// The alignment that the image needs.
        align: u64,
    },
    /// The block is not whole pages of usable RAM.
    BlockNotUsable(PhysRange),
    /// The block lies too high for a page whose virtual address is its physical one.
    BlockTooHigh {
        /// The block.
        block: PhysRange,
        /// The first address that is too high.
        limit: PhysAddr,
    },
    /// The block is too small.
    BlockTooSmall {
        /// Bytes that suffice.
        wanted: u64,
        /// Bytes of the block.
        found: u64,
    },
    /// The memory for steps is too small.
    TooManySteps {
        /// Steps that it holds.
        room: usize,
    },
    /// Parts overwrite each other in a circle, and no memory is free to put one aside.
    NoSpareRoom {
        /// Bytes that must be put aside.
        size: u64,
    },
    /// The command line has a byte 0.
    CommandLine,
    /// Memory to be wiped is not usable RAM.
    Wiped(PhysRange),
    /// The running kernel's tree cannot be passed on.
    Tree(Refusal),
    /// The new tree would be larger than any kernel accepts.
    TreeTooLarge {
        /// Its size in bytes.
        size: usize,
    },
    /// EFI's memory map in the tree is damaged.
    MemoryMap,
    /// The map that was given to `SetVirtualAddressMap` is not that of this firmware.
    RuntimeMap(NextMapError),
    /// The next landing would refuse.
    Refused(Refusal),
}

impl fmt::Display for KexecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image(error) => error.fmt(f),
            Self::NotInRam(part) => write!(
                f,
                "the {part} of the next kernel is not where its pieces state; each must be RAM, and together they have its size"
            ),
            Self::NoRoom { part, size } => write!(
                f,
                "no free memory holds the {part} of the next kernel, {size:#x} bytes in one piece; use a smaller one, or reserve less memory"
            ),
            Self::Taken { part, range } => write!(
                f,
                "the {part} of the next kernel cannot be at {range}; that is no RAM, or it is reserved, holds the block, or another part; choose another place"
            ),
            Self::Fixed { kind, at } => write!(
                f,
                "the next image is {kind}, which runs at {at} alone; ask for no other place, or use an image with a boot header"
            ),
            Self::Misaligned { at, align } => write!(
                f,
                "the next image cannot be at {at}; its header requires a multiple of {align:#x} plus its offset"
            ),
            Self::BlockNotUsable(block) => {
                write!(f, "the block {block} is not whole pages of free RAM; take it from free memory")
            }
            Self::BlockTooHigh { block, limit } => write!(
                f,
                "the block {block} does not end below {limit}; translation is switched off in a page with equal addresses, so take lower memory"
            ),
            Self::BlockTooSmall { wanted, found } => {
                write!(f, "the block has {found:#x} bytes, but {wanted:#x} are needed; make it larger")
            }
            Self::TooManySteps { room } => write!(
                f,
                "the copies take more than {room} steps; pass more room for steps, or memory in fewer pieces"
            ),
            Self::NoSpareRoom { size } => write!(
                f,
                "the parts of the next kernel overwrite each other, and no {size:#x} bytes are free to put one aside; use a smaller initrd, or another place"
            ),
            Self::CommandLine => {
                f.write_str("the command line has a byte 0, which would end it; leave it out")
            }
            Self::Wiped(range) => {
                write!(f, "the memory {range} cannot be wiped; it is no RAM, or reserved; leave it out")
            }
            Self::Tree(refusal) => write!(f, "the device tree cannot be passed on: {refusal}"),
            Self::TreeTooLarge { size } => write!(
                f,
                "the tree of the next kernel would have {size:#x} bytes; the most is 0x200000; shorten the command line"
            ),
            Self::MemoryMap => f.write_str(
                "EFI's memory map in the device tree is damaged; the next kernel would not know its memory",
            ),
            Self::RuntimeMap(error) => error.fmt(f),
            Self::Refused(refusal) => {
                write!(f, "the next kernel would refuse to land by rule {}: {refusal}", refusal.rule())
            }
        }
    }
}

impl core::error::Error for KexecError {}

impl From<ImageError> for KexecError {
    fn from(error: ImageError) -> Self {
        Self::Image(error)
    }
}

impl OrderError {
    /// Returns the error for callers. `room` is the number of steps that there is room for.
    pub(crate) const fn into_error(self, room: usize) -> KexecError {
        match self {
            Self::Full => KexecError::TooManySteps { room },
            Self::NoRoom { size } => KexecError::NoSpareRoom { size },
        }
    }
}
