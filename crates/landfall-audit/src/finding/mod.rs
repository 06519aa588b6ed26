//! Findings: everything that is wrong with mappings.

mod code;

use serde::{Serialize, Serializer};

use crate::address::{Phys, Span, Virt};
use crate::walk::EntryPlace;

pub use code::{Code, Explanation, NoCode};

/// More findings of one code are counted and not kept: damaged tables may give millions.
pub const KEPT: usize = 100;

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The kind; it stays the same from version to version.
    pub code: Code,
    /// The number of the root.
    pub root: usize,
    /// The virtual addresses.
    #[serde(flatten, serialize_with = "virtual_span")]
    pub span: Span<Virt>,
    /// The first physical address, if a mapping is at fault.
    #[serde(rename = "physical")]
    pub phys: Option<Phys>,
    /// The entry, if one is at fault.
    pub entry: Option<EntryPlace>,
    /// The value found there, and the reason why it is wrong.
    pub found: String,
}

fn virtual_span<S: Serializer>(span: &Span<Virt>, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Keys {
        #[serde(rename = "virtual")]
        start: Virt,
        size: u64,
    }
    Keys { start: span.start, size: span.size }.serialize(serializer)
}

/// The findings of an audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    kept: Vec<Finding>,
    counts: [u64; Code::ALL.len()],
}

impl Default for Findings {
    fn default() -> Self {
        Self { kept: Vec::new(), counts: [0; Code::ALL.len()] }
    }
}

impl Findings {
    /// Returns the findings in the order of their codes, at most [`KEPT`] of each.
    #[must_use]
    pub fn kept(&self) -> &[Finding] {
        &self.kept
    }

    /// Returns the number of findings of `code`, kept or not.
    #[must_use]
    pub const fn count(&self, code: Code) -> u64 {
        self.counts[code as usize]
    }

    /// Returns the number of all findings, kept or not.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Returns the codes that were found, in their order.
    pub fn codes(&self) -> impl Iterator<Item = Code> {
        Code::ALL.into_iter().filter(|code| self.count(*code) != 0)
    }

    /// Adds a finding, which is made only if it is kept.
    pub(crate) fn add(&mut self, code: Code, finding: impl FnOnce() -> Finding) {
        let count = &mut self.counts[code as usize];
        *count += 1;
        if *count <= KEPT as u64 {
            self.kept.push(finding());
        }
    }

    pub(crate) fn sort(&mut self) {
        self.kept.sort_by_key(|finding| finding.code);
    }
}
