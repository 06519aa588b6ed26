//! The statements on a board's console, boot by boot. A log may hold several boots, and the last
//! verdict counts.

use crate::qemu::console::Splitter;
use crate::qemu::watch::Seen;
use crate::qemu::{Audience, Ending, Watch};
use crate::report::Report;
use crate::verdict::Verdict;

use super::line::texts;

/// The beginnings of the lines in which firmware states its version.
const BANNERS: [&str; 6] = [
    "OpenSBI v",
    "U-Boot SPL ",
    "U-Boot 20",
    "UEFI firmware (version ",
    "[rustsbi] RustSBI version ",
    "PolarFire(R) SoC Hart Software Services (HSS) - version ",
];

/// The most banners, and their longest text.
const FEW: usize = 8;
const SHORT: usize = 120;

/// A console that was read.
#[derive(Debug)]
pub struct Heard {
    pub(super) verdict: Option<Verdict>,
    /// The lines of the boot that is judged.
    pub(super) lines: Vec<String>,
    /// A line that has no end.
    pub(super) unfinished: Option<String>,
    /// The boots that stated a verdict.
    pub(super) boots: usize,
    /// The number of characters, and of those that are no text.
    pub(super) letters: usize,
    pub(super) noise: usize,
}

impl Heard {
    /// Returns the landing report of the boot, also if the kernel failed after it.
    pub(super) fn report(&self) -> Option<Report> {
        self.lines.iter().rev().find_map(|line| match Verdict::of(line) {
            Some(Verdict::Landed(report)) => Some(report),
            _ => None,
        })
    }

    /// Returns the lines in which firmware states its version.
    pub(super) fn firmware(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for banner in self.lines.iter().filter_map(|line| banner(line)) {
            let short: String = banner.chars().take(SHORT).collect();
            if found.len() < FEW && !found.contains(&short) {
                found.push(short);
            }
        }
        found
    }

    /// Returns true if most of the console is no text, as with a wrong bit rate.
    pub(super) const fn is_garbled(&self) -> bool {
        self.letters >= 40 && self.noise * 2 > self.letters
    }
}

/// Returns the statement of a version in `line`, without noise before it.
fn banner(line: &str) -> Option<&str> {
    let text = line.trim_start_matches(|letter: char| !letter.is_ascii_graphic()).trim_end();
    BANNERS.iter().any(|banner| text.starts_with(banner)).then_some(text)
}

/// Takes the bytes of a console.
pub(super) struct Listener<'a> {
    splitter: Splitter,
    seen: Seen,
    audience: &'a mut dyn Audience,
    /// The last boot with a verdict, if another one has begun.
    judged: Option<(Verdict, Vec<String>)>,
    boots: usize,
    letters: usize,
    noise: usize,
}

impl<'a> Listener<'a> {
    pub(super) fn new(watch: Watch, audience: &'a mut dyn Audience) -> Self {
        let (splitter, seen) = (Splitter::default(), Seen::new(watch));
        Self { splitter, seen, audience, judged: None, boots: 0, letters: 0, noise: 0 }
    }

    /// Takes bytes as they come.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.splitter.push(bytes);
        while let Some(piece) = self.splitter.next() {
            if let Some(line) = piece.line {
                self.line(&line);
            }
        }
    }

    /// Returns the end of the watch, if it is over. Another boot ends it too.
    pub(super) fn over(&self) -> Option<Ending> {
        if self.judged.is_some() { Some(Ending::Verdict) } else { self.seen.over() }
    }

    fn line(&mut self, line: &str) {
        self.letters += line.chars().count();
        self.noise += line.chars().filter(|letter| is_noise(*letter)).count();
        for text in texts(line) {
            if banner(&text).is_some() && self.seen.verdict.is_some() {
                self.next_boot();
            }
            self.seen.line(text, self.audience);
        }
    }

    fn next_boot(&mut self) {
        let seen = std::mem::replace(&mut self.seen, Seen::new(Watch::to_end()));
        if let Some(verdict) = seen.verdict {
            self.boots += 1;
            self.judged = Some((verdict, seen.transcript.lines.into()));
        }
    }

    /// Ends the console.
    pub(super) fn finish(mut self, tail: Tail) -> Heard {
        let mut unfinished = self.splitter.rest();
        if let (Some(line), Tail::OfLog) = (&unfinished, tail)
            && !is_half_a_report(line)
        {
            let line = line.clone();
            self.line(&line);
            unfinished = None;
        }
        if let Some(line) = &unfinished {
            self.seen.cut_off(line.clone(), self.audience);
        }
        self.boots += usize::from(self.seen.verdict.is_some());
        let (verdict, lines) = match (self.seen.verdict, self.judged) {
            (None, Some((verdict, lines))) => (Some(verdict), lines),
            (verdict, _) => (verdict, self.seen.transcript.lines.into()),
        };
        let Self { boots, letters, noise, .. } = self;
        Heard { verdict, lines, unfinished, boots, letters, noise }
    }
}

