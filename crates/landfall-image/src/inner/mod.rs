//! The record of an inner kernel: the file of a kernel that knows nothing of landfall, with all
//! that belongs to it. It lies in the constants of the wrapper, the landfall kernel in front.
//!
//! ```text
//! offset  contents
//!  0      magic, "LFINNER" and a zero
//!  8      version                        12  options
//! 16      checksum over all other words, as for a [seal](crate::seal)
//! 24      bytes of the record, a multiple of 8
//! 32      number of parts
//! 40      the parts: kind, offset in the record, bytes
//!         the parts' bytes: files at a multiple of 4096, others of 8
//! ```
//!
//! `cargo landfall wrap` writes the record, and the wrapper reads it at boot. The checksum guards
//! against accidents, as the seal does.
//!
//! ```
//! use landfall_image::inner::{InnerRecord, Options, Part, PartKind, size, write};
//!
//! let parts = [
//!     Part { kind: PartKind::Kernel, bytes: b"\x7fELF" },
//!     Part { kind: PartKind::CommandLine, bytes: b"quiet" },
//! ];
//! let mut bytes = vec![0; size(&parts)];
//! write(&parts, Options::default(), &mut bytes)?;
//! let record = InnerRecord::read(&bytes)?;
//! assert_eq!((record.kernel(), record.command_line()), (&b"\x7fELF"[..], &b"quiet"[..]));
//!
//! bytes[4096] ^= 1;
//! assert!(InnerRecord::read(&bytes).is_err());
//! # Ok::<(), landfall_image::inner::InnerError>(())
//! ```

mod error;
mod write;

use crate::bytes::{u32_at, u64_at};
use crate::seal::{START, mix};

pub use error::InnerError;
pub use write::{size, write};

/// The first bytes of a record, as a word.
pub const MAGIC: u64 = u64::from_le_bytes(*b"LFINNER\0");
/// The version that this crate reads and writes.
pub const VERSION: u32 = 1;
/// A record begins at a multiple of this in an image.
pub const ALIGNMENT: usize = 4096;

const OPTIONS: usize = 12;
const CHECKSUM: usize = 16;
const SIZE: usize = 24;
const COUNT: usize = 32;
const PARTS: usize = 40;
const PART_SIZE: usize = 24;

/// The kind of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PartKind {
    /// The file of the inner kernel. There is one.
    Kernel,
    /// The command line for a boot loader that passes none.
    CommandLine,
    /// A file that the inner kernel gets as a module.
    Module,
    /// The name of the module before, as text.
    ModuleName,
}

impl PartKind {
    const ALL: [Self; 4] = [Self::Kernel, Self::CommandLine, Self::Module, Self::ModuleName];

    const fn number(self) -> u64 {
        self as u64 + 1
    }

    /// Returns the alignment in the record, and so in memory. Files for a kernel begin a page.
    const fn alignment(self) -> usize {
        match self {
            Self::Kernel | Self::Module => ALIGNMENT,
            Self::CommandLine | Self::ModuleName => 8,
        }
    }

    fn of_number(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

/// A part of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// The kind.
    pub kind: PartKind,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// The place of the inner kernel in the memory that is free for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InnerPlace {
    /// Drawn, unless the landing has no seed or its addresses are not random.
    #[default]
    Random,
    /// The lowest place.
    Lowest,
}

/// The rule for another inner kernel in the initrd.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Replacement {
    /// An initrd never replaces the inner kernel.
    #[default]
    Refused,
    /// An initrd that is an ELF replaces the inner kernel.
    ByInitrd,
}

/// The options of a wrapper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The inner kernel's physical place.
    pub physical: InnerPlace,
    /// Another inner kernel at boot.
    pub replacement: Replacement,
}

impl Options {
    const LOWEST: u32 = 1;
    const REPLACEABLE: u32 = 2;

    /// Puts the inner kernel there.
    #[must_use]
    pub const fn with_physical(mut self, place: InnerPlace) -> Self {
        self.physical = place;
        self
    }

    /// Permits or forbids another inner kernel.
    #[must_use]
    pub const fn with_replacement(mut self, replacement: Replacement) -> Self {
        self.replacement = replacement;
        self
    }

    fn bits(self) -> u32 {
        let lowest = if self.physical == InnerPlace::Lowest { Self::LOWEST } else { 0 };
        let replaceable = if self.replacement == Replacement::ByInitrd { Self::REPLACEABLE } else { 0 };
        lowest | replaceable
    }

