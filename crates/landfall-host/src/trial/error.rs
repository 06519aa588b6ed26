//! A test that cannot start.

use std::io;
use std::path::PathBuf;

use landfall_judge::Unreadable;
use thiserror::Error;

use crate::image::ImageError;
use crate::initrd::InitrdError;
use crate::kernel::KernelError;
use crate::prepared::PrepareError;
use crate::setup::SetupError;
use crate::symbols::SymbolError;

/// A test that cannot start: no boot ran.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrialError {
    /// No kernel is selected.
    #[error(transparent)]
    Selection(#[from] KernelError),
    /// A tool is missing on this computer.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The kernel does not build, or is not fit to boot.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// The initrd cannot be loaded.
    #[error(transparent)]
    Initrd(#[from] InitrdError),
    /// The kernel's file cannot be read.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The kernel's symbols cannot be read.
    #[error(transparent)]
    Symbols(#[from] SymbolError),
    /// The judges cannot read the kernel's ELF.
    #[error("{path} cannot be judged; {source}; report this with the file")]
    Judge {
        /// The ELF.
        path: PathBuf,
        /// The reason.
        source: Unreadable,
    },
    /// Another kernel than landfall's has no verdict by itself.
    #[error(
        "{kernel} has no landfall record, so its console has no known verdict; name the text of success with --until TEXT"
    )]
    NoVerdict {
        /// The kernel.
        kernel: String,
    },
    /// No boot has such a name.
    #[error("no boot's name contains \"{word}\"; the boots are: {}", .names.join(", "))]
    NoSuchBoot {
        /// The user's word.
        word: String,
        /// All names.
        names: Vec<String>,
    },
    /// No boot applies to the kernel.
    #[error("no boot ran; none of those selected applies to this kernel ({reason}); select others")]
    NothingRan {
        /// The first reason.
        reason: String,
    },
    /// The result cannot be written as XML, for this reason.
    #[error("cannot write the result as XML; {0}")]
    Xml(String),
    /// No seed, or no folder for the files of a boot.
    #[error("{what}: {source}")]
    System {
        /// The operation.
        what: &'static str,
        /// The system's reason.
        source: io::Error,
    },
}
