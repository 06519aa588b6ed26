//! Memory of a file that is searched for roots: it shows the part that was read.

use std::io::Write;

use landfall_audit::memory::{Memory, Missing, Page};
use landfall_audit::{PAGE, Phys, Span};

use crate::progress::Line;

/// The bytes between two lines. A smaller file is read at once.
const STEP: u64 = 64 << 20;

/// Memory that is read from its first page to its last.
pub(super) struct Searched<'a, M, W: Write> {
    memory: &'a mut M,
    line: Line<W>,
    read: u64,
    size: u64,
}

impl<'a, M: Memory, W: Write> Searched<'a, M, W> {
    pub(super) fn new(memory: &'a mut M, line: Line<W>) -> Self {
        let size = memory.spans().iter().fold(0, |sum: u64, span| sum.saturating_add(span.size));
        Self { memory, line, read: 0, size }
    }
}

impl<M: Memory, W: Write> Memory for Searched<'_, M, W> {
    fn read(&mut self, at: Phys, page: &mut Page) -> Result<(), Missing> {
        self.read += PAGE;
        // Pages of candidates are read again, and are few.
        if self.read.is_multiple_of(STEP) && self.read <= self.size {
            let percent = u128::from(self.read) * 100 / u128::from(self.size);
            self.line.show(&format!("searching for roots: {percent} % of {} MiB", self.size >> 20));
        }
        self.memory.read(at, page)
    }

    fn spans(&self) -> Vec<Span<Phys>> {
        self.memory.spans()
    }
}

impl<M, W: Write> Drop for Searched<'_, M, W> {
    fn drop(&mut self) {
        if self.size >= STEP {
            self.line.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use landfall_audit::Format;
    use landfall_audit::search::search;

    use super::*;

    /// Memory without a page.
    struct Blank(u64);

    impl Memory for Blank {
        fn read(&mut self, _: Phys, page: &mut Page) -> Result<(), Missing> {
            page.fill(0);
            Ok(())
        }

        fn spans(&self) -> Vec<Span<Phys>> {
            vec![Span::new(Phys(0x8000_0000), self.0)]
        }
    }

    fn shown(size: u64) -> String {
        let mut out = Vec::new();
        let mut blank = Blank(size);
        let found = search(&mut Searched::new(&mut blank, Line::to(&mut out)), Format::default());
        assert_eq!(found.bytes, size);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_search_of_much_memory_shows_its_progress() {
        let line = |percent| format!("\r\x1b[Ksearching for roots: {percent} % of 160 MiB ...");
        assert_eq!(shown(160 << 20), format!("{}{}\r\x1b[K", line(40), line(80)));
        assert_eq!(shown(STEP - PAGE), "");
    }
}
