//! The name by which the program was called.
//!
//! One program is installed: `cargo-landfall`. Cargo calls it for `cargo landfall`, and it can be
//! called by its own name where there is no Cargo. A link with the name `landfall` works too.

use std::ffi::OsStr;
use std::path::Path;

/// A name of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Program {
    /// The file that is installed.
    CargoLandfall,
    /// A link to it.
    Landfall,
}

impl Program {
    /// Returns the name in the first argument of a process.
    pub(super) fn called(file: Option<&OsStr>) -> Self {
        match file.and_then(|file| Path::new(file).file_stem()) {
            Some(stem) if stem == "landfall" => Self::Landfall,
            _ => Self::CargoLandfall,
        }
    }

    /// Returns the name as a user types it.
    pub(super) const fn in_words(self) -> &'static str {
        match self {
            Self::CargoLandfall => "cargo landfall",
            Self::Landfall => "landfall",
        }
    }

    /// Returns the name of the file.
    pub(super) const fn file_name(self) -> &'static str {
        match self {
            Self::CargoLandfall => "cargo-landfall",
            Self::Landfall => "landfall",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_has_its_own_name() {
        for (file, right) in [
            (Some("/usr/bin/landfall"), Program::Landfall),
            (Some("landfall"), Program::Landfall),
            (Some("/root/.cargo/bin/cargo-landfall"), Program::CargoLandfall),
            (None, Program::CargoLandfall),
        ] {
            assert_eq!(Program::called(file.map(OsStr::new)), right, "{file:?}");
        }
    }
}
