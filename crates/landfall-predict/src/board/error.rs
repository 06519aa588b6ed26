//! Why a board gives no facts.

use std::io;
use std::path::PathBuf;

use landfall_paging::PhysRange;
use thiserror::Error;

use crate::units::{Address, Extent};

/// Why a tree gives no facts.
#[derive(Debug, Error)]
pub enum BoardError {
    /// It cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The file is something else.
    #[error("{path} is not a device tree; it begins with \"{}\", but a flattened device tree (.dtb) with \"\\xd0\\r\\xfe\\xed\"", .start.escape_ascii())]
    NoTree {
        /// The file.
        path: PathBuf,
        /// Its first bytes.
        start: Vec<u8>,
    },
    /// Nothing is in the file.
    #[error("{path} is empty; name a device tree (.dtb)")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file ends before the tree does.
    #[error("{path} is truncated; the tree has {stated} bytes, but the file {found}")]
    CutOff {
        /// The file.
        path: PathBuf,
        /// The size in its header.
        stated: usize,
        /// The machine's memory.
        found: usize,
    },
    /// No RAM can be there.
    #[error(
        "memory {extent} is not valid RAM; physical addresses have 56 bits; use a whole page of 4 KiB or more that ends at 2^56 or below"
    )]
    Memory {
        /// The path of the package.
        extent: Extent,
    },
    /// The tree does not fit where it is to lie.
    #[error(
        "the tree at {at} has no room for its {size} bytes; physical addresses have 56 bits; use a lower address"
    )]
    TreePlace {
        /// The path of the package.
        at: Address,
        /// The tree's bytes.
        size: usize,
    },
    /// The tree lists no such hart.
    #[error("the tree has no enabled hart {wanted}; it has {known}")]
    NoHart {
        /// Which one was to boot.
        wanted: u64,
        /// All that there are.
        known: String,
    },
    /// More ranges than can be kept.
    #[error(
        "{what} has more than {} separate ranges, from {range} on; merge ranges",
        landfall_plan::memory::MAX_RANGES
    )]
    Ranges {
        /// The memory that they state.
        what: &'static str,
        /// The one that did not fit.
        range: PhysRange,
    },
}
