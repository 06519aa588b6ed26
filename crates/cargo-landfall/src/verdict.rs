//! What the console says about the landing. QEMU's exit status says nothing: it is 0 whatever happened.

use landfall_image::console::{PANIC, REFUSED, REPORT};

use crate::report::{Report, ReportError};

/// What a kernel says about its landing.
#[derive(Debug)]
pub enum Verdict {
    /// It landed.
    Landed(Report),
    /// It landed, and its report is none.
    Unreadable(ReportError),
    /// It refused to land.
    Refused {
        /// The rule's number in the boot contract.
        rule: String,
        /// What was found, and what would be right.
        message: String,
    },
    /// It panicked.
    Panicked {
        /// What it said.
        message: String,
    },
}

impl Verdict {
    /// The verdict that `line` tells, if it does.
    #[must_use]
    pub fn of(line: &str) -> Option<Self> {
        if let Some(report) = line.strip_prefix(REPORT) {
            Some(Report::parse(report).map_or_else(Self::Unreadable, Self::Landed))
        } else if let Some(refusal) = line.strip_prefix(REFUSED) {
            let (rule, message) = refusal.split_once(':').unwrap_or((refusal, ""));
            Some(Self::Refused { rule: rule.trim().to_owned(), message: message.trim().to_owned() })
        } else {
            let message = line.strip_prefix(PANIC)?.trim().to_owned();
            Some(Self::Panicked { message })
        }
    }
}

/// Whether `line` is written for programs alone, and says nothing that the lines around it do not.
#[must_use]
pub fn is_for_programs(line: &str) -> bool {
    line.starts_with(REPORT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_a_rule_and_a_message() {
        let Some(Verdict::Refused { rule, message }) =
            Verdict::of("landfall: refused R7: found a: b; right c")
        else {
            panic!("that line is a refusal")
        };
        assert_eq!((rule.as_str(), message.as_str()), ("R7", "found a: b; right c"));
        assert!(matches!(Verdict::of("landfall: refused R7"), Some(Verdict::Refused { .. })));
    }

    #[test]
    fn only_whole_lines_count() {
        assert!(Verdict::of("I said landfall: refused R7: no").is_none());
        assert!(Verdict::of("landfall: hello").is_none());
        assert!(matches!(Verdict::of("landfall: panic at x"), Some(Verdict::Panicked { .. })));
        assert!(matches!(Verdict::of("landfall: report {"), Some(Verdict::Unreadable(_))));
    }
}
