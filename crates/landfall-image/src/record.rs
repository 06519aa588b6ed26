//! The landfall record, which follows the boot header: where tools and the kernel's own first
//! instructions find what they need.
//!
//! ```text
//! offset  size  field
//! 0x40    8     magic "LANDFALL"
//! 0x48    2     version of this record
//! 0x4a    2     features that were compiled out, a bit each: `feature`
//! 0x4c    4     bytes from the image's start to its file's end (`.bss` lies behind it)
//! 0x50    8     seal state: "unsealed" as linked, "sealed\0\0" once the checksum is written
//! 0x58    8     checksum, see `seal`
//! 0x60    4     first byte of the sealed tables, from the image's start
//! 0x64    4     bytes of the sealed tables (a multiple of 8)
//! 0x68    4     first byte of the RELR table, from the image's start
//! 0x6c    4     bytes of the RELR table (a multiple of 8); odd if the relocations are not packed
//! 0x70    4     first byte of the policy record, from the image's start
//! 0x74    4     bytes of the policy record
//! 0x78    4     bytes of code, from the image's start (a multiple of 4 KiB)
//! 0x7c    4     bytes that only the landing uses, behind the constants (a multiple of 4 KiB)
//! ```
//!
//! Version 1 had zeros at 0x78, so it does not state the image's parts. Every version from 1 on is
//! read; a later one than [`VERSION`] is refused by its number.
//!
//! A kernel with all features has zeros at 0x4a, as every kernel from before there were features.
//! So tools that read a version of 32 bits read its record too. To those, a kernel that lacks a
//! feature has an unknown version, and they refuse it. This code refuses an unknown bit.
//!
//! A linker that writes RELA leaves bit 0 of the RELR table's size set. The size is then 1 more
//! than the bytes of the linker's own tables, which begin at the RELR table's place. Nothing
//! applies them. The RELR table that is made of them takes their place. It is the last of the
//! sealed tables.
//!
//! Constants follow the code and end with the page in which the sealed tables end; data takes the
//! rest of the boot header's `image_size`: [`Record::parts`].
//!
//! ```
//! use landfall_image::feature::{Feature, Features};
//! use landfall_image::record::{MAGIC, OFFSET, Record, RecordError, SIZE};
//! use landfall_image::record::{VERSION_OFFSET, version_word};
//!
//! let mut image = [0; OFFSET + SIZE];
//! image[OFFSET..OFFSET + 8].copy_from_slice(&MAGIC.to_le_bytes());
//! let without_acpi = version_word(Features::NONE.with(Feature::Acpi));
//! image[VERSION_OFFSET..VERSION_OFFSET + 4].copy_from_slice(&without_acpi.to_le_bytes());
//!
//! let record = Record::read(&image)?;
//! assert!(record.missing.contains(Feature::Acpi));
//! # Ok::<(), RecordError>(())
//! ```

use core::fmt;

use crate::bytes::{array, u32_at, u64_at};
use crate::feature::{Feature, Features};
use crate::header::{BootHeader, HeaderError};

/// The offset of the record from the image's start.
pub const OFFSET: usize = 0x40;
/// Bytes in the record.
pub const SIZE: usize = 0x40;
/// The magic number.
pub const MAGIC: u64 = u64::from_le_bytes(*b"LANDFALL");
/// The version described here.
pub const VERSION: u32 = 2;
/// The offset of the version and of the compiled-out features from the image's start.
pub const VERSION_OFFSET: usize = 0x48;
/// The seal state of an image that has only been linked.
pub const UNSEALED: u64 = u64::from_le_bytes(*b"unsealed");
/// The seal state of an image whose checksum counts.
pub const SEALED: u64 = u64::from_le_bytes(*b"sealed\0\0");
/// The offset of the seal state from the image's start.
pub const STATE_OFFSET: usize = 0x50;
/// The offset of the checksum from the image's start.
pub const CHECKSUM_OFFSET: usize = 0x58;

/// Returns the word at [`VERSION_OFFSET`] of a kernel that was built without the features in
/// `missing`.
#[must_use]
pub const fn version_word(missing: Features) -> u32 {
    VERSION | (missing.bits() as u32) << 16
}

/// A stretch of the image's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// First byte, from the image's start.
    pub offset: u32,
    /// Bytes.
    pub size: u32,
}

