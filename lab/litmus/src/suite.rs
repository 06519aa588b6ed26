//! The tests to check, and herd's results for them.

use std::fs;
use std::path::{Path, PathBuf};

use landfall_litmus::herd::Herd;
use landfall_litmus::model::{Strength, allowed};
use landfall_litmus::parse::parse;
use landfall_litmus::shapes;
use landfall_litmus::test::Test;

use crate::options::Options;

/// The tests to check, and herd's results for them.
#[derive(Debug)]
pub(crate) struct Suite {
    /// The tests.
    pub(crate) tests: Vec<Test>,
    herd: Option<Herd>,
}

/// A reason why there are no tests.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SuiteError {
    /// A file or folder cannot be read.
    #[error("{path}: {source}")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// No test is left.
    #[error("no test is selected")]
    Empty,
}

impl Suite {
    /// Reads the tests of a folder, or generates them.
    pub(crate) fn read(options: &Options) -> Result<Self, SuiteError> {
        let mut tests = match &options.folder {
            None => shapes::all(),
            Some(folder) => read_folder(folder)?,
        };
        tests.retain(|test| test.name.contains(&options.filter));
        if tests.is_empty() {
            return Err(SuiteError::Empty);
        }
        let logs = options.folder.as_ref().map(|folder| folder.join("model-results/herd.logs"));
        let logs = options.herd.clone().or_else(|| logs.filter(|logs| logs.exists()));
        let herd = logs.map(|logs| text(&logs).map(|text| Herd::parse(&text))).transpose()?;
        Ok(Self { tests, herd })
    }

    /// Compares the model with herd's results, and prints the differences; returns true if they
    /// agree.
    pub(crate) fn compare_with_herd(&self) -> bool {
        let Some(herd) = &self.herd else { return true };
        let (mut same, mut different) = (0, 0);
        for test in &self.tests {
            let Ok(outcomes) = allowed(test, Strength::Rvwmo) else { continue };
            match herd.compare(test, &outcomes) {
                None => {}
                Some(Ok(())) => same += 1,
                Some(Err(difference)) => {
                    different += 1;
                    for outcome in difference.more {
                        println!("{}: the model allows, herd forbids: {outcome}", test.name);
                    }
                    for outcome in difference.fewer {
                        println!("{}: the model forbids, herd allows: {outcome}", test.name);
                    }
                }
            }
        }
        let without = self.tests.len() - same - different;
        println!("model and herd: {same} tests agree, {different} differ, {without} have no result of herd");
        different == 0
    }
}

/// Reads each test below a folder; prints the files that are no RISC-V tests.
fn read_folder(folder: &Path) -> Result<Vec<Test>, SuiteError> {
    let mut tests = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let failed = |source| SuiteError::Read { path: folder.clone(), source };
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "litmus") {
                match parse(&text(&path)?) {
                    Ok(test) => tests.push(test),
                    Err(landfall_litmus::parse::ParseError::Architecture(_)) => {}
                    Err(error) => println!("{}: not checked: {error}", path.display()),
                }
            }
        }
    }
    tests.sort_by(|left, right| left.name.cmp(&right.name));
    tests.dedup_by(|left, right| left.name == right.name && left.harts == right.harts);
    Ok(tests)
}

/// Reads a file as text.
fn text(path: &Path) -> Result<String, SuiteError> {
    fs::read_to_string(path).map_err(|source| SuiteError::Read { path: path.to_owned(), source })
}
