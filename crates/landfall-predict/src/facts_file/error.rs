//! Why a file holds no facts.

use std::io;
use std::path::PathBuf;

use landfall_plan::policy::PolicyReadError;
use thiserror::Error;

/// A fault of a file of facts, and its place.
#[derive(Debug, Error)]
#[error("{path}: {source}")]
pub struct FactsError {
    /// The file.
    pub path: PathBuf,
    /// The fault.
    pub source: FileError,
}

/// A fault of a file of facts.
#[derive(Debug, Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is too large.
    #[error("this is not a file of facts; it has more than {limit} bytes")]
    Large {
        /// The most that there may be.
        limit: u64,
    },
    /// No JSON.
    #[error(
        "this is not a file of facts, as `cargo landfall run --dump-facts` writes it; it is not JSON ({0})"
    )]
    Json(#[from] serde_json::Error),
    /// A key is missing.
    #[error("{key} is missing; it must be {right}")]
    Missing {
        /// The key, with the keys that lead to it.
        key: String,
        /// The valid values.
        right: String,
    },
    /// A key holds something else.
    #[error("{key} is {found}; it must be {right}")]
    Wrong {
        /// The key, with the keys that lead to it.
        key: String,
        /// The value found.
        found: String,
        /// The valid values.
        right: String,
    },
    /// A version of the format or of the plan that this command does not know.
    #[error("{key} is {found}, but this command supports 1 to {known}; use a newer version of landfall")]
    Version {
        /// Which version.
        key: &'static str,
        /// The one there was.
        found: u64,
        /// The latest that is known.
        known: u64,
    },
    /// The policy record is invalid.
    #[error("cannot read the policy: {0}")]
    Policy(PolicyReadError),
}
