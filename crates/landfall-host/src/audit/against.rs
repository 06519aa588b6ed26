//! Differences from a plan, or from a saved audit.

use std::fs;
use std::path::{Path, PathBuf};

use landfall_audit::compare::{Differences, compare};
use landfall_audit::json::{Saved, SavedRoot};
use landfall_audit::plan::Plan;
use landfall_audit::{Audit, Run};

use super::AuditError;
use super::source::unreadable;

/// An expected address space.
#[derive(Clone, Debug)]
pub enum Against {
    /// A plan of Landfall's, for the first root.
    Plan {
        /// Its name.
        name: String,
        /// The plan.
        plan: Box<Plan>,
        /// Its mappings.
        runs: Vec<Run>,
    },
    /// An audit that was saved.
    Saved {
        /// Its name.
        name: String,
        /// Its roots.
        roots: Vec<SavedRoot>,
    },
}

/// The differences of one root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The number of the root.
    pub root: usize,
    /// The differences.
    pub differences: Differences,
}

impl Against {
    /// Reads a plan or an audit. The key `audit_format` distinguishes them.
    ///
    /// # Errors
    /// [`AuditError`] if the file is neither.
    pub(super) fn read(path: &Path) -> Result<Self, AuditError> {
        let text = fs::read_to_string(path).map_err(|source| unreadable(path, source))?;
        let name = path.display().to_string();
        let wrong = |reason: String| AuditError::Against { path: PathBuf::from(path), reason };
        if text.contains("\"audit_format\"") {
            let saved = Saved::parse(&text).map_err(|error| wrong(error.to_string()))?;
            return Ok(Self::Saved { name, roots: saved.roots });
        }
        let plan = Plan::parse(&text).map_err(|error| wrong(error.to_string()))?;
        let runs = plan.runs().map_err(|error| wrong(error.to_string()))?;
        let runs = runs.ok_or_else(|| wrong("it is a landing report, which lists no mappings".to_owned()))?;
        Ok(Self::Plan { name, plan: Box::new(plan), runs })
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Plan { name, .. } | Self::Saved { name, .. } => name,
        }
    }

    /// Compares each root of an audit. Of a saved audit, the root with the same table is expected,
    /// or the one with the same number.
    #[must_use]
    pub fn compare(&self, audit: &Audit) -> Vec<Compared> {
        let roots = audit.roots.iter().enumerate();
        match self {
            Self::Plan { runs, .. } => roots
                .take(1)
                .map(|(root, found)| Compared { root, differences: compare(runs, &found.runs) })
                .collect(),
            Self::Saved { roots: saved, .. } => {
                let expected = |number: usize, table| {
                    let same = saved.iter().find(|root| root.table == table);
                    same.or_else(|| saved.get(number)).map_or(&[][..], |root| &root.runs)
                };
                roots
                    .map(|(root, found)| {
                        let expected = expected(root, found.root.table);
                        Compared { root, differences: compare(expected, &found.runs) }
                    })
                    .collect()
            }
        }
    }
}
