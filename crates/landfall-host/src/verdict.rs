//! The verdict of a boot, from its console. QEMU's exit status says nothing: it is 0 whatever
//! happened.

use landfall_image::console::{EXIT, PANIC, REFUSED, REPORT};

use crate::report::{Report, ReportError};

/// A kernel's statement about its landing and its end.
#[derive(Debug)]
pub enum Verdict {
    /// It landed.
    Landed(Report),
    /// It landed, but its report is invalid.
    Unreadable(ReportError),
    /// It refused to land.
    Refused {
        /// The rule's number in the boot contract.
        rule: String,
        /// The fact, its cause and help.
        message: String,
    },
    /// It panicked.
    Panicked {
        /// The message.
        message: String,
    },
    /// It ended by itself.
    Exited {
        /// The code as it is on the console: "0" for success.
        code: String,
    },
}

/// The code of success.
const SUCCESS: &str = "0";

impl Verdict {
    /// Returns the verdict in `line`, if it contains one.
    #[must_use]
    pub fn of(line: &str) -> Option<Self> {
        if let Some(report) = line.strip_prefix(REPORT) {
            Some(Report::parse(report).map_or_else(Self::Unreadable, Self::Landed))
        } else if let Some(refusal) = line.strip_prefix(REFUSED) {
            let (rule, message) = refusal.split_once(':').unwrap_or((refusal, ""));
            Some(Self::Refused { rule: rule.trim().to_owned(), message: message.trim().to_owned() })
        } else if let Some(code) = line.strip_prefix(EXIT) {
            Some(Self::Exited { code: code.trim().to_owned() })
        } else {
            let message = line.strip_prefix(PANIC)?.trim().to_owned();
            Some(Self::Panicked { message })
        }
    }

    /// Returns the verdict of all `lines`.
    pub fn over(lines: impl IntoIterator<Item = impl AsRef<str>>) -> Option<Self> {
        lines.into_iter().filter_map(|line| Self::of(line.as_ref())).fold(None, Self::after)
    }

    /// The verdict of a console that says `self` after `before`.
    ///
    /// A panic outweighs all but a refusal, whenever it comes. A kernel that has landed and ends
    /// with success has landed.
    #[must_use]
    pub fn after(before: Option<Self>, now: Self) -> Option<Self> {
        Some(match (before, now) {
            (Some(first @ (Self::Refused { .. } | Self::Panicked { .. })), _) => first,
            (_, panic @ Self::Panicked { .. }) => panic,
            (Some(first @ Self::Exited { .. }), _) if !first.is_success() => first,
            (Some(first @ (Self::Landed(_) | Self::Unreadable(_))), now) if now.is_success() => first,
            (_, now) => now,
        })
    }

    /// Returns true if the kernel has ended: only power-off or a panic can follow.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Panicked { .. } | Self::Exited { .. })
    }

    /// Returns true if the kernel has landed, or reports success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        match self {
            Self::Landed(_) => true,
            Self::Exited { code } => code == SUCCESS,
            Self::Unreadable(_) | Self::Refused { .. } | Self::Panicked { .. } => false,
        }
    }
}

/// Returns true if `line`, which may continue, is a verdict against the kernel.
#[must_use]
pub fn is_against(line: &str) -> bool {
    line.starts_with(PANIC) || line.starts_with(REFUSED)
}

/// Returns true if `line` is for programs only, and repeats the lines around it.
#[must_use]
pub fn is_for_programs(line: &str) -> bool {
    line.starts_with(REPORT) || line.starts_with(EXIT)
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

    /// Returns the verdict of lines, in one word.
    fn over(lines: &[&str]) -> String {
        match Verdict::over(lines) {
            None => "none".to_owned(),
            Some(Verdict::Exited { code }) => format!("exit {code}"),
            Some(verdict) => {
                format!("{verdict:?}").split([' ', '(', '{']).next().unwrap_or_default().to_owned()
            }
        }
    }

    #[test]
    fn a_panic_is_a_failure_whenever_it_comes() {
        let (report, panic) = (format!("{REPORT}{}", crate::report::tests::GOOD), "landfall: panic x");
        for before in [report.as_str(), "landfall: exit 0", "landfall: exit 3", "landfall: report {"] {
            assert_eq!(over(&[before, panic]), "Panicked", "{before}");
            assert_eq!(over(&[panic, before]), "Panicked", "{before}");
        }
        assert_eq!(over(&["landfall: refused R1: x", panic]), "Refused");
    }

    #[test]
    fn an_exit_counts_by_its_code() {
        let report = format!("{REPORT}{}", crate::report::tests::GOOD);
        assert_eq!(over(&[&report, "landfall: exit 0"]), "Landed");
        assert_eq!(over(&[&report, "landfall: exit 3"]), "exit 3");
        assert_eq!(over(&["landfall: exit 3", "landfall: exit 0", &report]), "exit 3");
        assert_eq!(over(&["landfall: exit 0"]), "exit 0");
        for (code, success) in [("0", true), ("", false), ("00", false), ("-1", false), ("0 x", false)] {
            let verdict = Verdict::of(&format!("landfall: exit {code}")).expect("a verdict");
            assert_eq!(verdict.is_success(), success, "{code}");
            assert!(verdict.is_final());
        }
    }

    #[test]
    fn only_whole_lines_count() {
        assert!(Verdict::of("I said landfall: refused R7: no").is_none());
        assert!(Verdict::of("landfall: hello").is_none());
        assert!(matches!(Verdict::of("landfall: panic at x"), Some(Verdict::Panicked { .. })));
        assert!(matches!(Verdict::of("landfall: report {"), Some(Verdict::Unreadable(_))));
    }
}
