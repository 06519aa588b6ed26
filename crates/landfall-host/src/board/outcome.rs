//! The outcome of a boot on a board, by its console.

use std::fmt;

use landfall_inspect::Escaped;

use super::heard::Heard;
use crate::verdict::Verdict;

/// The outcome of a boot on a board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The kernel landed.
    Landed,
    /// The kernel refused to land.
    Refused {
        /// The rule's number in the boot contract.
        rule: String,
        /// The fact, its cause and help.
        message: String,
    },
    /// The kernel panicked.
    Panicked {
        /// The message.
        message: String,
    },
    /// The kernel ended with a code of failure.
    Exited {
        /// The code, as it is on the console.
        code: String,
    },
    /// The report is on the console, and not whole.
    Damaged {
        /// The fault.
        fault: String,
    },
    /// The kernel ended with success, and its report is missing.
    NoReport,
    /// The console has lines without a verdict.
    NoVerdict,
    /// Most of the console is no text.
    Garbled,
    /// The console has no byte.
    Silent,
}

impl Outcome {
    /// Returns the outcome that this console shows.
    #[must_use]
    pub fn of(heard: &Heard) -> Self {
        match &heard.verdict {
            Some(Verdict::Landed(_)) => Self::Landed,
            Some(Verdict::Refused { rule, message }) => {
                Self::Refused { rule: rule.clone(), message: message.clone() }
            }
            Some(Verdict::Panicked { message }) => Self::Panicked { message: message.clone() },
            Some(Verdict::Unreadable(error)) => Self::Damaged { fault: first_line(&error.to_string()) },
            Some(verdict @ Verdict::Exited { .. }) if verdict.is_success() => Self::NoReport,
            Some(Verdict::Exited { code }) => Self::Exited { code: code.clone() },
            None => Self::without_verdict(heard),
        }
    }

    fn without_verdict(heard: &Heard) -> Self {
        let cut = heard.unfinished.as_deref().filter(|line| line.contains(landfall_image::console::PREFIX));
        match cut {
            Some(_) => Self::Damaged { fault: "the line breaks off".to_owned() },
            None if heard.is_garbled() => Self::Garbled,
            None if heard.lines.is_empty() => Self::Silent,
            None => Self::NoVerdict,
        }
    }

    /// Returns a word that stays.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Landed => "landed",
            Self::Refused { .. } => "refused",
            Self::Panicked { .. } => "panicked",
            Self::Exited { .. } => "exited",
            Self::Damaged { .. } => "damaged-report",
            Self::NoReport => "no-report",
            Self::NoVerdict => "no-verdict",
            Self::Garbled => "garbled",
            Self::Silent => "silent",
        }
    }
}

/// An error of a report quotes its line, which the console has shown.
fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Landed => f.write_str("landed"),
            Self::Refused { rule, message } => {
                write!(f, "refused, rule {}: {}", Escaped::new(rule), Escaped::new(message))
            }
            Self::Panicked { message } => write!(f, "panicked: {}", Escaped::new(message)),
            Self::Exited { code } => write!(f, "ended with exit code {}", Escaped::new(code)),
            Self::Damaged { fault } => write!(
                f,
                "the report is not whole: {}; noise or a lost part of the line; boot again",
                Escaped::new(fault)
            ),
            Self::NoReport => f.write_str("ended with success, but the console has no report; boot again"),
            Self::NoVerdict => f.write_str(
                "no verdict: no line begins with \"landfall: report\", \"landfall: refused\", \"landfall: panic\" or \"landfall: exit\"; \
                 the firmware did not start the kernel, or the kernel has no console",
            ),
            Self::Garbled => f.write_str("no text: most bytes are no characters; set the bit rate with --baud"),
            Self::Silent => f.write_str(
                "silence: not one byte came; check the cable, the device and the power, and that ground, RX and TX are connected",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use landfall_image::console::REPORT;

    use super::super::heard::tests::log;
    use super::*;
    use crate::report::tests::GOOD;

    #[test]
    fn what_happened_is_told_apart() {
        let report = format!("{REPORT}{GOOD}");
        let cut = &report[..report.len() - 5];
        for (text, name) in [
            (format!("{report}\n"), "landed"),
            (format!("{report}\nlandfall: exit 0\n"), "landed"),
            (format!("{report}\nlandfall: exit 3\n"), "exited"),
            (format!("{report}\nlandfall: panic x\n"), "panicked"),
            ("landfall: refused R11: a\n".to_owned(), "refused"),
            (format!("{cut}\nlandfall: exit 0\n"), "damaged-report"),
            (cut.to_owned(), "damaged-report"),
            ("landfall: exit 0\n".to_owned(), "no-report"),
            ("OpenSBI v1.6\nStarting kernel ...\n".to_owned(), "no-verdict"),
            ("=> ".to_owned(), "no-verdict"),
            (String::new(), "silent"),
        ] {
            assert_eq!(Outcome::of(&log(text.as_bytes())).name(), name, "{text}");
        }
        assert_eq!(Outcome::of(&log(&[0xf8, 0x80, 0x0a].repeat(100))), Outcome::Garbled);
    }

    #[test]
    fn a_hostile_message_is_one_line() {
        let outcome = Outcome::of(&log(b"landfall: panic a\rb\x1b\x07c\x9b\n"));
        assert!(!outcome.to_string().contains(char::is_control), "{outcome}");
    }
}
