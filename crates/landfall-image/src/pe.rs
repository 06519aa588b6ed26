//! The PE header that makes the same image an EFI application as well.
//!
//! ```text
//! offset  what                                       for whom
//! 0x00    "MZ", which is also `c.li s4, -13`         code0 of the boot header
//! 0x3c    0x80                                       the boot header's last field
//! 0x80    "PE\0\0", COFF header, optional header     firmware
//!   ...   two sections: code R-X, everything else RW-
//! 0x1000  code; from here on firmware loads and maps what the sections say
//! ```
//!
//! Firmware may enforce the sections' permissions while it runs, and `rebase` writes to constants
//! and data. So constants belong to the writable section until the landing has tables of its own.
//! The first page belongs to no section, and some firmware loads only its headers. So no code
//! follows them there.
//!
//! The seal does not cover this header: `sbsign` writes into it, and appends a signature behind the
//! file's end.
//!
//! Source: Microsoft, "PE Format"; UEFI 2.10, 2.1.1.
//!
//! ```
//! use landfall_image::pe::{PeError, PeHeader};
//!
//! // The boot header of a kernel without the feature `efi` does not begin with "MZ".
//! let error = PeHeader::read(&[0; 0x1000]).expect_err("no PE header");
//! assert!(matches!(error, PeError::Field { what: "code0", found: 0, .. }));
//! ```

use core::fmt;

use crate::bytes::{array, u32_at};

/// `"MZ"`.
pub const DOS_MAGIC: u16 = u16::from_le_bytes(*b"MZ");
/// The offset of the header, behind the landfall record.
pub const OFFSET: u32 = 0x80;
/// `"PE\0\0"`.
pub const SIGNATURE: u32 = u32::from_le_bytes(*b"PE\0\0");
/// RISC-V with 64 bits.
pub const MACHINE: u16 = 0x5064;
/// Executable; line numbers, local symbols and debug data are not in it. Not "without relocations":
/// some firmware would refuse to move it.
pub const CHARACTERISTICS: u16 = 0x0206;
/// PE32+.
pub const OPTIONAL_MAGIC: u16 = 0x020b;
/// An EFI application.
pub const SUBSYSTEM: u16 = 10;
/// It runs where data cannot be executed (`NX_COMPAT`).
pub const DLL_CHARACTERISTICS: u16 = 0x0100;
/// By this a loader knows that the image asks for its initrd by itself (Linux,
/// `include/linux/pe.h`).
pub const IMAGE_VERSION: u16 = 1;
/// Bytes of the optional header: 112, and six empty data directories.
pub const OPTIONAL_SIZE: u16 = 112 + 6 * 8;
/// Sections and the file are aligned to this, and the headers take as much.
pub const ALIGNMENT: u32 = 0x1000;
/// Code that can be read and executed.
pub const CODE: u32 = 0x6000_0020;
/// Data that can be read and written.
pub const DATA: u32 = 0xc000_0040;

/// A section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// First byte in memory, from the image's start.
    pub address: u32,
    /// Bytes in memory.
    pub size: u32,
    /// First byte in the file.
    pub offset: u32,
    /// Bytes in the file.
    pub file_size: u32,
    /// The permitted accesses: [`CODE`] or [`DATA`].
    pub characteristics: u32,
}

/// The fields that firmware reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeHeader {
    /// The entry point, as an offset from the image's start.
    pub entry: u32,
    /// Bytes in memory.
    pub image_size: u32,
    /// All code.
    pub code: Section,
    /// Constants, the landing's own part, data and `.bss`.
    pub data: Section,
}

/// Why bytes are no such header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PeError {
    /// The image ends before the header does.
    TooShort {
        /// Bytes there were.
        found: usize,
    },
    /// A field has another value than every landfall kernel's.
    Field {
        /// Which field.
        what: &'static str,
        /// From the image's start.
        offset: u32,
        /// The value there was.
        found: u32,
        /// The value of every landfall kernel.
        expected: u32,
    },
    /// A section reaches out of the image, or has more bytes in the file than in memory.
    Section {
        /// The section.
        section: Section,
        /// Bytes of the image.
        image_size: u32,
    },
}

