//! A line on the terminal that shows the progress of long work.

use std::io::{IsTerminal, Stderr, Write, stderr};

/// A line that is written over by the next one, and removed at the end.
#[derive(Debug)]
pub(crate) struct Line<W: Write>(Option<W>);

impl Line<Stderr> {
    /// A line on stderr, if that is a terminal.
    pub(crate) fn on_terminal() -> Self {
        Self(Some(stderr()).filter(IsTerminal::is_terminal))
    }
}

impl<W: Write> Line<W> {
    /// Shows a text in the place of the last one.
    pub(crate) fn show(&mut self, text: &str) {
        self.write(&format!("\r\x1b[K{text} ..."));
    }

    /// Removes the text.
    pub(crate) fn clear(&mut self) {
        self.write("\r\x1b[K");
    }

    fn write(&mut self, text: &str) {
        if let Some(out) = &mut self.0 {
            let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        }
    }
}

#[cfg(test)]
impl<W: Write> Line<W> {
    /// A line in the place of the terminal's.
    pub(crate) const fn to(out: W) -> Self {
        Self(Some(out))
    }
}
