//! The formats of a landfall kernel image, for the kernel that carries them and for the tools that
//! read them.
//!
//! ```text
//! offset  what                                   described in
//! 0x00    boot header, 64 bytes                  [`header`]   (Linux, boot-image-header.rst)
//! 0x40    landfall record, 64 bytes              [`record`]
//! 0x80    PE header, for EFI firmware            [`pe`]       (Microsoft, PE Format)
//!   ...   code, constants
//!   ...   RELR relocation data                   [`relr`]     (ELF gABI, "RELR")
//!   ...   data; the file ends here, `.bss` follows in memory
//!   ...   landing index, in the data          [`landing_index`]
//! ```
//!
//! A wrapper has an [`inner`] kernel among its constants.
//!
//! The [`seal`] is a checksum over header, record and everything that patches the image:
//! relocation data, the sites of the patched constants, the policy. `cargo landfall build` writes
//! it. The kernel checks it before it trusts any of them.
//!
//! Integers are little-endian. Nothing here allocates, panics on input, or contains unsafe code.
//!
//! ```
//! use landfall_image::record::{Record, RecordError};
//!
//! /// Returns true for the image of a landfall kernel of any version.
//! fn is_ours(image: &[u8]) -> bool {
//!     let read = Record::read(image);
//!     !matches!(read, Err(RecordError::TooShort { .. } | RecordError::Magic { .. }))
//! }
//!
//! let mut image = [0; 0x80];
//! assert!(!is_ours(&image));
//! image[0x40..0x48].copy_from_slice(b"LANDFALL");
//! assert!(is_ours(&image));
//! ```

#![no_std]
#![forbid(unsafe_code)]

pub mod console;
pub mod feature;
pub mod header;
pub mod inner;
pub mod landing_index;
pub mod pe;
pub mod record;
pub mod relr;
pub mod seal;

mod bytes;

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
