//! Differences from a plan, or from a saved audit.

use std::path::{Path, PathBuf};

use landfall_audit::compare::{Differences, compare};
use landfall_audit::json::Saved;
use landfall_audit::plan::Plan;
use landfall_audit::{Audit, Mode, Root, Run, Span, Virt};

use super::AuditError;
use super::decided::Decided;
use super::files;

/// An expected address space.
#[derive(Clone, Debug)]
pub enum Against {
    /// A plan of Landfall's.
    Plan {
        /// Its name.
        name: String,
        /// The plan.
        plan: Box<Plan>,
        /// Its mappings.
        runs: Vec<Run>,
        /// The part of an audit that it is about.
        scope: Scope,
    },
    /// An audit that was saved.
    Saved {
        /// Its name.
        name: String,
        /// The audit.
        saved: Saved,
    },
}

/// The part of an audit that a plan is about.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The root with which the kernel landed. Without one it is the first root.
    pub root: Option<Root>,
    /// Addresses that the plan leaves to the kernel, in ascending order. Mappings there are no
    /// differences.
    pub left: Vec<Span<Virt>>,
}

impl Scope {
    /// Returns the number of the root that is compared.
    fn root_of(&self, audit: &Audit) -> usize {
        let same = |landed: Root| audit.roots.iter().position(|root| root.root.table == landed.table);
        self.root.and_then(same).unwrap_or(0)
    }

    /// Returns the parts of `runs` that the plan does not leave to the kernel.
    fn judged(&self, runs: &[Run]) -> Vec<Run> {
        runs.iter().flat_map(|run| outside(run, &self.left)).collect()
    }
}

/// Returns the parts of a run outside of `spans`, which are in ascending order.
fn outside(run: &Run, spans: &[Span<Virt>]) -> Vec<Run> {
    let bytes = |count: u128| u64::try_from(count).unwrap_or(u64::MAX);
    let part = |start: u128, end: u128| {
        let skipped = bytes(start - u128::from(run.virt.0));
        let (virt, phys) = (run.virt.wrapping_add(skipped), run.phys.wrapping_add(skipped));
        Run { virt, phys, size: bytes(end - start), ..*run }
    };
    let (mut at, end) = (u128::from(run.virt.0), run.span().end());
    let mut parts = Vec::new();
    for span in spans {
        let start = u128::from(span.start.0).min(end);
        if start > at {
            parts.push(part(at, start));
        }
        at = at.max(span.end());
    }
    if at < end {
        parts.push(part(at, end));
    }
    parts
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
        Ok(Self::Plan { name, plan: Box::new(plan), runs, scope: Scope::default() })
    }

    /// The plan of a landed kernel, by the decisions in its memory.
    pub(super) fn decided(decided: Decided) -> Self {
        let Decided { root, plan, runs, left } = decided;
        let scope = Scope { root: Some(root), left };
        Self::Plan { name: "the plan of this landing".to_owned(), plan: Box::new(plan), runs, scope }
    }

    /// Returns a note about mappings that are not compared.
    pub(super) fn note(&self, audit: &Audit) -> Option<String> {
        let Self::Plan { scope, .. } = self else { return None };
        let runs = audit.mappings(scope.root_of(audit));
        let size = |runs: &[Run]| runs.iter().map(|run| u128::from(run.size)).sum::<u128>();
        let left = size(&runs) - size(&scope.judged(&runs));
        let text = "bytes of mappings are not compared: they lie where the plan leaves room to the kernel";
        (left != 0).then(|| format!("{left} {text}"))
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
            Self::Plan { runs, scope, .. } => {
                let root = scope.root_of(audit);
                let Some(found) = audit.roots.get(root) else { return Vec::new() };
                let mode = scope.root.map(|landed| landed.mode).filter(|mode| *mode != found.root.mode);
                let differences = compare(runs, &scope.judged(&audit.mappings(root)));
                vec![Compared { root, mode, differences }]
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
    fn a_plan_is_about_the_root_of_the_landing_without_the_kernel_s_own_addresses() {
        let audit = audited(&mut memory([[0, 0], [LEAF, WAY]]), &[0, 1]);
        let runs = audit.roots[1].runs.clone();
        let [first, second, third] = [0, 1, 2].map(|index| runs[index].span());
        let part = |span: Span<Virt>, start, size| Span::new(span.start.wrapping_add(start), size);
        let landed = audit.roots[1].root;
        let other = Root { mode: Mode::Sv48, ..landed };
        let plan = Plan::parse(r#"{ "kernel": {}, "linear_map": {} }"#).expect("a plan");
        let compared = |expected: &[usize], root, left: &[Span<Virt>]| {
            let runs = expected.iter().map(|index| runs[*index]).collect();
            let scope = Scope { root: Some(root), left: left.to_vec() };
            let against = Against::Plan { name: String::new(), plan: Box::new(plan.clone()), runs, scope };
            let compared = against.compare(&audit);
            assert_eq!((compared.len(), compared[0].root), (1, 1));
            (compared[0].count(), against.note(&audit).map(|note| note.split(' ').next().map(str::to_owned)))
        };
        assert_eq!(compared(&[0, 1, 2], landed, &[]), (0, None));
        assert_eq!(compared(&[0, 1, 2], other, &[]), (1, None));
        assert_eq!(compared(&[0], landed, &[]).0, 2);
        assert_eq!(compared(&[0], landed, &[second, third]), (0, Some(Some("4194304".to_owned()))));
        // A mapping that reaches beyond such addresses is one difference on each side.
        let within = part(first, 0x1000, 0x1000);
        assert_eq!(compared(&[1, 2], landed, &[within]), (2, Some(Some("4096".to_owned()))));
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