impl Extent {
    /// The bytes of this stretch, or `None` where the image does not hold them all.
    #[must_use]
    pub fn of(self, image: &[u8]) -> Option<&[u8]> {
        let start = usize::try_from(self.offset).ok()?;
        image.get(start..start.checked_add(usize::try_from(self.size).ok()?)?)
    }
}

/// The fields of the record. A later version may have more of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// The version: from 1 to [`VERSION`].
    pub version: u32,
    /// Features of the crate `landfall` that were compiled out.
    pub missing: Features,
    /// Bytes in the image's file.
    pub file_size: u32,
    /// [`UNSEALED`] or [`SEALED`].
    pub seal_state: u64,
    /// The checksum; it counts only when sealed.
    pub checksum: u64,
    /// Everything besides header and record that the checksum covers.
    pub sealed: Extent,
    /// The RELR table; its size is odd if the relocations are not packed.
    pub relr: Extent,
    /// The policy record.
    pub policy: Extent,
    /// Bytes of code, the boot header included; 0 in version 1, which does not state them.
    pub text_size: u32,
    /// Bytes that only the landing uses; 0 in version 1.
    pub early_size: u32,
}

/// The parts of an image in memory, in their order. All sizes are multiples of 4 KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Bytes of code, the boot header included.
    pub text: u64,
    /// Bytes of constants.
    pub constants: u64,
    /// Bytes that only the landing uses.
    pub early: u64,
    /// Bytes of data, `.bss` included.
    pub data: u64,
}

/// Why bytes are no landfall record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordError {
    /// The image ends before the record does.
    TooShort {
        /// Bytes there were.
        found: usize,
    },
    /// Not a landfall kernel.
    Magic {
        /// The bytes at [`OFFSET`].
        found: [u8; 8],
    },
    /// A version that this tool does not know.
    Version {
        /// The version there was.
        found: u32,
    },
    /// The kernel lacks a feature that this tool does not know.
    Features {
        /// The bits of the features that it lacks.
        found: u16,
    },
    /// A stretch that the record names lies outside the file.
    Outside {
        /// Which one.
        what: &'static str,
        /// The stated place.
        extent: Extent,
    },
    /// The record has a version that does not state the parts.
    NoParts {
        /// Its version.
        version: u32,
    },
    /// The boot header is invalid. The parts must add up to its `image_size`.
    Header(HeaderError),
    /// The parts are not whole pages, or do not follow each other within the image.
    Parts {
        /// Bytes of code.
        text: u64,
        /// The end of the constants.
        constants_end: u64,
        /// Bytes that only the landing uses.
        early: u64,
        /// Bytes of the image.
        image: u64,
    },
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { found } => {
                write!(
                    f,
                    "the landfall record ends at byte {:#x} and the image has {found:#x}",
                    OFFSET + SIZE
                )
            }
            Self::Magic { found } => write!(
                f,
                "no landfall kernel: at offset {OFFSET:#x} stands \"{}\" and not \"LANDFALL\"",
                found.escape_ascii()
            ),
            Self::Version { found: 0 } => {
                write!(f, "the landfall record has version 0, which does not exist; the image is damaged")
            }
            Self::Features { found } => write!(
                f,
                "the landfall record lists compiled-out features {found:#06x}, but this tool supports {:#06x}; use a newer version of landfall",
                (1 << Feature::ALL.len()) - 1
            ),
            Self::Version { found } => write!(
                f,
                "the landfall record has version {found}, but this tool supports versions up to {VERSION}; use a newer version of landfall"
            ),
            Self::NoParts { version } => write!(
                f,
                "the landfall record has version {version}, which does not state the image's parts; build the kernel again"
            ),
            Self::Outside { what, extent } => write!(
                f,
                "the {what} would take {:#x} bytes from offset {:#x}, which is beyond the file's end",
                extent.size, extent.offset
            ),
            Self::Header(error) => error.fmt(f),
            Self::Parts { text, constants_end, early, image } => write!(
                f,
                "the landfall record has {text:#x} bytes of code, constants up to {constants_end:#x}, {early:#x} bytes for the landing, and the image {image:#x}; \
                 they must be whole pages that follow each other"
            ),
        }
    }
}

