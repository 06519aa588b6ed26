//! Faults of a record.

use core::fmt;

use super::{PARTS, VERSION};

/// Why a record cannot be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InnerError {
    /// There are too few bytes for a record.
    TooShort {
        /// The number of bytes.
        size: usize,
    },
    /// The record does not begin with its magic number.
    Magic {
        /// The word found.
        found: u64,
    },
    /// The version is another one.
    Version {
        /// The version found.
        found: u32,
    },
    /// The record states a size that it cannot have.
    Size {
        /// The size found.
        found: u64,
    },
    /// The bytes are others than those that were written.
    Checksum {
        /// The checksum in the record.
        recorded: u64,
        /// The checksum of the bytes.
        computed: u64,
    },
    /// The options have bits without a meaning.
    Options {
        /// The bits found.
        found: u32,
    },
    /// A part does not lie in the record, or its kind is unknown.
    Part {
        /// The number of the part, from 0.
        number: u64,
    },
    /// There is no kernel among the parts, or more than one.
    Kernels,
}

impl fmt::Display for InnerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { size } => {
                write!(f, "the record of the inner kernel has {size} bytes, and needs {PARTS} at least")
            }
            Self::Magic { found } => write!(
                f,
                "the record of the inner kernel begins with \"{}\", and not with its magic number",
                found.to_le_bytes().escape_ascii()
            ),
            Self::Version { found } => {
                write!(
                    f,
                    "the record of the inner kernel has version {found}; version {VERSION} is supported"
                )
            }
            Self::Size { found } => write!(f, "the record of the inner kernel cannot have {found:#x} bytes"),
            Self::Checksum { recorded, computed } => write!(
                f,
                "the inner kernel is damaged: its checksum is {computed:#018x}, and its record states {recorded:#018x}"
            ),
            Self::Options { found } => {
                write!(f, "the record of the inner kernel has unknown options, {found:#x}")
            }
            Self::Part { number } => {
                write!(
                    f,
                    "part {number} of the inner kernel's record is outside of it, or of an unknown kind"
                )
            }
            Self::Kernels => f.write_str("the record of the inner kernel needs one kernel, and no other"),
        }
    }
}

impl core::error::Error for InnerError {}
