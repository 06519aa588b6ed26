//! What QEMU writes: a console's lines, and its own errors.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};

/// Lines longer than this are cut: a kernel that writes without end must not fill the host's memory.
const LONGEST_LINE: u64 = 1 << 20;

/// How much of a console is kept. The oldest lines go first.
const TRANSCRIPT: usize = 16 << 20;

/// What QEMU says of the network card that is soldered onto `sifive_u`, at every start. It cannot be left out, and whatever it were
/// connected to would take the place of a user's own `-nic`.
const SOLDERED: &str = ": warning: nic cadence_gem.0 has no peer";

/// The last lines of a console, up to [`TRANSCRIPT`] bytes.
#[derive(Debug, Default)]
pub(super) struct Transcript {
    pub(super) lines: VecDeque<String>,
    bytes: usize,
}

impl Transcript {
    pub(super) fn push(&mut self, line: String) {
        self.bytes += line.len() + 1;
        self.lines.push_back(line);
        while self.bytes > TRANSCRIPT {
            let Some(oldest) = self.lines.pop_front() else { break };
            self.bytes -= oldest.len() + 1;
        }
    }
}

/// The next line, without its end; a last line without an end too.
pub(super) fn read_line(console: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    let read = console.take(LONGEST_LINE).read_until(b'\n', &mut line).ok()?;
    if read == 0 {
        return None;
    }
    let text = String::from_utf8_lossy(&line);
    Some(text.trim_end_matches(['\n', '\r']).to_owned())
}

/// What QEMU writes to stderr, cut where it gets long; the rest is read and forgotten, so that QEMU never waits for us. [`SOLDERED`] is
/// left out.
pub(super) fn read_errors(mut stderr: impl Read) -> String {
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
        let mut console = &b"a\r\n\xff\n\nlast"[..];
        let lines: Vec<_> = std::iter::from_fn(|| read_line(&mut console)).collect();
        assert_eq!(lines, ["a", "\u{fffd}", "", "last"]);
    }

    #[test]
    fn a_card_that_nobody_asked_for_is_no_news() {
        let errors = "q: warning: nic cadence_gem.0 has no peer\nq: warning: netdev a has no peer\nlast";
        assert_eq!(read_errors(errors.as_bytes()), "q: warning: netdev a has no peer\nlast");
    }
}
