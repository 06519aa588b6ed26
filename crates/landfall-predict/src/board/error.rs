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
        /// What the system says.
        source: io::Error,
    },
    /// The file is something else.
    #[error("{path} is no device tree: it begins with \"{}\", and a flattened device tree (.dtb) with \"\\xd0\\r\\xfe\\xed\"", .start.escape_ascii())]
    NoTree {
        /// The file.
        path: PathBuf,
        /// Its first bytes.
        start: Vec<u8>,
    },
    /// Nothing is in the file.
    #[error("{path} is empty; a device tree (.dtb) was expected")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file ends before the tree does.
    #[error("{path} is cut off: the tree has {stated} bytes, and the file {found}")]
    CutOff {
        /// The file.
        path: PathBuf,
        /// What its header says.
        stated: usize,
        /// What there is.
        found: usize,
    },
    /// No RAM can be there.
    #[error(
        "--memory {extent} is no RAM: it must hold a whole page of 4 KiB, and end at 2^56 at the latest, since physical addresses have 56 bits"
    )]
    Memory {
        /// Where it was to be.
        extent: Extent,
    },
    /// The tree does not fit where it is to lie.
    #[error("--tree-at {at} has no room for the tree's {size} bytes: physical addresses have 56 bits")]
    TreePlace {
        /// Where it was to be.
        at: Address,
        /// The tree's bytes.
        size: usize,
    },
    /// Nobody else knows such a hart.
    #[error("the tree has no enabled hart {wanted}; it has {known}")]
    NoHart {
        /// Which one was to boot.
        wanted: u64,
        /// All that there are.
        known: String,
    },
    /// More ranges than can be kept.
    #[error(
        "{what} has more separate ranges than the {} that can be kept, from {range} on",
        landfall_plan::MAX_RANGES
    )]
    Ranges {
        /// The option.
        what: &'static str,
        /// The one that did not fit.
        range: PhysRange,
    },
}
