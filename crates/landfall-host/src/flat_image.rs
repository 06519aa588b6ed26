//! The flat image of a selected kernel, sealed.

use std::path::{Path, PathBuf};

use landfall_inspect::Accepted;
use thiserror::Error;

use crate::build::{self, BuildError, Built, Sealed};
use crate::check;
use crate::kernel::{Kernel, KernelError, KernelFile, Selection};
use crate::setup::{self, SetupError};
use crate::user_file::{self, Limit};

/// The reason why a kernel has no flat image.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FlatImageError {
    /// No kernel is selected.
    #[error(transparent)]
    Selection(#[from] KernelError),
    /// A tool is missing on this computer.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The kernel does not build, or has findings.
    #[error(transparent)]
    Build(#[from] BuildError),
}

/// The flat image of a kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlatImage {
    /// The image, sealed if the kernel checks seals.
    pub bytes: Vec<u8>,
    /// The file from which it comes.
    pub origin: PathBuf,
}

impl FlatImage {
    /// Builds the package that a user selected, seals the ELF, or checks the flat image.
    ///
    /// # Errors
    /// [`FlatImageError`] if there is no such kernel, it does not build, or it has findings.
    pub fn of(selection: &Selection) -> Result<Self, FlatImageError> {
        let allow = &selection.allow;
        Ok(match Kernel::find(selection)? {
            Kernel::Package(package) => {
                setup::rust_target()?;
                let Built { elf, flat } = build::package(&package, allow)?;
                Self { bytes: read(&flat)?, origin: elf }
            }
            Kernel::File(KernelFile::Elf(origin)) => Self { bytes: Sealed::of(&origin, allow)?.flat, origin },
            Kernel::File(KernelFile::Flat(origin)) => Self { bytes: checked(&origin, allow)?, origin },
        })
    }
}

/// Returns the bytes of a flat image that has no findings.
fn checked(path: &Path, allow: &[Accepted]) -> Result<Vec<u8>, BuildError> {
    let bytes = read(path)?;
    check::before_boot(path, &bytes, allow)?;
    Ok(bytes)
}

fn read(path: &Path) -> Result<Vec<u8>, BuildError> {
    user_file::read(path, Limit::KERNEL).map_err(|source| BuildError::File { path: path.to_owned(), source })
}
