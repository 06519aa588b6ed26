//! Why there are no names.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::build::BuildError;
use crate::kernel::KernelError;
use crate::setup::SetupError;

/// Why there are no names for a log.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SymbolizeError {
    /// No kernel is selected.
    #[error(transparent)]
    Selection(#[from] KernelError),
    /// A tool is missing on this computer.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The kernel does not build.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The kernel cannot be read.
    #[error("cannot read {path}: {source}")]
    Kernel {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A flat image has no symbols.
    #[error("{path} is a flat image, which has no symbols; name its ELF")]
    Flat {
        /// The file.
        path: PathBuf,
    },
    /// The log cannot be read.
    #[error("cannot read the log from stdin: {source}")]
    Log {
        /// The system's reason.
        source: io::Error,
    },
}
