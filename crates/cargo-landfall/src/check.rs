//! `cargo landfall check`: a kernel's file, verified before it boots.

use std::path::PathBuf;

use landfall_host::check::{CheckError, Checked, json, settings, text};
use landfall_host::output;
use landfall_inspect::{Accepted, Hints};

use crate::failure::Failure;

/// The form of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum CheckFormat {
    /// Findings for people, with what was not checked and why
    Text,
    /// One JSON object: findings, accepted ones apart, and what was not checked
    Json,
}

/// The arguments of `check`.
#[derive(Clone, Debug)]
pub(crate) struct CheckCommand {
    /// The file.
    pub(crate) file: PathBuf,
    /// The form of the result.
    pub(crate) format: CheckFormat,
    /// Findings that are accepted, besides those of `landfall.toml`.
    pub(crate) allow: Vec<Accepted>,
    /// Facts from the user that the file does not hold.
    pub(crate) hints: Hints,
}

/// Checks a file and prints the findings.
///
/// # Errors
/// [`Failure::Findings`] if there are findings; [`Failure::Check`] if the file is not what it
/// claims to be.
pub(crate) fn run(command: &CheckCommand) -> Result<(), Failure> {
    let mut accepted = command.allow.clone();
    accepted.extend(settings::accepted().map_err(CheckError::from)?);
    let checked = Checked::file(&command.file, &command.hints, accepted)?;
    match command.format {
        CheckFormat::Text => output::result(text::Full(&checked)),
        CheckFormat::Json => output::result(json::of(&checked)),
    }
    checked.result().map_err(|_| Failure::Findings { count: checked.judgement.open })
}
