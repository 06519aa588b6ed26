//! A kernel's file, verified before it boots.
//!
//! ```text
//! settings   what the project's landfall.toml accepts
//! verdict    one file, checked, and its findings sorted
//! lines      lines of source, by a process of its own
//! text       the findings for people
//! json       the findings for programs
//! story      the output of --explain
//! ```

pub mod json;
pub mod lines;
pub mod settings;
pub mod story;
pub mod text;
mod verdict;

use std::path::Path;

use landfall_inspect::inspection::WITHOUT_SYMBOLS;
use landfall_inspect::{Accepted, Hints};

use crate::output;

pub use verdict::{CheckError, Checked};

/// Says whether a check that passed has printed lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remarks {
    /// It printed nothing.
    None,
    /// It printed accepted findings, or checks that it skipped.
    Some,
}

/// Checks the bytes of a kernel that is about to be built or booted. Findings in `allow` and in
/// `landfall.toml` are accepted and printed, one line each.
///
/// # Errors
/// [`CheckError`] where there are findings, or the file is no kernel.
pub fn before_boot(path: &Path, bytes: &[u8], allow: &[Accepted]) -> Result<(), CheckError> {
    before_load(path, bytes, &Hints::default(), allow)
}

/// Checks the bytes of a module that was built, likewise.
///
/// # Errors
/// [`CheckError`] where there are findings.
pub fn before_load(path: &Path, bytes: &[u8], hints: &Hints, allow: &[Accepted]) -> Result<(), CheckError> {
    remarks(path, bytes, hints, allow).map(drop)
}

/// Does the same, and says whether anything was printed.
pub(crate) fn remarks(
    path: &Path,
    bytes: &[u8],
    hints: &Hints,
    allow: &[Accepted],
) -> Result<Remarks, CheckError> {
    let mut accepted = allow.to_vec();
    accepted.extend(settings::accepted()?);
    let checked = Checked::bytes(path, bytes, hints, accepted)?;
    let mut remarks = Remarks::None;
    for line in text::accepted(&checked) {
        remarks = Remarks::Some;
        output::note(line);
    }
    // A profile may strip a kernel, in a file that no user looks at. Fewer checks apply then.
    for unchecked in checked.unchecked.iter().filter(|unchecked| unchecked.what == WITHOUT_SYMBOLS) {
        remarks = Remarks::Some;
        output::note(text::Left(unchecked));
    }
    checked.result().map(|()| remarks)
}
