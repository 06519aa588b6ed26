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
use landfall_image::record::Record;
use landfall_inspect::{Escaped, flat};
use landfall_plan::Policy;
use landfall_plan::policy::Modes;
use landfall_predict::policy::Change;
use landfall_wrap::{Inner, WINDOW};
use object::LittleEndian;
use object::read::elf::ElfFile64;

use crate::build::{Built, Sealed, policy};
use crate::scratch::Scratch;
use crate::user_file::{self, Limit};
use crate::{checkout, output, setup};

pub use error::WrapError;
use needs::{Needs, Protocol};

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
    /// Files that the kernel gets as modules.
    pub modules: Vec<PathBuf>,
    /// Changes of the wrapper's policy.
    pub policy: Vec<Change>,
}

/// Builds the wrapper with the inner kernel, and prints the paths of its files.
///
/// # Errors
/// [`WrapError`]. A kernel that breaks a rule is refused before anything is built.
pub fn run(request: &WrapRequest) -> Result<(), WrapError> {
    let Built { elf, flat } = &request.built;
    if let Some(path) = [flat, elf].into_iter().find(|path| !has_folder(path)) {
        return Err(WrapError::NoFolder { path: path.clone() });
    }
    request.built.check()?;
    let sealed = image(request)?;
    request.built.write(&sealed)?;
    for path in [flat, elf] {
        output::result(Escaped::new(path.as_os_str().as_encoded_bytes()));
    }
    Ok(())
}

/// Builds the wrapper with the inner kernel, and writes nothing.
///
/// # Errors
/// As [`run`].
pub fn image(request: &WrapRequest) -> Result<Sealed, WrapError> {
    if let Some(path) = repeated(&request.modules) {
        return Err(WrapError::SameModules { path });
    }
    let file = read(&request.kernel)?;
    if is_landfall(&file) {
        return Err(WrapError::Landfall { path: request.kernel.clone() });
    }
    let inner =
        Inner::read(&file).map_err(|refusal| WrapError::Refused { path: request.kernel.clone(), refusal })?;
    let needs = Needs::of(&request.kernel, &inner)?;
    if needs.protocol == Protocol::Plain && !request.modules.is_empty() {
        return Err(WrapError::NoModules { path: request.kernel.clone() });
    }
    let mut changes = needs.changes()?;
    changes.extend(request.policy.iter().cloned());
    needs.check(&Change::all(&changes, Policy::new())?)?;
    // The wrapper's own policy: see its source.
    let own = Policy::new().with_window(Modes::All, WINDOW);
    Change::all(&changes, own).map_err(|source| WrapError::Window { source })?;
    let checkout = checkout::find(request.landfall.as_deref())?;
    setup::rust_target()?;

    let record = record(&file, request)?;
    let folder = Scratch::create().map_err(|source| failed(&std::env::temp_dir(), source))?;
    let linked = folder.path().join(build::CRATE);
    fs::write(&linked, build::linked(&checkout, &record)?).map_err(|source| failed(&linked, source))?;
    let mut sealed = Sealed::of(&linked, &[])?;
    policy::change_flat(&mut sealed.flat, &changes)?;
    policy::change_elf(&mut sealed.elf, &changes)?;
    Ok(sealed)
}

/// Returns true if a file can be created there, as far as its folder decides.
fn has_folder(path: &Path) -> bool {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.is_none_or(Path::is_dir)
}

/// Returns true for the flat image or the ELF of a landfall kernel.
fn is_landfall(file: &[u8]) -> bool {
    let is_record = |image: &[u8]| Record::read(image).is_ok();
    let elf = ElfFile64::<LittleEndian>::parse(file);
    let flat = elf.ok().and_then(|elf| flat::flatten(&elf).ok());
    is_record(file) || flat.is_some_and(|flat| is_record(&flat.bytes))
}

/// Returns the record of the inner kernel.
fn record(file: &[u8], request: &WrapRequest) -> Result<Vec<u8>, WrapError> {
    let modules: Vec<_> = request.modules.iter().map(|path| module(path)).collect::<Result<_, _>>()?;
    let mut parts = vec![Part { kind: PartKind::Kernel, bytes: file }];
    if !request.command_line.is_empty() {
        parts.push(Part { kind: PartKind::CommandLine, bytes: request.command_line.as_bytes() });
    }
    for (name, bytes) in &modules {
        parts.push(Part { kind: PartKind::Module, bytes });
        parts.push(Part { kind: PartKind::ModuleName, bytes: name.as_bytes() });
    }
    let mut bytes = vec![0; size(&parts)];
    write(&parts, request.options, &mut bytes)?;
    Ok(bytes)
}

/// Reads a module, and returns its path for the kernel with it.
fn module(path: &Path) -> Result<(String, Vec<u8>), WrapError> {
    Ok((path_of(path), read(path)?))
}

/// Returns the path of a module for the kernel: its name behind a slash.
fn path_of(module: &Path) -> String {
    format!("/{}", module.file_name().unwrap_or_default().to_string_lossy())
}

/// Returns the path that two modules have, if there are two.
fn repeated(modules: &[PathBuf]) -> Option<String> {
    let mut paths: Vec<_> = modules.iter().map(|module| path_of(module)).collect();
    paths.sort();
    paths.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone())
}

fn read(path: &Path) -> Result<Vec<u8>, WrapError> {
    user_file::read(path, Limit::KERNEL).map_err(|source| failed(path, source))
}

fn failed(path: &Path, source: std::io::Error) -> WrapError {
    WrapError::File { path: path.to_owned(), source }
}
