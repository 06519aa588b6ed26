//! QEMU's output: a console's bytes and lines, and its own errors.

use std::collections::VecDeque;
use std::io::{self, Read};

/// Lines longer than this are cut: a kernel that writes without end must not fill the host's
/// memory.
const LONGEST_LINE: usize = 1 << 20;

/// The number of console bytes that are kept. The oldest lines are dropped first.
const TRANSCRIPT: usize = 16 << 20;

/// QEMU's warning about the network card that is soldered onto `sifive_u`, at every start. The card
/// cannot be removed. A connection for it would replace a user's own `-nic`.
const SOLDERED: &str = ": warning: nic cadence_gem.0 has no peer";

/// The last lines of a console, up to [`TRANSCRIPT`] bytes.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    pub(crate) lines: VecDeque<String>,
    bytes: usize,
}

impl Transcript {
    pub(crate) fn push(&mut self, line: String) {
        self.bytes += line.len() + 1;
        self.lines.push_back(line);
        while self.bytes > TRANSCRIPT {
            let Some(oldest) = self.lines.pop_front() else { break };
            self.bytes -= oldest.len() + 1;
        }
    }
}

/// A console's bytes as they come, cut into pieces that end with a line at the latest.
#[derive(Debug, Default)]
pub(crate) struct Splitter {
    /// Bytes that were not looked at yet.
    waiting: VecDeque<u8>,
    /// The line so far.
    line: Vec<u8>,
}

/// A piece of a console.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// The bytes, the end of the line among them.
    pub(crate) bytes: Vec<u8>,
    /// The whole line without its end, if the piece ends one.
    pub(crate) line: Option<String>,
}

impl Splitter {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.waiting.extend(bytes);
    }

    /// Returns the next piece of what was pushed.
    pub(crate) fn next(&mut self) -> Option<Piece> {
        let room = LONGEST_LINE - self.line.len();
        let end = self.waiting.iter().take(room).position(|byte| *byte == b'\n').map(|at| at + 1);
        let size = end.unwrap_or(self.waiting.len().min(room));
        let bytes: Vec<u8> = self.waiting.drain(..size).collect();
        self.line.extend(&bytes);
        let ends = end.is_some() || self.line.len() == LONGEST_LINE;
        let line = if ends { self.rest() } else { None };
        (!bytes.is_empty()).then_some(Piece { bytes, line })
    }

    /// Returns the line so far, which has no end yet.
    pub(crate) fn unfinished(&self) -> &[u8] {
        &self.line
    }

    /// Takes the line so far, where there is something of one.
    pub(crate) fn rest(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line);
        (!line.is_empty()).then(|| text.trim_end_matches(['\n', '\r']).to_owned())
    }
}

/// Reads QEMU's stderr and truncates long output. The rest is read and dropped, so that QEMU never
/// blocks. [`SOLDERED`] is removed.
pub(crate) fn read_errors(mut stderr: impl Read) -> String {
    let mut bytes = Vec::new();
    let _ = stderr.by_ref().take(64 << 10).read_to_end(&mut bytes);
    let _ = io::copy(&mut stderr, &mut io::sink());
    let text = String::from_utf8_lossy(&bytes);
    text.split_inclusive('\n').filter(|line| !line.trim_end().ends_with(SOLDERED)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_in_any_way_and_have_any_bytes() {
        let mut splitter = Splitter::default();
        // The same, however it is cut.
        for size in 1..12 {
            b"a\r\n\xff\n\nlast".chunks(size).for_each(|bytes| splitter.push(bytes));
            let pieces: Vec<_> = std::iter::from_fn(|| splitter.next()).collect();
            let lines: Vec<_> = pieces.iter().filter_map(|piece| piece.line.as_deref()).collect();
            assert_eq!(lines, ["a", "\u{fffd}", ""]);
            let bytes: Vec<_> = pieces.iter().flat_map(|piece| piece.bytes.clone()).collect();
            assert_eq!(bytes, b"a\r\n\xff\n\nlast");
            assert_eq!(splitter.unfinished(), b"last");
            assert_eq!((splitter.rest().as_deref(), splitter.rest()), (Some("last"), None));
        }
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let mut splitter = Splitter::default();
        splitter.push(&vec![b'x'; 2 * LONGEST_LINE + 1]);
        let pieces = std::iter::from_fn(|| splitter.next());
        let lengths: Vec<_> = pieces.map(|piece| piece.line.map(|line| line.len())).collect();
        assert_eq!(lengths, [Some(LONGEST_LINE), Some(LONGEST_LINE), None]);
    }

    #[test]
    fn a_card_that_nobody_asked_for_is_no_news() {
        let errors = "q: warning: nic cadence_gem.0 has no peer\nq: warning: netdev a has no peer\nlast";
        assert_eq!(read_errors(errors.as_bytes()), "q: warning: netdev a has no peer\nlast");
    }
}
