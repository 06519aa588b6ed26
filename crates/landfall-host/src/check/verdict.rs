//! One file, checked, and its findings sorted.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use landfall_image::feature::Features;
use landfall_image::record::Record;
use landfall_inspect::inspection::Unchecked;
use landfall_inspect::{Accepted, Hints, Judgement, Kind, ReadError, Subject, inspect};
use thiserror::Error;

use super::settings::SettingsError;
use super::{lines, text};
use crate::user_file::{self, Limit};

/// A file that was checked.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The file.
    pub path: PathBuf,
    /// The kind of file.
    pub kind: Kind,
    /// The features of landfall that it is built without; none if it is no kernel of landfall's.
    pub missing: Features,
    /// The state found.
    pub judgement: Judgement,
    /// The skipped checks.
    pub unchecked: Vec<Unchecked>,
}

/// Why a file did not pass.
#[derive(Debug, Error)]
pub enum CheckError {
    /// It cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// It is nothing that can be checked.
    #[error("{path}: {source}")]
    Neither {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ReadError,
    },
    /// The accepted findings cannot be read.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// There are findings.
    #[error("{}", text::Findings(.0))]
    Findings(Box<Checked>),
}

impl Checked {
    /// Checks the file at `path`.
    ///
    /// # Errors
    /// [`CheckError`] where it cannot be read as what it claims to be.
    pub fn file(path: &Path, hints: &Hints, accepted: Vec<Accepted>) -> Result<Self, CheckError> {
        let bytes = user_file::read(path, Limit::KERNEL)
            .map_err(|source| CheckError::Read { path: path.to_owned(), source })?;
        Self::bytes(path, &bytes, hints, accepted)
    }

    /// Checks `bytes`, which `path` holds.
    ///
    /// # Errors
    /// As [`Checked::file`].
    pub fn bytes(
        path: &Path,
        bytes: &[u8],
        hints: &Hints,
        mut accepted: Vec<Accepted>,
    ) -> Result<Self, CheckError> {
        let mut subject =
            Subject::read(bytes).map_err(|source| CheckError::Neither { path: path.to_owned(), source })?;
        let record = subject.image().ok().filter(|_| subject.kind().is_landfall()).map(Record::read);
        let missing = record.and_then(Result::ok).map_or(Features::NONE, |record| record.missing);
        let inspection = inspect(&subject, hints);
        let (lines, failure) = match lines::of(&subject, &inspection) {
            Ok(lines) => (lines, None),
            Err(failure) => (BTreeMap::new(), Some(failure)),
        };
        subject.give_lines(lines);
        let own = accepted.len();
        accepted.extend(hints.profile.accepted());
        let mut judgement = inspection.judge(&subject, &accepted);
        // Accepted findings of a profile that do not occur are not reported.
        judgement.unused.retain(|unused| accepted[..own].contains(unused));
        let mut unchecked = inspection.unchecked().to_vec();
        unchecked.extend(failure.map(|because| Unchecked {
            what: "lines of source",
            because: format!("the debug information cannot be read: {because}"),
        }));
        Ok(Self { path: path.to_owned(), kind: subject.kind(), missing, judgement, unchecked })
    }

    /// Returns an error if the file does not pass.
    ///
    /// # Errors
    /// [`CheckError::Findings`] where it does not.
    pub fn result(&self) -> Result<(), CheckError> {
        if self.judgement.open == 0 { Ok(()) } else { Err(CheckError::Findings(Box::new(self.clone()))) }
    }
}
