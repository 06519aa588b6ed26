//! Reasons against arguments for a linker.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::setup::version::Version;

/// The reason why there are no arguments for a linker.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LinkArgsError {
    /// The linker cannot be started.
    #[error("the linker {} did not start: {source}; name a program, `gnu` or `lld`", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The program is no linker that links kernels of Landfall.
    #[error(
        "{} is neither GNU ld nor LLD: it prints \"{output}\" for --version; name one of these, not a compiler", program.display()
    )]
    Unknown {
        /// The program.
        program: PathBuf,
        /// The first line of its output.
        output: String,
    },
    /// The linker is too old.
    #[error(
        "{} is {kind} {found}, and kernels need {kind} {required} or newer; install a newer one, or name it by --linker", program.display()
    )]
    Old {
        /// The program.
        program: PathBuf,
        /// The linker's name.
        kind: &'static str,
        /// Its version.
        found: Version,
        /// The oldest version that is tested.
        required: Version,
    },
    /// A script of the kernel does not exist.
    #[error("the linker script {} does not exist", path.display())]
    NoScript {
        /// The script.
        path: PathBuf,
    },
    /// The path cannot be written into a text.
    #[error("the path {} is not UTF-8 or has a line break, which build systems cannot read; rename it", path.display())]
    Path {
        /// The path.
        path: PathBuf,
    },
    /// A file or folder cannot be written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}
