//! Cargo builds the wrapper with a record in it.

use std::fs;
use std::path::Path;

use landfall_image::inner::ALIGNMENT;

use super::{WrapError, failed};
use crate::kernel::Package;
use crate::scratch::Scratch;
use crate::{build, checkout};

/// The crate of the wrapper.
pub(super) const CRATE: &str = "landfall-wrapper";
/// The variable by which its build script finds the record.
const VARIABLE: &str = "LANDFALL_INNER";
/// Builds, if others replace the wrapper before it is read.
const TIMES: usize = 8;

/// Builds the wrapper with `record`, and returns its ELF.
pub(super) fn linked(checkout: &Path, record: &[u8]) -> Result<Vec<u8>, WrapError> {
    if !checkout::has_crate(checkout, CRATE) {
        return Err(WrapError::NoCrate { checkout: checkout.to_owned() });
    }
    let folder = Scratch::create().map_err(|source| failed(&std::env::temp_dir(), source))?;
    let file = folder.path().join("inner");
    fs::write(&file, record).map_err(|source| failed(&file, source))?;
    for _ in 0..TIMES {
        let elf = build::linked_with(&Package::named(CRATE), |command| {
            // Cargo reads its settings from the current directory.
            command.current_dir(checkout).env(VARIABLE, &file);
        })?;
        let bytes = fs::read(&elf).map_err(|source| failed(&elf, source))?;
        // Another process may have built the wrapper of its own kernel meanwhile, in this file.
        if holds(&bytes, record) {
            return Ok(bytes);
        }
    }
    Err(WrapError::Busy { times: TIMES })
}

/// Returns true if the record is in the ELF. Its place in the file is a multiple of a page, as its
/// place in memory.
fn holds(elf: &[u8], record: &[u8]) -> bool {
    (0..elf.len()).step_by(ALIGNMENT).any(|offset| elf[offset..].starts_with(record))
}
