//! The 64-byte boot header with which a RISC-V kernel image begins.
//!
//! Source: Linux, `Documentation/arch/riscv/boot-image-header.rst` and
//! `arch/riscv/include/asm/image.h`.
//!
//! ```
//! use landfall_image::header::{BootHeader, HeaderError, MAGIC, MAGIC2, SIZE, VERSION};
//!
//! let mut image = [0; SIZE];
//! assert_eq!(BootHeader::read(&image), Err(HeaderError::Magic2 { found: 0 }));
//!
//! image[0x10..0x18].copy_from_slice(&0x20_0000_u64.to_le_bytes());
//! image[0x20..0x24].copy_from_slice(&VERSION.to_le_bytes());
//! image[0x30..0x38].copy_from_slice(&MAGIC.to_le_bytes());
//! image[0x38..0x3c].copy_from_slice(&MAGIC2.to_le_bytes());
//! assert_eq!(BootHeader::read(&image)?.image_size, 0x20_0000);
//! # Ok::<(), HeaderError>(())
//! ```

use core::fmt;

use crate::bytes::{u32_at, u64_at};

/// Bytes in the header.
pub const SIZE: usize = 64;
/// `"RISCV\0\0\0"`, deprecated and still expected.
pub const MAGIC: u64 = u64::from_le_bytes(*b"RISCV\0\0\0");
/// `"RSC\x05"`, what loaders look for.
pub const MAGIC2: u32 = u32::from_le_bytes(*b"RSC\x05");
/// Version 0.2: major in the upper half, minor in the lower.
pub const VERSION: u32 = 2;
/// The preferred offset of the image from the start of RAM. A landfall kernel lands anywhere;
/// loaders that follow the header put it here.
pub const TEXT_OFFSET: u64 = 0x20_0000;

/// The fields that a loader reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BootHeader {
    /// Offset from the start of RAM, in bytes.
    pub text_offset: u64,
    /// Bytes of memory that the image takes, `.bss` included.
    pub image_size: u64,
    /// Bit 0: big-endian. No other bit is defined.
    pub flags: u64,
    /// The header's version.
    pub version: u32,
}

/// Why bytes are no boot header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderError {
    /// Fewer than [`SIZE`] bytes.
    TooShort {
        /// Bytes there were.
        found: usize,
    },
    /// The word at 0x38 is not [`MAGIC2`].
    Magic2 {
        /// The word there was.
        found: u32,
    },
    /// The word at 0x30 is not [`MAGIC`].
    Magic {
        /// The word there was.
        found: u64,
    },
    /// The version is not [`VERSION`].
    Version {
        /// The version there was.
        found: u32,
    },
    /// The image claims to take no memory.
    NoSize,
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { found } => write!(f, "the boot header takes {SIZE} bytes and {found} are there"),
            Self::Magic2 { found } => {
                write!(
                    f,
                    "the boot header's magic2 (offset 0x38) is {found:#x}; a kernel has {MAGIC2:#x}, \"RSC\\x05\""
                )
            }
            Self::Magic { found } => {
                write!(
                    f,
                    "the boot header's magic (offset 0x30) is {found:#x}; a kernel has {MAGIC:#x}, \"RISCV\""
                )
            }
            Self::Version { found } => {
                write!(f, "the boot header's version is {found:#x}; this tool supports {VERSION:#x}")
            }
            Self::NoSize => {
                write!(f, "the boot header's image_size is 0; it must be the image's size with its .bss")
            }
        }
    }
}

impl core::error::Error for HeaderError {}

impl BootHeader {
    /// Reads the header with which `image` begins.
    ///
    /// # Errors
    /// [`HeaderError`] says what is not as it must be.
    pub fn read(image: &[u8]) -> Result<Self, HeaderError> {
        let short = HeaderError::TooShort { found: image.len() };
        let word = |offset| u64_at(image, offset).ok_or(short);
        let half = |offset| u32_at(image, offset).ok_or(short);
        let (magic, magic2) = (word(0x30)?, half(0x38)?);
        half(0x3c)?;
        if magic2 != MAGIC2 {
            return Err(HeaderError::Magic2 { found: magic2 });
        }
        if magic != MAGIC {
            return Err(HeaderError::Magic { found: magic });
        }
        let header = Self {
            text_offset: word(0x08)?,
            image_size: word(0x10)?,
            flags: word(0x18)?,
            version: half(0x20)?,
        };
        match header {
            Self { version, .. } if version != VERSION => Err(HeaderError::Version { found: version }),
            Self { image_size: 0, .. } => Err(HeaderError::NoSize),
            header => Ok(header),
        }
    }
}