    const fn of_bits(bits: u32) -> Option<Self> {
        if bits & !(Self::LOWEST | Self::REPLACEABLE) != 0 {
            return None;
        }
        let physical = if bits & Self::LOWEST == 0 { InnerPlace::Random } else { InnerPlace::Lowest };
        let by_initrd = bits & Self::REPLACEABLE != 0;
        let replacement = if by_initrd { Replacement::ByInitrd } else { Replacement::Refused };
        Some(Self { physical, replacement })
    }
}

/// A record whose checksum is right, and whose parts lie in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InnerRecord<'a> {
    bytes: &'a [u8],
    options: Options,
}

impl<'a> InnerRecord<'a> {
    /// Reads the record at the start of `bytes`.
    ///
    /// # Errors
    /// [`InnerError`] names the field that is invalid, or the checksum.
    pub fn read(bytes: &'a [u8]) -> Result<Self, InnerError> {
        let short = InnerError::TooShort { size: bytes.len() };
        let magic = u64_at(bytes, 0).ok_or(short)?;
        if magic != MAGIC {
            return Err(InnerError::Magic { found: magic });
        }
        let version = u32_at(bytes, 8).ok_or(short)?;
        if version != VERSION {
            return Err(InnerError::Version { found: version });
        }
        let size = u64_at(bytes, SIZE).ok_or(short)?;
        let whole = usize::try_from(size).ok().filter(|size| *size >= PARTS && size % 8 == 0);
        let bytes = whole.and_then(|size| bytes.get(..size)).ok_or(InnerError::Size { found: size })?;
        let (recorded, computed) = (u64_at(bytes, CHECKSUM).ok_or(short)?, checksum(bytes));
        if recorded != computed {
            return Err(InnerError::Checksum { recorded, computed });
        }
        let bits = u32_at(bytes, OPTIONS).ok_or(short)?;
        let options = Options::of_bits(bits).ok_or(InnerError::Options { found: bits })?;
        let record = Self { bytes, options };
        let count = record.count();
        if let Some(number) = (0..count).find(|number| record.part(*number).is_none()) {
            return Err(InnerError::Part { number });
        }
        let mut kernels = record.parts().filter(|part| part.kind == PartKind::Kernel);
        match (kernels.next(), kernels.next()) {
            (Some(_), None) => Ok(record),
            _ => Err(InnerError::Kernels),
        }
    }

    /// Returns the offset of the record in a flat image: the first multiple of [`ALIGNMENT`] with
    /// its magic number.
    #[must_use]
    pub fn find(image: &[u8]) -> Option<usize> {
        (0..image.len()).step_by(ALIGNMENT).find(|offset| u64_at(image, *offset) == Some(MAGIC))
    }

    /// Returns the bytes of the whole record.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Returns the options.
    #[must_use]
    pub const fn options(&self) -> Options {
        self.options
    }

    /// Returns the parts, in order.
    pub fn parts(self) -> impl Iterator<Item = Part<'a>> {
        (0..self.count()).filter_map(move |number| self.part(number))
    }

    /// Returns the file of the inner kernel.
    #[must_use]
    pub fn kernel(&self) -> &'a [u8] {
        self.first(PartKind::Kernel)
    }

    /// Returns the command line, which is empty if the record has none.
    #[must_use]
    pub fn command_line(&self) -> &'a [u8] {
        self.first(PartKind::CommandLine)
    }

    fn first(&self, kind: PartKind) -> &'a [u8] {
        self.parts().find(|part| part.kind == kind).map(|part| part.bytes).unwrap_or_default()
    }

    fn count(&self) -> u64 {
        u64_at(self.bytes, COUNT).unwrap_or(0)
    }

    /// Returns a part; `None` if it does not lie in the record behind the list of parts.
    fn part(&self, number: u64) -> Option<Part<'a>> {
        let list = self.count().checked_mul(PART_SIZE as u64)?.checked_add(PARTS as u64)?;
        let at = usize::try_from(number).ok()?.checked_mul(PART_SIZE)?.checked_add(PARTS)?;
        let kind = PartKind::of_number(u64_at(self.bytes, at)?)?;
        let (offset, size) = (u64_at(self.bytes, at + 8)?, u64_at(self.bytes, at + 16)?);
        if offset < list {
            return None;
        }
        let rest = self.bytes.get(usize::try_from(offset).ok()?..)?;
        Some(Part { kind, bytes: rest.get(..usize::try_from(size).ok()?)? })
    }
}

/// The checksum of a whole record.
fn checksum(bytes: &[u8]) -> u64 {
    let offsets = (0..bytes.len()).step_by(8).filter(|offset| *offset != CHECKSUM);
    offsets.filter_map(|offset| u64_at(bytes, offset)).fold(START, mix)
}

#[cfg(test)]
mod tests;