impl fmt::Display for PeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { found } => write!(f, "the PE header does not fit into {found:#x} bytes"),
            Self::Field { what, offset, found, expected } => {
                write!(
                    f,
                    "the PE header's {what} (offset {offset:#x}) is {found:#x}; a kernel has {expected:#x}"
                )
            }
            Self::Section { section, image_size } => write!(
                f,
                "the PE header has a section of {:#x} bytes at {:#x}, {:#x} of them in the file, in an image of {image_size:#x} bytes",
                section.size, section.address, section.file_size
            ),
        }
    }
}

impl core::error::Error for PeError {}

/// Fields that are the same in every kernel: name, offset, bytes, value.
const FIXED: [(&str, u32, u32, u32); 14] = [
    ("code0", 0, 2, DOS_MAGIC as u32),
    ("place", 0x3c, 4, OFFSET),
    ("signature", OFFSET, 4, SIGNATURE),
    ("machine", OFFSET + 4, 2, MACHINE as u32),
    ("number of sections", OFFSET + 6, 2, 2),
    ("size of the optional header", OFFSET + 20, 2, OPTIONAL_SIZE as u32),
    ("characteristics", OFFSET + 22, 2, CHARACTERISTICS as u32),
    ("optional magic", OPTIONAL, 2, OPTIONAL_MAGIC as u32),
    ("section alignment", OPTIONAL + 32, 4, ALIGNMENT),
    ("file alignment", OPTIONAL + 36, 4, ALIGNMENT),
    ("size of headers", OPTIONAL + 60, 4, ALIGNMENT),
    ("subsystem", OPTIONAL + 68, 2, SUBSYSTEM as u32),
    ("number of directories", OPTIONAL + 108, 4, 6),
    ("relocations", OPTIONAL + 112 + 5 * 8, 4, 0),
];

const OPTIONAL: u32 = OFFSET + 24;
const SECTIONS: u32 = OPTIONAL + OPTIONAL_SIZE as u32;
const SECTION_SIZE: u32 = 40;

impl PeHeader {
    /// Reads the header of `image`, as [`crate::record`]'s crate lays it out.
    ///
    /// # Errors
    /// [`PeError`] says what is not as it must be.
    pub fn read(image: &[u8]) -> Result<Self, PeError> {
        let short = PeError::TooShort { found: image.len() };
        let word = |offset: u32| u32_at(image, offset as usize).ok_or(short);
        let half = |offset: u32| array(image, offset as usize).map(u16::from_le_bytes).ok_or(short);
        for (what, offset, size, expected) in FIXED {
            let found = if size == 2 { half(offset)?.into() } else { word(offset)? };
            if found != expected {
                return Err(PeError::Field { what, offset, found, expected });
            }
        }
        let section = |index: u32| {
            let at = SECTIONS + index * SECTION_SIZE;
            Ok(Section {
                size: word(at + 8)?,
                address: word(at + 12)?,
                file_size: word(at + 16)?,
                offset: word(at + 20)?,
                characteristics: word(at + 36)?,
            })
        };
        let header = Self {
            entry: word(OPTIONAL + 16)?,
            image_size: word(OPTIONAL + 56)?,
            code: section(0)?,
            data: section(1)?,
        };
        for (index, section, expected) in [(0, header.code, CODE), (1, header.data, DATA)] {
            if section.characteristics != expected {
                let offset = SECTIONS + index * SECTION_SIZE + 36;
                let found = section.characteristics;
                return Err(PeError::Field { what: "permissions of a section", offset, found, expected });
            }
            let end = section.address.checked_add(section.size);
            if section.file_size > section.size || end.is_none_or(|end| end > header.image_size) {
                return Err(PeError::Section { section, image_size: header.image_size });
            }
        }
        Ok(header)
    }
}
