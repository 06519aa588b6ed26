//! Which kernel a user means, and what a kernel's file holds.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use landfall_image::header::{self, MAGIC2};
use serde_json::Value;
use thiserror::Error;

/// The kernel that a user named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// A package of the workspace.
    Package(String),
    /// A file, used as it is.
    File(KernelFile),
}

/// A file that holds a kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KernelFile {
    /// An ELF.
    Elf(PathBuf),
    /// A flat image with the boot header of Linux.
    Flat(PathBuf),
}

/// Why a word names no kernel.
#[derive(Debug, Error)]
pub enum KernelError {
    /// Neither a file nor a package.
    #[error("no kernel \"{name}\": neither a file nor a package of this workspace, whose packages are: {}", .packages.join(", "))]
    Unknown {
        /// The word.
        name: String,
        /// What would have been right.
        packages: Vec<String>,
    },
    /// Not a file, and there is no workspace.
    #[error(
        "no kernel \"{name}\": no such file, and no Cargo workspace here whose package it could be; \
         name a file, or run this inside a workspace\n{cargo}"
    )]
    NoWorkspace {
        /// The word.
        name: String,
        /// What Cargo says.
        cargo: String,
    },
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is something else.
    #[error(
        "{path} is no kernel: it begins with \"{}\" and has no magic2 \"RSC\\x05\" at offset 0x38; \
         an ELF begins with \"\\x7fELF\", a flat image has that magic2",
        .start.escape_ascii()
    )]
    Neither {
        /// The file.
        path: PathBuf,
        /// Its first bytes.
        start: Vec<u8>,
    },
    /// A file where only a package can be built.
    #[error("{path} is a file, and there is nothing to build: name a package of this workspace")]
    Built {
        /// The file.
        path: PathBuf,
    },
}

impl Kernel {
    /// Finds out what `name` stands for: a file where it is written like a path, else a package, else a file.
    ///
    /// # Errors
    /// [`KernelError`] where it is neither, or is a file that holds no kernel.
    pub fn find(name: &str) -> Result<Self, KernelError> {
        let path = Path::new(name);
        if path.components().count() > 1 || name.contains('/') {
            return KernelFile::recognise(path).map(Self::File);
        }
        let packages = workspace_packages();
        match packages {
            Ok(packages) if packages.iter().any(|package| package == name) => {
                Ok(Self::Package(name.to_owned()))
            }
            _ if path.exists() => KernelFile::recognise(path).map(Self::File),
            Ok(packages) => Err(KernelError::Unknown { name: name.to_owned(), packages }),
            Err(cargo) => Err(KernelError::NoWorkspace { name: name.to_owned(), cargo }),
        }
    }
}

impl KernelFile {
    /// What `path` holds, judged by its first bytes.
    ///
    /// # Errors
    /// [`KernelError::Read`], or [`KernelError::Neither`].
    pub fn recognise(path: &Path) -> Result<Self, KernelError> {
        let read = |source| KernelError::Read { path: path.to_owned(), source };
        let mut start = Vec::new();
        let file = fs::File::open(path).map_err(read)?;
        io::Read::read_to_end(&mut io::Read::take(file, header::SIZE as u64), &mut start).map_err(read)?;
        if start.starts_with(b"\x7fELF") {
            Ok(Self::Elf(path.to_owned()))
        } else if start.get(0x38..0x3c) == Some(&MAGIC2.to_le_bytes()) {
            Ok(Self::Flat(path.to_owned()))
        } else {
            start.truncate(8);
            Err(KernelError::Neither { path: path.to_owned(), start })
        }
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Elf(path) | Self::Flat(path) => path,
        }
    }
}

/// Cargo, the same that runs us where one does.
#[must_use]
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The names of the packages in the workspace around the current directory, or what Cargo says instead.
fn workspace_packages() -> Result<Vec<String>, String> {
    let output = cargo()
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cargo did not start: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    Ok(packages.filter_map(|package| package["name"].as_str().map(str::to_owned)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognise(bytes: &[u8]) -> Result<KernelFile, KernelError> {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        fs::write(file.path(), bytes).expect("a written file");
        KernelFile::recognise(file.path())
    }

    #[test]
    fn files_are_known_by_their_first_bytes() {
        let mut flat = [0; 64];
        flat[0x38..0x3c].copy_from_slice(b"RSC\x05");
        assert!(matches!(recognise(&flat), Ok(KernelFile::Flat(_))));
        assert!(matches!(recognise(b"\x7fELF"), Ok(KernelFile::Elf(_))));
        for other in [&b""[..], b"#!/bin/sh", &flat[..0x3b]] {
            assert!(matches!(recognise(other), Err(KernelError::Neither { .. })), "{other:?}");
        }
    }

    #[test]
    fn a_directory_is_no_kernel() {
        assert!(matches!(KernelFile::recognise(Path::new("/")), Err(KernelError::Read { .. })));
    }
}
