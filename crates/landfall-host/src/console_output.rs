//! The console as a user sees it: lines, or all bytes at once, and the names of the addresses in
//! them.

use landfall_image::console::{EXIT, REPORT};

use crate::output;
use crate::qemu::Audience;
use crate::request::RunFormat;
use crate::symbolize::Names;
use crate::terminal::Keyboard;
use crate::verdict;

/// A console, as a user sees it.
#[derive(Debug)]
pub(crate) struct ConsoleOutput<'a> {
    kind: Kind,
    names: Names<'a>,
    /// The names of the kernel that starts after the first report.
    next: Option<Names<'a>>,
    landings: usize,
}

#[derive(Debug)]
enum Kind {
    /// Whole lines, escaped, without those for programs.
    Lines(RunFormat),
    /// All bytes at once, since a user sits there.
    Terminal { keyboard: Keyboard, veil: Veil },
}

impl<'a> ConsoleOutput<'a> {
    /// Shows lines.
    pub(crate) const fn lines(format: RunFormat, names: Names<'a>) -> Self {
        Self { kind: Kind::Lines(format), names, next: None, landings: 0 }
    }

    /// The same for a kernel that the first one starts. Its names are used from its report on.
    pub(crate) fn with_next(mut self, next: Option<Names<'a>>) -> Self {
        self.next = next;
        self
    }

    /// From now on the user at `keyboard` sees all bytes.
    pub(crate) fn attend(&mut self, keyboard: Keyboard) {
        self.kind = Kind::Terminal { keyboard, veil: Veil::default() };
    }
}

impl Audience for ConsoleOutput<'_> {
    fn bytes(&mut self, bytes: &[u8]) {
        if let Kind::Terminal { veil, .. } = &mut self.kind {
            output::raw(&veil.pass(bytes));
        }
    }

    fn line(&mut self, line: &str) {
        if line.starts_with(REPORT) {
            self.landings += 1;
            if self.landings == 2 {
                self.names = self.next.take().unwrap_or_else(|| Names::of(b""));
            }
        }
        // An invalid report is the verdict of the boot, which reports it.
        let _ = self.names.learn(line);
        if verdict::is_for_programs(line) {
            return;
        }
        match self.kind {
            Kind::Lines(RunFormat::Text) => output::result(line),
            Kind::Lines(RunFormat::Json) => output::note(line),
            Kind::Terminal { .. } => {}
        }
        self.names.in_line(line).iter().for_each(output::note);
    }

    fn pause(&mut self) {
        if let Kind::Terminal { veil, .. } = &mut self.kind {
            output::raw(&veil.rest());
        }
    }

    fn has_enough(&self) -> bool {
        matches!(&self.kind, Kind::Terminal { keyboard, .. } if keyboard.interrupted())
    }
}

impl Drop for ConsoleOutput<'_> {
    /// A prompt may stand where our next line begins.
    fn drop(&mut self) {
        if let Kind::Terminal { veil, .. } = &self.kind
            && !veil.line.is_empty()
        {
            output::raw(b"\n");
        }
    }
}

/// Hides lines for programs from a stream of bytes. A possible beginning of such a line waits.
#[derive(Debug, Default)]
struct Veil {
    /// The line so far, up to the length of the longest beginning.
    line: Vec<u8>,
    /// The number of bytes that have been passed on.
    passed: usize,
}

impl Veil {
    fn pass(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut shown = Vec::new();
        for &byte in bytes {
            if self.is_hidden() {
                if byte == b'\n' {
                    *self = Self::default();
                }
                continue;
            }
            if byte == b'\n' {
                shown.extend(self.rest());
                shown.push(byte);
                *self = Self::default();
            } else if self.line.len() < REPORT.len() {
                self.line.push(byte);
                if !self.may_be_hidden() {
                    shown.extend(self.rest());
                }
            } else {
                shown.push(byte);
            }
        }
        shown
    }

    /// Returns the bytes that wait.
    fn rest(&mut self) -> Vec<u8> {
        if self.is_hidden() {
            return Vec::new();
        }
        let rest = self.line.get(self.passed..).unwrap_or_default().to_vec();
        self.passed = self.line.len();
        rest
    }

    fn is_hidden(&self) -> bool {
        self.passed == 0 && [REPORT, EXIT].iter().any(|begin| self.line.starts_with(begin.as_bytes()))
    }

    fn may_be_hidden(&self) -> bool {
        self.passed == 0 && [REPORT, EXIT].iter().any(|begin| begin.as_bytes().starts_with(&self.line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_for_programs_are_hidden_however_they_are_cut() {
        let text =
            b"land\n> \nlandfall: report {}\nlandfall: refused\n landfall: report\nlandfall: exit 0\nx";
        for size in 1..=text.len() {
            let mut veil = Veil::default();
            let mut shown: Vec<u8> = text.chunks(size).flat_map(|bytes| veil.pass(bytes)).collect();
            shown.extend(veil.rest());
            assert_eq!(shown, b"land\n> \nlandfall: refused\n landfall: report\nx", "{size}");
        }
    }

    #[test]
    fn an_unfinished_line_is_seen_when_nothing_follows() {
        let mut veil = Veil::default();
        assert_eq!(veil.pass(b"land"), b"");
        assert_eq!(veil.rest(), b"land");
        assert_eq!(veil.pass(b"ed\n"), b"ed\n");
        assert_eq!(veil.pass(b"$ "), b"$ ");
    }
}
