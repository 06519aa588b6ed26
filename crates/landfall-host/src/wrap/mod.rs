//! A foreign kernel behind a landing: `wrap`.
//!
//! ```text
//! ELF --rules--> record --Cargo--> wrapper with the record in it --seal--> IMAGE, IMAGE.elf
//! ```

mod build;
mod error;
mod needs;

use std::fs;
use std::path::{Path, PathBuf};

use landfall_image::inner::{Options, Part, PartKind, size, write};
use landfall_predict::policy::Change;
use landfall_wrap::Inner;

use crate::build::{Built, Sealed, policy};
use crate::{checkout, output, private, setup};

pub use error::WrapError;

/// A kernel to wrap.
#[derive(Clone, Debug)]
pub struct WrapRequest {
    /// The ELF of the inner kernel.
    pub kernel: PathBuf,
    /// The files of the result.
    pub built: Built,
    /// The checkout that has the wrapper; `None` for the one that is found.
    pub landfall: Option<PathBuf>,
    /// The options of the record.
    pub options: Options,
    /// The command line for a boot loader that passes none.
    pub command_line: String,
    /// Changes of the wrapper's policy.
    pub policy: Vec<Change>,
}

/// Builds the wrapper with the inner kernel, and prints the paths of its files.
///
/// # Errors
/// [`WrapError`]. A kernel that breaks a rule is refused before anything is built.
pub fn run(request: &WrapRequest) -> Result<(), WrapError> {
    let sealed = sealed(request)?;
    request.built.write(&sealed)?;
    output::result(request.built.flat.display());
    output::result(request.built.elf.display());
    Ok(())
}

/// Builds the wrapper with the inner kernel.
fn sealed(request: &WrapRequest) -> Result<Sealed, WrapError> {
    let file = read(&request.kernel)?;
    let inner =
        Inner::read(&file).map_err(|refusal| WrapError::Refused { path: request.kernel.clone(), refusal })?;
    let mut changes = needs::changes(&inner)?;
    changes.extend(request.policy.iter().cloned());
    let checkout = checkout::find(request.landfall.as_deref())?;
    setup::rust_target()?;

    let record = record(&file, request)?;
    let folder = private::folder("landfall-").map_err(|source| failed(&std::env::temp_dir(), source))?;
    let linked = folder.path().join(build::CRATE);
    fs::write(&linked, build::linked(&checkout, &record)?).map_err(|source| failed(&linked, source))?;
    let mut sealed = Sealed::of(&linked, &[])?;
    let policy = policy::change_flat(&mut sealed.flat, &changes)?;
    policy::change_elf(&mut sealed.elf, &changes)?;
    needs::check(&policy, &inner)?;
    Ok(sealed)
}

/// Returns the record of the inner kernel.
fn record(file: &[u8], request: &WrapRequest) -> Result<Vec<u8>, WrapError> {
    let line = request.command_line.as_bytes();
    let kernel = Part { kind: PartKind::Kernel, bytes: file };
    let line = (!line.is_empty()).then_some(Part { kind: PartKind::CommandLine, bytes: line });
    let parts: Vec<_> = [kernel].into_iter().chain(line).collect();
    let mut bytes = vec![0; size(&parts)];
    write(&parts, request.options, &mut bytes)?;
    Ok(bytes)
}

fn read(path: &Path) -> Result<Vec<u8>, WrapError> {
    fs::read(path).map_err(|source| failed(path, source))
}

fn failed(path: &Path, source: std::io::Error) -> WrapError {
    WrapError::File { path: path.to_owned(), source }
}
