//! A kernel's file, read for its plan.

use std::io;
use std::path::{Path, PathBuf};

use landfall_inspect::flat::{self, FlatError};
use landfall_predict::blueprint::{Blueprint, BlueprintError};
use thiserror::Error;

use crate::elf::{self, NoElf};
use crate::kernel::KernelFile;
use crate::user_file::{self, Limit};

/// Why a file cannot be planned for.
#[derive(Debug, Error)]
pub enum ImageError {
    /// It cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// It is no ELF that we know.
    #[error(transparent)]
    Elf(#[from] NoElf),
    /// The ELF has no image in it.
    #[error("{path}: {source}")]
    Flat {
        /// The ELF.
        path: PathBuf,
        /// The fault.
        source: FlatError,
    },
    /// The image has no record, or none that says what it consists of.
    #[error("{path}: {source}")]
    Record {
        /// The file.
        path: PathBuf,
        /// The fault.
        source: BlueprintError,
    },
}

/// Reads a kernel's file.
///
/// # Errors
/// [`ImageError`] if it holds no landfall kernel.
pub fn blueprint(file: &KernelFile) -> Result<Blueprint, ImageError> {
    let path = file.path();
    let image = flat_image(file)?;
    Blueprint::of_image(&image).map_err(|source| ImageError::Record { path: path.to_owned(), source })
}

/// Returns the bytes of a kernel's flat image, whichever kind of file holds them.
///
/// # Errors
/// [`ImageError`] where there is no image.
pub fn flat_image(file: &KernelFile) -> Result<Vec<u8>, ImageError> {
    let path = file.path();
    let bytes = user_file::read(path, Limit::KERNEL)
        .map_err(|source| ImageError::Read { path: path.to_owned(), source })?;
    match file {
        KernelFile::Flat(_) => Ok(bytes),
        KernelFile::Elf(_) => flattened(path, &bytes),
    }
}

fn flattened(path: &Path, bytes: &[u8]) -> Result<Vec<u8>, ImageError> {
    let elf = elf::parse(path, bytes)?;
    let flat = |source| ImageError::Flat { path: path.to_owned(), source };
    let mut image = flat::flatten(&elf).map_err(flat)?;
    image.fit_to_record().map_err(flat)?;
    Ok(image.bytes)
}
