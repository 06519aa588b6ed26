//! All checks of one file, and what they come to.

use crate::finding::{Code, Finding};
use crate::profile::Profile;
use crate::subject::{Kept, Subject};
use crate::units::Address;
use crate::{check, code};

/// More findings of one code are counted and not kept: a damaged table may give millions.
pub const KEPT: usize = 100;

/// What a user knows and the file does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Which kernel this is.
    pub profile: Profile,
    /// The function with which early code begins; the file's entry otherwise.
    pub early_from: Option<String>,
    /// The function with which early code ends.
    pub early_until: Option<String>,
}

/// The title of what was left out because a file has no symbols.
pub const WITHOUT_SYMBOLS: &str = "symbols, and what is found by them";

/// Something that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unchecked {
    /// What.
    pub what: &'static str,
    /// Why it does not apply, or could not be decided.
    pub because: String,
}

/// What was found.
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

    /// How many findings of `code` there are, kept or not.
    #[must_use]
    pub const fn count(&self, code: Code) -> usize {
        self.counts[code as usize]
    }

    /// What was not checked.
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

/// Checks what needs no look at instructions, which takes a fraction of the time.
#[must_use]
pub fn inspect_tables(subject: &Subject<'_>) -> Inspection {
    let mut inspection = Inspection::default();
    check::check(subject, &mut inspection);
    inspection
}

/// Checks everything that can be checked in `subject`.
#[must_use]
pub fn inspect(subject: &Subject<'_>, options: &Options) -> Inspection {
    let mut inspection = inspect_tables(subject);
    code::check(subject, options, &mut inspection);
    inspection.findings.sort_by_key(|finding| finding.code as usize);
    inspection
}