impl core::error::Error for RecordError {}

impl Record {
    /// Reads the record of a flat image.
    ///
    /// # Errors
    /// [`RecordError`] says what is not as it must be.
    pub fn read(image: &[u8]) -> Result<Self, RecordError> {
        let short = RecordError::TooShort { found: image.len() };
        let at = |offset| array::<8>(image, offset).ok_or(short);
        let half = |offset| u32_at(image, offset).ok_or(short);
        let word = |offset| u64_at(image, offset).ok_or(short);
        let extent = |offset| Ok(Extent { offset: half(offset)?, size: half(offset + 4)? });

        let magic = at(OFFSET)?;
        if u64::from_le_bytes(magic) != MAGIC {
            return Err(RecordError::Magic { found: magic });
        }
        let [v0, v1, f0, f1] = half(VERSION_OFFSET)?.to_le_bytes();
        let (version, missing) = (u32::from_le_bytes([v0, v1, 0, 0]), u16::from_le_bytes([f0, f1]));
        if !matches!(version, 1..=VERSION) {
            return Err(RecordError::Version { found: version });
        }
        let parts = |offset| if version == 1 { Ok(0) } else { half(offset) };
        half(OFFSET + SIZE - 4)?;
        let record = Self {
            version,
            missing: Features::from_bits(missing).ok_or(RecordError::Features { found: missing })?,
            file_size: half(OFFSET + 0x0c)?,
            seal_state: word(STATE_OFFSET)?,
            checksum: word(CHECKSUM_OFFSET)?,
            sealed: extent(0x60)?,
            relr: extent(0x68)?,
            policy: extent(0x70)?,
            text_size: parts(0x78)?,
            early_size: parts(0x7c)?,
        };
        for (what, extent) in
            [("sealed tables", record.sealed), ("RELR table", record.relr), ("policy record", record.policy)]
        {
            if extent.of(image).is_none() {
                return Err(RecordError::Outside { what, extent });
            }
        }
        Ok(record)
    }

    /// Returns true if the relocations are a RELR table, and false if they are as a linker wrote
    /// them that cannot pack.
    #[must_use]
    pub const fn is_packed(&self) -> bool {
        self.relr.size & 1 == 0
    }

    /// Returns the place of the RELR table, or the room for it in place of the linker's tables.
    #[must_use]
    pub const fn relr_room(&self) -> Extent {
        Extent { offset: self.relr.offset, size: self.relr.size & !1 }
    }

    /// Returns the bytes besides header and record that the checksum covers: the sealed tables, up
    /// to the end of the last of them. Room for a longer RELR table may follow, which is unused.
    #[must_use]
    pub fn checked(&self) -> Extent {
        let end = |extent: Extent| u64::from(extent.offset) + u64::from(extent.size);
        let Extent { offset, size } = self.sealed;
        let used = end(self.relr).max(end(self.policy)).checked_sub(offset.into());
        let used = used.and_then(|used| u32::try_from(used).ok()).filter(|&used| used <= size);
        Extent { offset, size: used.unwrap_or(size) }
    }

    /// Returns the parts of the image, whose record this is.
    ///
    /// # Errors
    /// [`RecordError::NoParts`] where the record has version 1; [`RecordError::Header`] or
    /// [`RecordError::Parts`] where the numbers do not fit together.
    pub fn parts(&self, image: &[u8]) -> Result<Parts, RecordError> {
        const PAGE: u64 = 4096;
        if self.version < 2 {
            return Err(RecordError::NoParts { version: self.version });
        }
        let size = BootHeader::read(image).map_err(RecordError::Header)?.image_size;
        let (text, early) = (u64::from(self.text_size), u64::from(self.early_size));
        let sealed_end = u64::from(self.sealed.offset) + u64::from(self.sealed.size);
        let constants_end = sealed_end.next_multiple_of(PAGE);
        let wrong = RecordError::Parts { text, constants_end, early, image: size };
        let constants = constants_end.checked_sub(text).ok_or(wrong)?;
        let data = size.checked_sub(constants_end + early).ok_or(wrong)?;
        let whole = [text, early, size].iter().all(|size| size % PAGE == 0);
        if whole && text != 0 { Ok(Parts { text, constants, early, data }) } else { Err(wrong) }
    }
}
