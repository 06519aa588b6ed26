//! The library for kernels in C: a folder that needs no checkout.
//!
//! ```text
//! liblandfall_c.a   the static library
//! include/          its headers
//! kernel.mk         rules for Make
//! LICENSE-APACHE, LICENSE-MIT
//! ```

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::build::{self, BuildError};
use crate::checkout::{self, CheckoutError};
use crate::output;
use crate::setup::{self, SetupError};

/// The crate of the library.
const CRATE: &str = "landfall-c";
/// The name of the library's file.
const ARCHIVE: &str = "liblandfall_c.a";
/// Files beside the library, by their folder in the checkout.
const TEXTS: [(&str, &str); 3] =
    [("crates/landfall-c", "kernel.mk"), ("", "LICENSE-APACHE"), ("", "LICENSE-MIT")];
const HEADERS: &str = "include";

/// Why there is no library.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LibraryError {
    /// No checkout is known.
    #[error(transparent)]
    Checkout(#[from] CheckoutError),
    /// The checkout is older than the library.
    #[error("the checkout {checkout} has no crate {CRATE}; kernels in C need it; update the checkout")]
    NoCrate {
        /// The checkout.
        checkout: PathBuf,
    },
    /// The Rust target is missing.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The library does not build.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The folder has other files.
    #[error("{folder} is not empty and has no {ARCHIVE}; name a new folder, or one with an earlier library")]
    Occupied {
        /// The folder.
        folder: PathBuf,
    },
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

/// Builds the library of a checkout, and writes it into `folder`: a new or empty one, or one with
/// an earlier library. Without `landfall` the checkout is found.
///
/// # Errors
/// [`LibraryError`] if there is no checkout, the library does not build, or the folder cannot be
/// written.
pub fn run(folder: &Path, landfall: Option<&Path>) -> Result<(), LibraryError> {
    let checkout = checkout::find(landfall)?;
    check(folder)?;
    Library::build(&checkout)?.write(folder)?;
    output::result(folder.display());
    Ok(())
}

/// The library of a checkout, built.
#[derive(Debug)]
pub(crate) struct Library {
    files: Vec<Delivered>,
}

/// A file of the library.
#[derive(Debug)]
struct Delivered {
    /// Its path in the library's folder.
    place: PathBuf,
    source: PathBuf,
}

impl Library {
    /// Builds the library.
    pub(crate) fn build(checkout: &Path) -> Result<Self, LibraryError> {
        if !checkout::has_crate(checkout, CRATE) {
            return Err(LibraryError::NoCrate { checkout: checkout.to_owned() });
        }
        let texts = TEXTS
            .map(|(folder, name)| Delivered { place: name.into(), source: checkout.join(folder).join(name) });
        let mut files = Vec::from(texts);
        headers(&checkout.join("crates").join(CRATE).join(HEADERS), Path::new(HEADERS), &mut files)?;
        setup::rust_target()?;
        files.push(Delivered { place: ARCHIVE.into(), source: build::archive_of(checkout, CRATE)? });
        Ok(Self { files })
    }

    /// Writes the files into `folder`, which is made if it is missing.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), LibraryError> {
        for Delivered { place, source } in &self.files {
            let path = folder.join(place);
            if let Some(above) = path.parent() {
                fs::create_dir_all(above).map_err(|source| file(above, source))?;
            }
            build::write(&path, &fs::read(source).map_err(|error| file(source, error))?)?;
        }
        Ok(())
    }
}

/// Adds the headers below `folder`, which lie at `place`.
fn headers(folder: &Path, place: &Path, files: &mut Vec<Delivered>) -> Result<(), LibraryError> {
    let failed = |source| file(folder, source);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (source, place) = (entry.path(), place.join(entry.file_name()));
        if source.is_dir() {
            headers(&source, &place, files)?;
        } else {
            files.push(Delivered { place, source });
        }
    }
    Ok(())
}

/// Checks that no other files lie in `folder`.
fn check(folder: &Path) -> Result<(), LibraryError> {
    let mut entries = match fs::read_dir(folder) {
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(|source| file(folder, source))?,
    };
    if entries.next().is_some() && !folder.join(ARCHIVE).is_file() {
        return Err(LibraryError::Occupied { folder: folder.to_owned() });
    }
    Ok(())
}

fn file(path: &Path, source: io::Error) -> LibraryError {
    LibraryError::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_empty_folder_or_an_earlier_library_is_replaced() {
        let folder = crate::private::folder("landfall-").expect("a folder");
        let at = folder.path();
        for (place, file, right) in [
            ("new", None, true),
            ("empty", Some(""), true),
            ("old", Some(ARCHIVE), true),
            ("used", Some("a.c"), false),
        ] {
            let place = at.join(place);
            if let Some(name) = file {
                fs::create_dir_all(&place).expect("a folder");
                if !name.is_empty() {
                    fs::write(place.join(name), "").expect("a file");
                }
            }
            assert_eq!(check(&place).is_ok(), right, "{}", place.display());
        }
        assert!(matches!(check(&at.join("old").join(ARCHIVE)), Err(LibraryError::File { .. })));
    }
}
