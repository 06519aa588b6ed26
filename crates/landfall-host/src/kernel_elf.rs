//! The ELF of a selected kernel, which has its symbols.

use std::path::PathBuf;

use landfall_inspect::Accepted;
use thiserror::Error;

use crate::build::{self, BuildError};
use crate::kernel::{Kernel, KernelError, KernelFile, Selection};
use crate::setup::{self, SetupError};

/// The reason why a kernel has no ELF with symbols.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KernelElfError {
    /// No kernel is selected.
    #[error(transparent)]
    Selection(#[from] KernelError),
    /// A tool is missing on this computer.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The kernel does not build.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The kernel is a flat image.
    #[error("{path} is a flat image, which has no symbols; name its ELF or its package")]
    Flat {
        /// The file.
        path: PathBuf,
    },
}

/// Returns the ELF of the kernel that a user selected.
pub(crate) fn select(selection: &Selection) -> Result<PathBuf, KernelElfError> {
    of(Kernel::find(selection)?, &selection.allow)
}

/// Returns the ELF of a kernel. A file is used as it is, with findings or without.
pub(crate) fn of(kernel: Kernel, allow: &[Accepted]) -> Result<PathBuf, KernelElfError> {
    match kernel {
        Kernel::File(KernelFile::Elf(path)) => Ok(path),
        Kernel::File(KernelFile::Flat(path)) => Err(KernelElfError::Flat { path }),
        Kernel::Package(package) => {
            setup::rust_target()?;
            Ok(build::package(&package, allow)?.elf)
        }
    }
}
