//! Differences from a plan, or from a saved audit.

use std::path::{Path, PathBuf};

use landfall_audit::compare::{Differences, compare};
use landfall_audit::json::Saved;
use landfall_audit::plan::Plan;
use landfall_audit::{Audit, Mode, Run};

use super::AuditError;
use super::files;

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
        /// The audit.
        saved: Saved,
    },
}

/// The differences of one root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The number of the root.
    pub root: usize,
    /// The expected mode, if it is another one.
    pub mode: Option<Mode>,
    /// The differences.
    pub differences: Differences,
}

impl Compared {
    /// Returns the number of differences. Another mode is one.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.differences.count + u64::from(self.mode.is_some())
    }
}

impl Against {
    /// Reads a plan or an audit. The key `audit_format` distinguishes them.
    ///
    /// # Errors
    /// [`AuditError`] if the file is neither.
    pub(super) fn read(path: &Path) -> Result<Self, AuditError> {
        let text = files::json(path)?;
        let name = path.display().to_string();
        let wrong = |reason: String| AuditError::Against { path: PathBuf::from(path), reason };
        if text.contains("\"audit_format\"") {
            let saved = Saved::parse(&text).map_err(|error| wrong(error.to_string()))?;
            return Ok(Self::Saved { name, saved });
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
    /// or the one with the same number, or the first one.
    #[must_use]
    pub fn compare(&self, audit: &Audit) -> Vec<Compared> {
        match self {
            Self::Plan { runs, .. } => {
                let roots = audit.roots.iter().take(1).enumerate();
                let compared = |(root, _)| Compared {
                    root,
                    mode: None,
                    differences: compare(runs, &audit.mappings(root)),
                };
                roots.map(compared).collect()
            }
            Self::Saved { saved, .. } => {
                (0..audit.roots.len()).map(|root| of_root(saved, audit, root)).collect()
            }
        }
    }
}

fn of_root(saved: &Saved, audit: &Audit, root: usize) -> Compared {
    let found = audit.roots[root].root;
    let same = saved.roots.iter().position(|saved| saved.table == found.table);
    let expected = same.unwrap_or(if root < saved.roots.len() { root } else { 0 });
    let mode = saved.roots.get(expected).map(|saved| saved.mode);
    let differences = compare(&saved.mappings(expected), &audit.mappings(root));
    Compared { root, mode: mode.filter(|mode| *mode != found.mode), differences }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use landfall_audit::memory::Raw;
    use landfall_audit::{Mode, Origin, Phys, Request, Root, audit};

    use super::*;

    const RAM: u64 = 0x8000_0000;

    const LEAF: u64 = RAM >> 2 | 0xe7;
    const WAY: u64 = (RAM + 0x2000) >> 2 | 1;

    /// Two roots of sv39, at pages 0 and 1, with two entries each. [`WAY`] leads to a table with
    /// two leaves.
    fn memory(roots: [[u64; 2]; 2]) -> Raw<Cursor<Vec<u8>>> {
        let mut bytes = vec![0; 3 * 4096];
        let mut set = |page: usize, index: usize, entry: u64| {
            bytes[page * 4096 + index * 8..][..8].copy_from_slice(&entry.to_le_bytes());
        };
        for (root, [first, second]) in roots.into_iter().enumerate() {
            set(root, 256, first);
            set(root, 300, second);
        }
        set(2, 5, LEAF);
        set(2, 9, RAM >> 2 | 0xe3);
        Raw::new(Cursor::new(bytes), Phys(RAM)).expect("bytes")
    }

    fn audited(memory: &mut Raw<Cursor<Vec<u8>>>, roots: &[u64]) -> Audit {
        let root = |page: &u64| (Root { mode: Mode::Sv39, table: Phys(RAM + page * 4096) }, Origin::Given);
        audit(memory, &Request { roots: roots.iter().map(root).collect(), ..Request::default() })
    }

    fn json(audit: &Audit) -> String {
        let mut json = Vec::new();
        audit.write_json(&mut json).expect("bytes in memory");
        String::from_utf8(json).expect("text")
    }

    fn read(text: &str) -> Result<Against, AuditError> {
        let folder = crate::private::folder("landfall-").expect("a folder");
        let path = folder.path().join("saved.json");
        std::fs::write(&path, text).expect("a file");
        Against::read(&path)
    }

    fn counts(saved: &Audit, found: &Audit) -> Vec<u64> {
        let against = read(&json(saved)).expect("an audit");
        against.compare(found).iter().map(|compared| compared.differences.count).collect()
    }

    const EQUAL: [[u64; 2]; 2] = [[LEAF, WAY]; 2];

    #[test]
    fn the_order_of_roots_makes_no_difference() {
        let orders: [&[u64]; 4] = [&[0], &[1], &[0, 1], &[1, 0]];
        for (saved, found) in orders.iter().flat_map(|saved| orders.map(|found| (*saved, found))) {
            let counts = counts(&audited(&mut memory(EQUAL), saved), &audited(&mut memory(EQUAL), found));
            assert!(counts.iter().all(|count| *count == 0), "{saved:?} {found:?}: {counts:?}");
        }
    }

    #[test]
    fn a_root_that_loses_mappings_of_an_earlier_one_differs() {
        let saved = audited(&mut memory(EQUAL), &[0, 1]);
        for (second, right) in [([LEAF, 0], [0, 2]), ([0, WAY], [0, 1]), ([LEAF, WAY], [0, 0])] {
            let found = audited(&mut memory([[LEAF, WAY], second]), &[0, 1]);
            assert_eq!(counts(&saved, &found), right);
        }
    }

    #[test]
    fn another_format_or_mode_is_noticed() {
        let audit = audited(&mut memory(EQUAL), &[0]);
        let text = json(&audit);
        for (from, to, words) in [
            ("\"audit_format\":1", "\"audit_format\":2", "audit_format is 2"),
            ("\"sv39\"", "\"sv40\"", "unknown variant `sv40`"),
        ] {
            let error = read(&text.replace(from, to)).expect_err(to).to_string();
            assert!(error.contains(words), "{error}");
        }
        let other = read(&text.replace("\"sv39\"", "\"sv48\"")).expect("an audit").compare(&audit);
        assert_eq!((other[0].count(), other[0].mode), (1, Some(Mode::Sv48)));
    }
}