/// The end of a console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tail {
    /// A log's end: its last line is what there is.
    OfLog,
    /// The end of the watch: a line without an end may be half.
    OfWatch,
}

/// Returns true if a line breaks off within a report.
fn is_half_a_report(line: &str) -> bool {
    texts(line).iter().any(|text| matches!(Verdict::of(text), Some(Verdict::Unreadable(_))))
}

/// Returns true for a character that no text console prints. Control sequences count as text.
fn is_noise(letter: char) -> bool {
    letter == '\u{fffd}' || (letter.is_control() && !matches!(letter, '\r' | '\t' | '\u{8}' | '\u{1b}'))
}

#[cfg(test)]
pub(crate) mod tests {
    use landfall_image::console::REPORT;

    use super::*;
    use crate::qemu::ByLine;
    use crate::report::tests::GOOD;

    /// Returns what a log states, read in pieces of this size.
    pub(crate) fn log_in_pieces(log: &[u8], size: usize) -> Heard {
        let mut audience = ByLine(|_: &str| {});
        let mut listener = Listener::new(Watch::to_end(), &mut audience);
        log.chunks(size).for_each(|bytes| listener.push(bytes));
        listener.finish(Tail::OfLog)
    }

    pub(crate) fn log(log: &[u8]) -> Heard {
        log_in_pieces(log, 4096)
    }

    /// Returns a word for the verdict.
    fn verdict(heard: &Heard) -> String {
        let text = format!("{:?}", heard.verdict);
        text.trim_start_matches("Some(").split([' ', '(', '{', ')']).next().unwrap_or_default().to_owned()
    }

    #[test]
    fn a_log_of_any_terminal_program_is_read() {
        let report = format!("{REPORT}{GOOD}");
        for end in ["\n", "\r\n", "\r\r\n", "\n\r"] {
            let lines =
                ["OpenSBI v1.6", "   ____", "U-Boot 2025.01 (Jan)", "landed", &report, "landfall: exit 0"];
            let text = lines.iter().fold(String::new(), |text, line| text + line + end);
            for size in [1, 7, 4096] {
                let heard = log_in_pieces(text.as_bytes(), size);
                assert_eq!(verdict(&heard), "Landed", "{end:?}");
                assert_eq!(heard.firmware(), ["OpenSBI v1.6", "U-Boot 2025.01 (Jan)"], "{end:?}");
            }
        }
    }

    #[test]
    fn noise_before_and_behind_lines_is_no_part_of_them() {
        let mut bytes = b"\xff\x00\x81OpenSBI v1.6\n\x1b[2J\xfe\xfeA".to_vec();
        bytes.extend(format!("{REPORT}{GOOD}").bytes());
        bytes.extend(b"\x00\xff\nlandfall: exit 0\x1b[0m\n\x80\x80");
        let heard = log(&bytes);
        assert_eq!(verdict(&heard), "Landed");
        assert!(heard.report().is_some());
        assert_eq!(heard.firmware(), ["OpenSBI v1.6"]);
    }

    #[test]
    fn the_last_boot_with_a_verdict_counts() {
        let report = format!("{REPORT}{GOOD}");
        let boots = format!(
            "OpenSBI v1.6\nlandfall: refused R7: a\nOpenSBI v1.6\n{report}\nlandfall: exit 0\nOpenSBI v1.6\nhalf a boot\n"
        );
        let heard = log(boots.as_bytes());
        assert_eq!((verdict(&heard).as_str(), heard.boots), ("Landed", 2));
        assert!(!heard.lines.iter().any(|line| line.contains("half")));
        let heard = log(format!("{report}\nOpenSBI v1.6\nlandfall: panic x\n").as_bytes());
        assert_eq!((verdict(&heard).as_str(), heard.report().is_some()), ("Panicked", false));
    }

    #[test]
    fn a_log_that_breaks_off_within_the_report_has_an_unfinished_line() {
        let report = format!("{REPORT}{GOOD}");
        let heard = log(&report.as_bytes()[..report.len() - 3]);
        assert!(heard.verdict.is_none() && heard.unfinished.is_some());
        assert_eq!(verdict(&log(report.as_bytes())), "Landed");
        assert_eq!(verdict(&log(b"landfall: refused R7: the tree")), "Refused");
    }

    #[test]
    fn a_wrong_bit_rate_looks_garbled() {
        assert!(log(&[0xf8, 0x80, 0x0a].repeat(100)).is_garbled());
        assert!(!log("OpenSBI v1.6\r\n\u{1b}[0m größe\n".repeat(10).as_bytes()).is_garbled());
        assert!(!log(b"").is_garbled());
    }
}
