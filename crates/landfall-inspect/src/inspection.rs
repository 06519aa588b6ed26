//! The findings of one file.

use crate::finding::{Code, Finding};
use crate::subject::{Kept, Subject};
use crate::units::Address;

/// More findings of one code are counted and not kept: a damaged table may give millions.
pub const KEPT: usize = 100;

/// The title of what was left out because a file has no symbols.
pub const WITHOUT_SYMBOLS: &str = "symbols, and what is found by them";

/// Something that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unchecked {
    /// The check.
    pub what: &'static str,
    /// Why it does not apply, or could not be decided.
    pub because: String,
}

/// The findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    findings: Vec<Finding>,
    counts: [usize; Code::ALL.len()],
    unchecked: Vec<Unchecked>,
}

impl Default for Inspection {
    fn default() -> Self {
        Self { findings: Vec::new(), counts: [0; Code::ALL.len()], unchecked: Vec::new() }
    }
}

impl Inspection {
    /// The findings, at most [`KEPT`] of a code.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Returns the number of findings of `code`, kept or not.
    #[must_use]
    pub const fn count(&self, code: Code) -> usize {
        self.counts[code as usize]
    }

    /// Returns the skipped checks.
    #[must_use]
    pub fn unchecked(&self) -> &[Unchecked] {
        &self.unchecked
    }

    /// Adds a finding.
    pub(crate) fn add(&mut self, finding: Finding) {
        let count = &mut self.counts[finding.code as usize];
        *count += 1;
        if *count <= KEPT {
            self.findings.push(finding);
        }
    }

    /// Adds a finding of which there may be millions: it is put into words only if it is kept.
    pub(crate) fn add_at(&mut self, code: Code, at: Address, found: impl FnOnce() -> String) {
        self.add_with(code, || Finding::new(code, at, found()));
    }

    /// The same, for findings that take more than words.
    pub(crate) fn add_with(&mut self, code: Code, finding: impl FnOnce() -> Finding) {
        if self.counts[code as usize] < KEPT {
            self.add(finding());
        } else {
            self.counts[code as usize] += 1;
        }
    }

    /// Sorts the findings by their codes.
    pub(crate) fn sort(&mut self) {
        self.findings.sort_by_key(|finding| finding.code as usize);
    }

    /// Says once that the file has no symbols, whatever that leaves out.
    pub(crate) fn skip_symbols(&mut self, subject: &Subject<'_>) {
        if subject.symbols().kept() != Kept::None {
            return;
        }
        let own = if subject.kind().is_landfall() {
            "patched constants, the record against the linker's numbers, "
        } else {
            ""
        };
        let because = format!(
            "the file has none: {own}early code, uses of gp, bytes in code that are no instruction; check the ELF before it is stripped"
        );
        self.skip(WITHOUT_SYMBOLS, because);
    }

    /// Says that something was left out.
    pub(crate) fn skip(&mut self, what: &'static str, because: impl Into<String>) {
        self.unchecked.push(Unchecked { what, because: because.into() });
    }
}
