//! The listing of one crate.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use landfall_project::{Package, root};
use public_api::Builder;
use thiserror::Error;

use crate::toolchain;

/// The target of the crates that run in kernels. All others are listed for the host.
const KERNEL_TARGET: &str = "riscv64gc-unknown-none-elf";

/// The public API of one crate.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The crate.
    pub package: String,
    /// One item a line.
    pub items: String,
}

/// The reason why there is no listing.
#[derive(Debug, Error)]
pub enum ListingError {
    /// Cargo does not describe the workspace.
    #[error("cargo metadata failed: {0}")]
    Workspace(String),
    /// Cargo does not document a crate.
    #[error("cargo cannot document {package}; {reason}")]
    Rustdoc {
        /// The crate.
        package: String,
        /// The reason that Cargo gives.
        reason: String,
    },
    /// The JSON is not what `public-api` reads.
    #[error("the JSON of {package} cannot be read: {source}; adapt `public-api` and TOOLCHAIN")]
    Json {
        /// The crate.
        package: String,
        /// The reason.
        source: public_api::Error,
    },
    /// A listing cannot be written.
    #[error("cannot write {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl Listing {
    /// Lists the API of `package`, with all features.
    ///
    /// # Errors
    /// [`ListingError`], if Cargo does not document it or the result cannot be read.
    pub(crate) fn of(package: &Package, how: Documenter<'_>) -> Result<Self, ListingError> {
        let name = package.name.to_string();
        let json = how
            .document(package)
            .map_err(|reason| ListingError::Rustdoc { package: name.clone(), reason })?;
        let api = Builder::from_rustdoc_json(json)
            .omit_blanket_impls(true)
            .omit_auto_trait_impls(true)
            .build()
            .map_err(|source| ListingError::Json { package: name.clone(), source })?;
        let mut items = String::new();
        for item in api.items() {
            // Writing to a string cannot fail.
            let _ = writeln!(items, "{item}");
        }
        Ok(Self { package: name, items })
    }

    /// Returns the file that keeps the listing.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        root().join("docs/api").join(&self.package).with_extension("txt")
    }

    /// Returns the lines that the file lacks (`+`) and those that it has in excess (`-`).
    #[must_use]
    pub fn difference(&self) -> Vec<String> {
        let kept = fs::read_to_string(self.path()).unwrap_or_default();
        difference(&kept, &self.items)
    }

    /// Writes the file.
    ///
    /// # Errors
    /// [`ListingError::File`].
    pub fn write(&self) -> Result<(), ListingError> {
        let path = self.path();
        fs::write(&path, &self.items).map_err(|source| ListingError::File { path, source })
    }
}

/// Returns the lines that only `new` has with a `+`, and those that only `old` has with a `-`.
fn difference(old: &str, new: &str) -> Vec<String> {
    let (was, is): (BTreeSet<_>, BTreeSet<_>) = (old.lines().collect(), new.lines().collect());
    let gone = old.lines().filter(|line| !is.contains(line)).map(|line| format!("-{line}"));
    let come = new.lines().filter(|line| !was.contains(line)).map(|line| format!("+{line}"));
    gone.chain(come).collect()
}

/// The rustdoc run of a crate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Documenter<'a> {
    /// This package's binary, which takes the place of rustdoc.
    pub(crate) program: &'a Path,
    /// The folder for what Cargo builds.
    pub(crate) target: &'a Path,
}

impl Documenter<'_> {
    /// Makes Cargo write rustdoc's JSON, and returns the file.
    fn document(self, package: &Package) -> Result<PathBuf, String> {
        let for_kernels = targets(package).contains(&KERNEL_TARGET);
        let mut cargo = toolchain::cargo(self.program);
        cargo.args(["rustdoc", "--quiet", "--lib", "--all-features", "--package", package.name.as_str()]);
        if for_kernels {
            cargo.args(["--target", KERNEL_TARGET]);
        }
        cargo.args(["--", "-Zunstable-options", "--output-format", "json", "--cap-lints", "allow"]);
        let output = cargo.current_dir(root()).output().map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
        }
        let folder = if for_kernels { self.target.join(KERNEL_TARGET) } else { self.target.to_owned() };
        Ok(folder.join("doc").join(package.name.replace('-', "_") + ".json"))
    }
}

/// Returns the targets for which docs.rs builds the package.
fn targets(package: &Package) -> Vec<&str> {
    let targets = package.metadata.pointer("/docs/rs/targets").and_then(serde_json::Value::as_array);
    targets.into_iter().flatten().filter_map(serde_json::Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_line_is_one_that_went_and_one_that_came() {
        let found = difference("pub fn a::b(u8)\npub fn a::c()\n", "pub fn a::b(u16)\npub fn a::c()\n");
        assert_eq!(found, ["-pub fn a::b(u8)", "+pub fn a::b(u16)"]);
    }

    #[test]
    fn equal_listings_do_not_differ() {
        assert!(difference("pub mod a\n", "pub mod a\n").is_empty());
    }
}
