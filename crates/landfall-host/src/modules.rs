//! Files of modules, by the names that the modules state: for debuggers, and for addresses on the
//! console.

use std::path::{Path, PathBuf};
use std::{fs, io};

use landfall_inspect::module::{About, Interface};
use landfall_inspect::{Kind, Subject};
use thiserror::Error;

use crate::user_file::{self, Limit};

/// The extension of a module's file.
const EXTENSION: &str = "ko";

/// A module's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ModuleFile {
    /// The name that it states.
    pub(crate) name: String,
    /// The file.
    pub(crate) path: PathBuf,
    /// Its content.
    pub(crate) bytes: Vec<u8>,
}

/// The reason why a file is no module.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModuleFileError {
    /// The file cannot be read.
    #[error("cannot read the module {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The file is something else.
    #[error("{path} is no module with a name; `cargo landfall check {path}` names the fault")]
    NoModule {
        /// The file.
        path: PathBuf,
    },
}

/// Returns the modules in the files `named`, and those in `folder` that were not built for another
/// kernel than `kernel`, an ELF. Of two modules with one name, a named one counts.
pub(crate) fn of_kernel(
    kernel: &[u8],
    folder: Option<&Path>,
    named: &[PathBuf],
) -> Result<Vec<ModuleFile>, ModuleFileError> {
    let mut files = named.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    let mut found: Vec<PathBuf> =
        folder.and_then(|folder| fs::read_dir(folder).ok()).map_or_else(Vec::new, |entries| {
            let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
            let is_module =
                |path: &PathBuf| path.extension().is_some_and(|found| found == EXTENSION) && path.is_file();
            paths.filter(is_module).collect()
        });
    if found.is_empty() {
        return Ok(files);
    }
    found.sort();
    let kernel = Interface::of_kernel(kernel).ok().and_then(|kernel| kernel.build_id);
    for file in found.iter().filter_map(|path| read(path).ok()) {
        let own = Subject::read(&file.bytes).ok().and_then(|subject| About::of(&subject).kernel);
        let is_known = files.iter().any(|known| known.name == file.name);
        if !is_known && (own.is_none() || own == kernel) {
            files.push(file);
        }
    }
    Ok(files)
}

/// Reads a module's file.
fn read(path: &Path) -> Result<ModuleFile, ModuleFileError> {
    let bytes = user_file::read(path, Limit::KERNEL)
        .map_err(|source| ModuleFileError::Read { path: path.to_owned(), source })?;
    let subject = Subject::read(&bytes).ok().filter(|subject| subject.kind() == Kind::Module);
    let name = subject.and_then(|subject| About::of(&subject).name.map(str::to_owned));
    let name = name.ok_or_else(|| ModuleFileError::NoModule { path: path.to_owned() })?;
    Ok(ModuleFile { name, path: path.to_owned(), bytes })
}
