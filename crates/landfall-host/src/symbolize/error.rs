//! The reasons why a log gets no names.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::kernel_elf::KernelElfError;
use crate::modules::ModuleFileError;

/// The reason why a log gets no names.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SymbolizeError {
    /// The kernel has no ELF with symbols.
    #[error(transparent)]
    Kernel(#[from] KernelElfError),
    /// A file is no module.
    #[error(transparent)]
    Module(#[from] ModuleFileError),
    /// The ELF cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The log cannot be read.
    #[error("cannot read the log from stdin: {source}")]
    Log {
        /// The system's reason.
        source: io::Error,
    },
}
