//! The interface of a kernel, or of a module that is loaded before another, by a user's words.

use std::io;
use std::path::{Path, PathBuf};

use landfall_inspect::module::{Interface, InterfaceError};
use thiserror::Error;

use crate::kernel::Selection;
use crate::kernel_elf::{self, KernelElfError};
use crate::user_file::{self, Limit};

/// The reason why there is no interface.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InterfaceOfError {
    /// The kernel has no ELF.
    #[error(transparent)]
    Kernel(#[from] KernelElfError),
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The file has no interface.
    #[error("{path} has no interface for modules: {source}")]
    Interface {
        /// The file.
        path: PathBuf,
        /// The fault.
        source: InterfaceError,
    },
}

/// Returns the interface of a kernel: a package of the workspace around `manifest_path` or the
/// current directory, or the path of an ELF.
///
/// # Errors
/// [`InterfaceOfError`] if the kernel does not build, or is not what it claims to be.
pub fn of_kernel(kernel: &str, manifest_path: Option<&Path>) -> Result<Interface, InterfaceOfError> {
    let is_file = Path::new(kernel).is_file();
    let manifest_path = manifest_path.filter(|_| !is_file).map(Path::to_owned);
    let selection = Selection { manifest_path, ..Selection::named(kernel) };
    read(&kernel_elf::select(&selection)?, Interface::of_kernel)
}

/// Returns the interface of a module's file.
///
/// # Errors
/// [`InterfaceOfError`] if the file is no module.
pub fn of_module(path: &Path) -> Result<Interface, InterfaceOfError> {
    read(path, Interface::of_module)
}

fn read(
    path: &Path,
    interface: fn(&[u8]) -> Result<Interface, InterfaceError>,
) -> Result<Interface, InterfaceOfError> {
    let bytes = user_file::read(path, Limit::KERNEL)
        .map_err(|source| InterfaceOfError::Read { path: path.to_owned(), source })?;
    interface(&bytes).map_err(|source| InterfaceOfError::Interface { path: path.to_owned(), source })
}
