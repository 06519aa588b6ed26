//! `cargo landfall check`: a kernel's file, verified before anybody boots it.
//!
//! ```text
//! settings   what the project's landfall.toml accepts
//! verdict    one file, checked, and its findings sorted
//! lines      lines of source, by a process of its own
//! text       the findings for people
//! json       the findings for programs
//! story      what --explain tells
//! ```

mod json;
pub(crate) mod lines;
pub mod settings;
pub mod story;
mod text;
mod verdict;

use std::path::PathBuf;

use landfall_inspect::inspection::WITHOUT_SYMBOLS;
use landfall_inspect::{Accepted, Options as Known};

use crate::failure::Failure;
use crate::output;

pub use verdict::{CheckError, Checked};

/// How the result is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Findings for people, with what was not checked and why
    Text,
    /// One JSON object: findings, accepted ones apart, and what was not checked
    Json,
}

/// What a user asks of `check`.
#[derive(Clone, Debug)]
pub struct Options {
    /// The file.
    pub file: PathBuf,
    /// How the result is told.
    pub format: Format,
    /// What is accepted besides what `landfall.toml` says.
    pub allow: Vec<Accepted>,
    /// What the user knows and the file does not say.
    pub known: Known,
}

/// Checks a file and tells what was found.
///
/// # Errors
/// [`Failure::Findings`] where there are findings, [`Failure::Check`] where the file cannot be read as what it claims to be.
pub fn run(options: &Options) -> Result<(), Failure> {
    let mut accepted = options.allow.clone();
    accepted.extend(settings::accepted().map_err(CheckError::from)?);
    let checked = Checked::file(&options.file, &options.known, accepted)?;
    match options.format {
        Format::Text => output::result(text::Full(&checked)),
        Format::Json => output::result(json::of(&checked)),
    }
    checked.result().map_err(|_| Failure::Findings { count: checked.judgement.open })
}

/// Checks the bytes of a kernel that is about to be built or booted. Findings in `allow` and in `landfall.toml` are accepted and
/// printed, one line each.
///
/// # Errors
/// [`CheckError`] where there are findings, or the file is no kernel.
pub fn before_boot(path: &std::path::Path, bytes: &[u8], allow: &[Accepted]) -> Result<(), CheckError> {
    let mut accepted = allow.to_vec();
    accepted.extend(settings::accepted()?);
    let checked = Checked::bytes(path, bytes, &Known::default(), accepted)?;
    for line in text::accepted(&checked) {
        output::note(line);
    }
    // A kernel may be stripped by its profile, far from where anybody looks: then less is checked than it seems.
    for unchecked in checked.unchecked.iter().filter(|unchecked| unchecked.what == WITHOUT_SYMBOLS) {
        output::note(text::Left(unchecked));
    }
    checked.result()
}
