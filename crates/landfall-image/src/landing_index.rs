//! The landing index: where the decisions of a landing lie in the memory of a landed kernel.
//!
//! The kernel keeps its facts and its plan as its compiler laid them out. The index in front of
//! them has the place of each value that decides about a mapping. So a tool computes the mappings
//! of a machine that runs, or of a core, without a seed. It costs the landing no instruction.
//!
//! ```text
//! offset  size   field
//! 0x00    16     magic "LANDFALL LANDING"
//! 0x10    4      version of this index
//! 0x14    4      number of the offsets
//! 0x18    8 each offset of each [`Field`] from the first byte of the index
//! ```
//!
//! The index lies in the kernel's data, at a multiple of 8. A kernel that is built without the
//! feature `report` has none.
//!
//! ```
//! use landfall_image::landing_index::{Field, LandingIndex};
//!
//! let mut data = [0; 0x400];
//! let index = LandingIndex::new([0x180; Field::ALL.len()]);
//! data[0x40..0x40 + LandingIndex::SIZE].copy_from_slice(&index.to_bytes());
//! let at = LandingIndex::find(&data).expect("an index");
//! let index = LandingIndex::read(&data[at..])?;
//! assert_eq!((at, index.offset(Field::Stacks)), (0x40, 0x180));
//! # Ok::<(), landfall_image::landing_index::IndexError>(())
//! ```

use core::fmt;

use crate::bytes::{array, u32_at, u64_at};

/// The magic text.
pub const MAGIC: [u8; 16] = *b"LANDFALL LANDING";
/// The version described here.
pub const VERSION: u32 = 1;
/// The ranges that a set of ranges has room for.
pub const RANGES: usize = 64;

/// A value of a landing. Integers have 8 bytes; a range is its first address and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The value of `satp`. Its root is 0 before the landing.
    Satp,
    /// RAM: [`RANGES`] ranges, and the number of those in use.
    Ram,
    /// Memory that must not be mapped, in the same form.
    NoMap,
    /// The format of leaves, in one byte: `LeafFormat` of `landfall-paging`.
    LeafFormat,
    /// The physical address of the image.
    ImagePhysical,
    /// Its virtual address.
    ImageVirtual,
    /// Virtual minus physical address in the linear map, modulo 2^64.
    LinearOffset,
    /// The range of physical addresses that the linear map reaches.
    LinearReach,
    /// The near region, a range.
    Near,
    /// The dynamic region, a range.
    Dynamic,
    /// The stacks: first virtual address, first physical address, bytes of one, their number, and
    /// their alignment.
    Stacks,
}

impl Field {
    /// All fields, in the order of their offsets.
    pub const ALL: [Self; 11] = [
        Self::Satp,
        Self::Ram,
        Self::NoMap,
        Self::LeafFormat,
        Self::ImagePhysical,
        Self::ImageVirtual,
        Self::LinearOffset,
        Self::LinearReach,
        Self::Near,
        Self::Dynamic,
        Self::Stacks,
    ];

    /// Returns the bytes of the value.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Self::LeafFormat => 1,
            Self::Satp | Self::ImagePhysical | Self::ImageVirtual | Self::LinearOffset => 8,
            Self::LinearReach | Self::Near | Self::Dynamic => 16,
            Self::Stacks => 40,
            Self::Ram | Self::NoMap => RANGES * 16 + 8,
        }
    }
}

/// The index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct LandingIndex {
    magic: [u8; 16],
    version: u32,
    count: u32,
    offsets: [u64; Field::ALL.len()],
}

/// Why bytes are no landing index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IndexError {
    /// Another text, or too few bytes.
    Magic,
    /// A version that this tool does not know.
    Version {
        /// The version there was.
        found: u32,
    },
    /// Another number of fields than the version has.
    Count {
        /// The number there was.
        found: u32,
    },
}

impl fmt::Display for IndexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Magic => f.write_str("it has no landing index"),
            Self::Version { found } => {
                write!(f, "its landing index has version {found}, but this tool supports version {VERSION}")
            }
            Self::Count { found } => {
                write!(f, "its landing index has {found} fields, not {}", Field::ALL.len())
            }
        }
    }
}

