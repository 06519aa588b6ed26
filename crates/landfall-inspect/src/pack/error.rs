//! Reasons why relocations cannot be packed.

use thiserror::Error;

use crate::finding::Place;
use crate::subject::{ReadError, RelocationKind};
use crate::units::Address;

/// The reason why the relocations of a file cannot be packed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PackError {
    /// The file is not a kernel.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The file is a flat image, or has no section headers or symbols.
    #[error(
        "the relocations are not packed, and the file has no {missing}; seal the ELF as the linker wrote it"
    )]
    Stripped {
        /// The missing part.
        missing: &'static str,
    },
    /// RELR has no such relocation.
    #[error(
        "{kind} of {target} at {place} cannot be packed; `cargo landfall check` names the causes and lists all of them"
    )]
    Kind {
        /// Its type.
        kind: RelocationKind,
        /// The symbol or address in it.
        target: String,
        /// The word that it patches.
        place: Box<Place>,
    },
    /// The value is neither in the image nor near 0.
    #[error("the pointer at {place} is {value}, which lies outside of the image; compute it at run time")]
    Target {
        /// The value.
        value: Address,
        /// The word that holds it.
        place: Box<Place>,
    },
    /// RELR lists multiples of 8 alone.
    #[error("the pointer at {place} is not aligned to 8 bytes; align the object that holds it")]
    Misaligned {
        /// The word.
        place: Box<Place>,
    },
    /// The word lies in code.
    #[error("the pointer at {place} lies in code, which is not writable; move it into data")]
    Code {
        /// The word.
        place: Box<Place>,
    },
    /// The word lies in no segment's bytes, or in the relocation table.
    #[error("the pointer at {place} lies outside of the image's file; the ELF is damaged")]
    Outside {
        /// The word.
        place: Box<Place>,
    },
    /// Two relocations patch the same word.
    #[error("the pointer at {place} has two relocations; the ELF is damaged")]
    Twice {
        /// The word.
        place: Box<Place>,
    },
    /// A table with addends lies elsewhere than in the room for RELR.
    #[error(
        "the section {section} lies at {found}, outside of the room for the RELR table from {start} to {end}; write `.rela.dyn : {{ *(.rela.dyn .rela.*) }}` directly behind .relr.dyn in the linker script"
    )]
    Scattered {
        /// The section's name.
        section: String,
        /// Its address.
        found: Address,
        /// The first byte of the room.
        start: Address,
        /// The end of the room.
        end: Address,
    },
    /// The room for the table is too small, or not in the file.
    #[error(
        "the RELR table takes {needed:#x} bytes, and its room at {start} has {room:#x} in the file; the ELF is damaged"
    )]
    Room {
        /// The room's first byte.
        start: Address,
        /// Its bytes.
        room: u64,
        /// The bytes of the table.
        needed: u64,
    },
}
