//! The files that do not follow the rules yet.
//!
//! `unconverted.txt` lists them, one a line. The list can only shrink: a listed file without a
//! fault must leave it, and no file may be added. A file that was renamed keeps its entry.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::{faults, files};

/// The list, from the root of the checkout.
pub const LIST: &str = "lab/prose/unconverted.txt";

/// The command that takes converted and renamed files off the list.
pub const SHRINK: &str = "cargo run -p landfall-prose -- --shrink";

/// The state of a checkout beside its list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Register {
    /// Files with faults that the list does not name, each with its faults.
    pub unlisted: Vec<(PathBuf, Vec<String>)>,
    /// Files on the list that have no fault.
    pub converted: Vec<PathBuf>,
    /// Files on the list that do not exist.
    pub missing: Vec<PathBuf>,
    /// Files on the list that have faults.
    pub unconverted: Vec<PathBuf>,
}

impl Register {
    /// Reads the list and all files of a checkout.
    ///
    /// # Errors
    ///
    /// Fails if the list or a file cannot be read.
    pub fn of_checkout(root: &Path) -> io::Result<Self> {
        let list = fs::read_to_string(root.join(LIST))?;
        let mut listed: BTreeSet<PathBuf> = list.lines().map(PathBuf::from).collect();
        let mut register = Self::default();
        for file in files::of_checkout(root)? {
            let faults = faults(&file, &fs::read_to_string(root.join(&file))?);
            match (listed.remove(&file), faults.is_empty()) {
                (true, true) => register.converted.push(file),
                (true, false) => register.unconverted.push(file),
                (false, true) => {}
                (false, false) => {
                    let text = |fault| format!("{}:{fault}", file.display());
                    let texts = faults.iter().map(text).collect();
                    register.unlisted.push((file, texts));
                }
            }
        }
        register.missing = listed.into_iter().collect();
        Ok(register)
    }

    /// Returns the list without converted files, and with the new path of each renamed file.
    ///
    /// A missing file has the path of an unlisted one with the same name, if there is one.
    #[must_use]
    pub fn shrunk(&self) -> String {
        let mut missing = self.missing.clone();
        let mut list: BTreeSet<&Path> = self.unconverted.iter().map(PathBuf::as_path).collect();
        for (file, _) in &self.unlisted {
            if let Some(index) = nearest(file, &missing) {
                missing.remove(index);
                list.insert(file);
            }
        }
        list.iter().fold(String::new(), |text, file| text + &file.to_string_lossy() + "\n")
    }
}

/// Returns the path with the same file name that shares the longest end with `file`.
fn nearest(file: &Path, paths: &[PathBuf]) -> Option<usize> {
    let shared = |path: &Path| {
        let pairs = path.components().rev().zip(file.components().rev());
        pairs.take_while(|(one, other)| one == other).count()
    };
    let candidates = paths.iter().map(|path| shared(path)).enumerate();
    candidates.filter(|(_, shared)| *shared > 0).max_by_key(|(_, shared)| *shared).map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unlisted(path: &str) -> (PathBuf, Vec<String>) {
        (path.into(), vec!["1: a fault".to_owned()])
    }

    #[test]
    fn the_list_loses_converted_files_and_follows_renamed_ones() {
        let register = Register {
            unlisted: vec![unlisted("new/a/mod.rs"), unlisted("new/b/mod.rs"), unlisted("new/own.rs")],
            converted: vec!["good.rs".into()],
            missing: vec!["old/b/mod.rs".into(), "old/a/mod.rs".into(), "old/gone.rs".into()],
            unconverted: vec!["bad.rs".into()],
        };
        assert_eq!(register.shrunk(), "bad.rs\nnew/a/mod.rs\nnew/b/mod.rs\n");
    }
}