impl core::error::Error for IndexError {}

impl LandingIndex {
    /// Bytes of the index.
    pub const SIZE: usize = 0x18 + 8 * Field::ALL.len();

    /// The index with these offsets, in the order of [`Field::ALL`].
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "fewer than 2^32 fields exist")]
    pub const fn new(offsets: [u64; Field::ALL.len()]) -> Self {
        Self { magic: MAGIC, version: VERSION, count: Field::ALL.len() as u32, offsets }
    }

    /// Returns the offset of a value from the first byte of the index.
    #[must_use]
    pub const fn offset(&self, field: Field) -> u64 {
        self.offsets[field as usize]
    }

    /// Returns the place of the first index in the data of a kernel, which begins at a multiple of
    /// 8.
    #[must_use]
    pub fn find(data: &[u8]) -> Option<usize> {
        let mut places = data.chunks(8).enumerate().map(|(number, _)| number * 8);
        places.find(|at| data.get(*at..).is_some_and(|rest| rest.starts_with(&MAGIC)))
    }

    /// Reads an index.
    ///
    /// # Errors
    /// [`IndexError`] if the bytes are something else.
    pub fn read(bytes: &[u8]) -> Result<Self, IndexError> {
        let magic: [u8; 16] = array(bytes, 0).ok_or(IndexError::Magic)?;
        let [version, count] = [0x10, 0x14].map(|at| u32_at(bytes, at));
        if magic != MAGIC {
            return Err(IndexError::Magic);
        }
        let (version, count) = (version.ok_or(IndexError::Magic)?, count.ok_or(IndexError::Magic)?);
        if version != VERSION {
            return Err(IndexError::Version { found: version });
        }
        if usize::try_from(count) != Ok(Field::ALL.len()) {
            return Err(IndexError::Count { found: count });
        }
        let mut offsets = [0; Field::ALL.len()];
        for (number, offset) in offsets.iter_mut().enumerate() {
            *offset = u64_at(bytes, 0x18 + 8 * number).ok_or(IndexError::Magic)?;
        }
        Ok(Self { magic, version, count, offsets })
    }

    /// Returns the bytes of the index.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::SIZE] {
        let mut bytes = [0; Self::SIZE];
        let head = [self.version.to_le_bytes(), self.count.to_le_bytes()];
        let offsets = self.offsets.iter().flat_map(|offset| offset.to_le_bytes());
        let all = self.magic.into_iter().chain(head.into_iter().flatten()).chain(offsets);
        bytes.iter_mut().zip(all).for_each(|(place, byte)| *place = byte);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_those_in_memory() {
        assert_eq!(size_of::<LandingIndex>(), LandingIndex::SIZE);
        let index = LandingIndex::new(core::array::from_fn(|number| 0x100 + number as u64));
        assert_eq!(LandingIndex::read(&index.to_bytes()), Ok(index));
        for (number, field) in Field::ALL.into_iter().enumerate() {
            assert_eq!(index.offset(field), 0x100 + number as u64);
        }
    }

    #[test]
    fn damage_is_an_error_at_each_byte() {
        let bytes = LandingIndex::new([7; Field::ALL.len()]).to_bytes();
        for (at, right) in [(0, IndexError::Magic), (15, IndexError::Magic)] {
            let mut damaged = bytes;
            damaged[at] ^= 1;
            assert_eq!(LandingIndex::read(&damaged), Err(right));
            assert_eq!(LandingIndex::find(&damaged), None);
        }
        let mut other = bytes;
        other[0x10] = 9;
        assert_eq!(LandingIndex::read(&other), Err(IndexError::Version { found: 9 }));
        other = bytes;
        other[0x14] = 10;
        assert_eq!(LandingIndex::read(&other), Err(IndexError::Count { found: 10 }));
        for size in 0..LandingIndex::SIZE {
            assert_eq!(LandingIndex::read(&bytes[..size]), Err(IndexError::Magic), "{size}");
        }
    }
}
