//! `cargo landfall new`: a kernel that lands.
//!
//! ```text
//! rust    a package, made by Cargo, which tests itself and has no warnings
//! c       a folder with a Makefile and the library, which needs no checkout
//! ```

mod c;
mod rust;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use landfall_inspect::Escaped;
use thiserror::Error;

use crate::checkout::{self, CheckoutError};
use crate::library::LibraryError;
use crate::output;
use landfall_predict::shell::quoted;

/// The language of a new kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Language {
    /// A Cargo package
    #[default]
    Rust,
    /// A folder with a Makefile and the library, for gcc or clang
    C,
}

/// A request for a new kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRequest {
    /// The kernel's folder, which must not exist. Its last part becomes the kernel's name.
    pub path: PathBuf,
    /// The language.
    pub language: Language,
    /// The checkout; `None` for the one that is found.
    pub landfall: Option<PathBuf>,
}

/// Why there is no new kernel.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NewError {
    /// Cargo cannot be started.
    #[error("cargo did not start: {source}")]
    NoCargo {
        /// The system's error.
        source: io::Error,
    },
    /// Cargo has printed the fault.
    #[error("cargo created no package at {path}; its messages are above")]
    Cargo {
        /// The path of the package.
        path: PathBuf,
    },
    /// No kernel can have that name.
    #[error("a kernel cannot have the name \"{}\"; {reason}; choose another name, such as my-kernel", Escaped::new(.name))]
    Name {
        /// The name.
        name: String,
        /// The reason, which is Cargo's for a package.
        reason: String,
    },
    /// The path exists.
    #[error("{path} exists; a new kernel needs a new folder; choose another name")]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// A file cannot be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A place where this command's own settings would get in the kernel's way.
    #[error(
        "{path} is in landfall's own checkout, whose Cargo settings do not suit a kernel; choose a place outside, such as ../{name}"
    )]
    Inside {
        /// The path.
        path: PathBuf,
        /// The kernel's name.
        name: String,
    },
    /// A crate of the checkout has the kernel's name.
    #[error(
        "the name \"{name}\" belongs to a crate in {checkout}; Cargo refuses two packages of one name and version; choose another name"
    )]
    Taken {
        /// The kernel's name.
        name: String,
        /// The path of the checkout.
        checkout: PathBuf,
    },
    /// No checkout is known.
    #[error(transparent)]
    Checkout(#[from] CheckoutError),
    /// The library for C cannot be written.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// A path that names no kernel.
    #[error("{path} does not end with a name for the kernel; add a name")]
    NoName {
        /// The path.
        path: PathBuf,
    },
}

/// Makes a kernel.
///
/// # Errors
/// [`NewError`] if there is no checkout, or no kernel can be made at that path.
pub fn run(request: &NewRequest) -> Result<(), NewError> {
    let NewRequest { path, language, landfall } = request;
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| NewError::NoName { path: path.clone() })?;
    let checkout = checkout::find(landfall.as_deref())?;
    let command = match language {
        Language::Rust => {
            rust::make(path, name, &checkout)?;
            output::note(format_args!("{name} uses the landfall in {}.", checkout.display()));
            "cargo run"
        }
        Language::C => {
            c::make(path, name, &checkout)?;
            output::note(format_args!("{name} has a copy of the library of {}.", checkout.display()));
            "make run"
        }
    };
    output::note(format_args!("{name} is a kernel that lands. Boot it:"));
    output::note(format_args!("    cd {} && {command}", quoted(&path.display().to_string())));
    Ok(())
}

/// Checks that nothing is at the path.
fn is_new(path: &Path) -> Result<(), NewError> {
    if path.symlink_metadata().is_ok() { Err(NewError::Exists { path: path.to_owned() }) } else { Ok(()) }
}

fn write(path: &Path, text: &str) -> Result<(), NewError> {
    let failed = |source| NewError::Write { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(path, text).map_err(failed)
}
