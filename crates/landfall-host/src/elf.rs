//! The ELF in a file's bytes.

use std::path::{Path, PathBuf};

use object::LittleEndian;
use object::read::elf::ElfFile64;
use thiserror::Error;

/// A file that is no ELF that we know.
#[derive(Debug, Error)]
#[error("{path} is not a valid 64-bit little-endian ELF: {source}")]
pub struct NoElf {
    /// The file.
    pub path: PathBuf,
    /// The fault.
    pub source: object::Error,
}

/// Returns the ELF in `bytes`, which `path` holds.
///
/// # Errors
/// [`NoElf`] where they are something else.
pub fn parse<'data>(path: &Path, bytes: &'data [u8]) -> Result<ElfFile64<'data, LittleEndian>, NoElf> {
    ElfFile64::parse(bytes).map_err(|source| NoElf { path: path.to_owned(), source })
}
