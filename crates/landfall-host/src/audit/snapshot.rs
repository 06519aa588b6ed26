//! The tables of a machine that stands still, read level by level.
//!
//! A machine stands still for as long as it is read. So the tables of a level are read in as few
//! requests as possible. The audit follows when the machine runs again.

use std::collections::{BTreeSet, HashMap};

use landfall_audit::memory::{Memory, Missing, Page};
use landfall_audit::{PAGE, Phys, Root, Span};

/// More pages are not read: 4 GiB.
const MOST: usize = 1 << 20;
/// The most bytes between two tables that one request reads.
const GAP: u64 = 16 * PAGE;
/// The most bytes of one request.
const LONGEST: u64 = 4 << 20;

/// Bytes after which a batch of requests ends.
const BATCH: u64 = 64 << 20;

/// Reads physical memory of a machine that stands still.
pub trait Source {
    /// An error of the machine's connection.
    type Error;

    /// Returns the addresses that are RAM or ROM, in ascending order. Others are never read: the
    /// registers of a device may change if they are.
    fn memory(&self) -> &[Span<Phys>];

    /// Returns the bytes of each span, all of which are within [`Source::memory`].
    ///
    /// # Errors
    /// The error of the connection.
    fn read(&mut self, spans: &[Span<Phys>]) -> Result<Vec<Vec<u8>>, Self::Error>;
}

/// Tables of a machine.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pages: HashMap<Phys, Box<Page>>,
    memory: Vec<Span<Phys>>,
    read: u64,
}

impl Snapshot {
    /// Reads the tables of all `roots`.
    ///
    /// # Errors
    /// The error of the source.
    pub fn take<S: Source>(source: &mut S, roots: &[Root]) -> Result<Self, S::Error> {
        let mut snapshot = Self { memory: source.memory().to_vec(), ..Self::default() };
        let mut seen = BTreeSet::new();
        let most = roots.iter().map(|root| root.mode.levels()).max().unwrap_or(0);
        let mut next = BTreeSet::new();
        // The tables of level 0 have no pointers.
        for level in (0..most).rev() {
            let own = roots.iter().filter(|root| root.mode.levels() == level + 1).map(|root| root.table);
            next.extend(own);
            let mut tables = std::mem::take(&mut next);
            tables.retain(|table| snapshot.holds(*table) && seen.insert((level, *table)));
            snapshot.fetch(source, &tables)?;
            if level == 0 {
                break;
            }
            let pages = tables.iter().filter_map(|table| snapshot.pages.get(table));
            next.extend(pages.flat_map(|page| pointers(page)));
        }
        Ok(snapshot)
    }

    /// Returns the bytes that were read.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.read
    }

    /// Returns true if the machine has memory for all of the page.
    fn holds(&self, page: Phys) -> bool {
        let after = self.memory.partition_point(|span| span.start <= page);
        let span = self.memory[..after].last();
        span.is_some_and(|span| span.contains(page) && span.end() >= u128::from(page.0) + u128::from(PAGE))
    }

    fn fetch<S: Source>(&mut self, source: &mut S, tables: &BTreeSet<Phys>) -> Result<(), S::Error> {
        let mut spans: Vec<Span<Phys>> = Vec::new();
        let left = MOST.saturating_sub(self.pages.len());
        let new = tables.iter().filter(|table| !self.pages.contains_key(table)).take(left);
        for table in new {
            let end = table.0 + PAGE;
            match spans.last_mut() {
                Some(last) if self.joins(*last, *table) => last.size = end - last.start.0,
                _ => spans.push(Span::new(*table, PAGE)),
            }
        }
        // Each batch is in memory twice for a moment.
        let batches = spans.chunk_by({
            let mut bytes = 0;
            move |span, _| {
                bytes += span.size;
                let goes_on = bytes < BATCH;
                bytes *= u64::from(goes_on);
                goes_on
            }
        });
        for batch in batches {
            let read = source.read(batch)?;
            batch.iter().zip(read).for_each(|(span, bytes)| self.keep(span.start, &bytes));
        }
        Ok(())
    }

    fn keep(&mut self, start: Phys, bytes: &[u8]) {
        self.read += bytes.len() as u64;
        let (pages, _) = bytes.as_chunks::<4096>();
        for (index, page) in (0..).zip(pages) {
            // A page between two tables may be a table of the next level.
            self.pages.insert(start.wrapping_add(index * PAGE), Box::new(*page));
        }
    }

    /// Returns true if one request reads `last`, and all up to the end of `table`.
    fn joins(&self, last: Span<Phys>, table: Phys) -> bool {
        let end = last.start.0 + last.size;
        let is_memory = || self.memory.iter().any(|span| span.contains(last.start) && span.contains(table));
        table.0 - end <= GAP && table.0 + PAGE - last.start.0 <= LONGEST && is_memory()
    }
}

impl Memory for Snapshot {
    fn read(&mut self, at: Phys, page: &mut Page) -> Result<(), Missing> {
        match self.pages.get(&at) {
            Some(held) => {
                page.copy_from_slice(held.as_slice());
                Ok(())
            }
            None if self.pages.len() >= MOST => {
                Err(Missing::Failed("the machine has more tables than are read".to_owned()))
            }
            None => Err(Missing::Hole),
        }
    }

    fn spans(&self) -> Vec<Span<Phys>> {
        self.memory.clone()
    }
}

/// Returns the tables that a table's pointers lead to: V is set, and R, W and X are not. An entry
/// that is faulty otherwise may be among them.
fn pointers(page: &Page) -> impl Iterator<Item = Phys> {
    let entries = page.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes));
    entries.filter(|entry| entry & 0xf == 1).map(|entry| Phys((entry >> 10 & ((1 << 44) - 1)) * PAGE))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use landfall_audit::memory::Raw;
    use landfall_audit::{Code, Mode, Origin, Request, audit};

    use super::*;

    const BASE: u64 = 0x8000_0000;

    fn index_of(bytes: u64) -> usize {
        usize::try_from(bytes).expect("a small number")
    }

    /// RAM of some pages, and the requests for it.
    struct Ram {
        bytes: Vec<u8>,
        memory: Vec<Span<Phys>>,
        requests: Vec<Span<Phys>>,
    }

    impl Ram {
        fn new(pages: u64) -> Self {
            let memory = vec![Span::new(Phys(BASE), pages * PAGE)];
            Self { bytes: vec![0; index_of(pages * PAGE)], memory, requests: Vec::new() }
        }

        /// Sets an entry of the table in the `table`th page.
        fn set(&mut self, table: u64, index: u64, entry: u64) {
            let at = index_of(table * PAGE + index * 8);
            self.bytes[at..at + 8].copy_from_slice(&entry.to_le_bytes());
        }

        fn point(&mut self, table: u64, index: u64, to: u64) {
            self.set(table, index, (BASE / PAGE + to) << 10 | 1);
        }

        fn take(&mut self, mode: Mode) -> (Snapshot, Root) {
            let root = Root { mode, table: Phys(BASE) };
            let Ok(snapshot) = Snapshot::take(self, &[root]);
            (snapshot, root)
        }
    }

    impl Source for Ram {
        type Error = Infallible;

        fn memory(&self) -> &[Span<Phys>] {
            &self.memory
        }

        fn read(&mut self, spans: &[Span<Phys>]) -> Result<Vec<Vec<u8>>, Infallible> {
            self.requests.extend(spans);
            let part = |span: &Span<Phys>| {
                let at = index_of(span.start.0 - BASE);
                self.bytes[at..at + index_of(span.size)].to_vec()
            };
            Ok(spans.iter().map(part).collect())
        }
    }

    /// Three levels, with tables near each other and far away.
    fn machine() -> Ram {
        let mut ram = Ram::new(200);
        ram.point(0, 256, 2);
        ram.point(0, 300, 100);
        for index in 0..5 {
            ram.point(2, index, 3 + index);
            ram.point(100, index, 190 - 2 * index);
            ram.set(3 + index, 0, (BASE / PAGE + index) << 10 | 0xc7);
            ram.set(190 - 2 * index, 7, (BASE / PAGE + 50 + index) << 10 | 0xe3);
        }
        ram
    }

    #[test]
    fn a_snapshot_gives_the_audit_of_all_memory() {
        let mut ram = machine();
        let (mut snapshot, root) = ram.take(Mode::Sv39);
        let request = Request { roots: vec![(root, Origin::Given)], ..Request::default() };
        let mut whole = Raw::new(std::io::Cursor::new(&ram.bytes), Phys(BASE)).expect("bytes");
        let (one, other) = (audit(&mut snapshot, &request), audit(&mut whole, &request));
        assert_eq!(one.roots[0].runs, other.roots[0].runs);
        assert_eq!(one.roots[0].runs.len(), 10);
        assert_eq!(one.findings, other.findings);
    }

    #[test]
    fn a_level_takes_few_requests_and_no_page_is_read_twice() {
        let mut ram = machine();
        let (snapshot, _) = ram.take(Mode::Sv39);
        let sizes: Vec<_> = ram.requests.iter().map(|span| span.size / PAGE).collect();
        // The root; two tables; five behind each other, and five with gaps.
        assert_eq!(sizes, [1, 1, 1, 5, 9]);
        assert_eq!(snapshot.bytes(), 17 * PAGE);
        let mut pages: Vec<_> = ram
            .requests
            .iter()
            .flat_map(|span| (0..span.size / PAGE).map(|page| span.start.0 + page * PAGE))
            .collect();
        pages.sort_unstable();
        assert!(pages.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn devices_holes_and_loops_are_not_read() {
        let mut ram = Ram::new(4);
        ram.memory.push(Span::new(Phys(0x9000_0000), 100));
        for (index, target) in [0x1000_0000, BASE, 0x9000_0000, (1 << 56) - PAGE].into_iter().enumerate() {
            ram.set(0, index as u64, target >> 2 | 1);
        }
        let (mut snapshot, root) = ram.take(Mode::Sv57);
        assert_eq!(ram.requests, [Span::new(Phys(BASE), PAGE)]);
        let request = Request { roots: vec![(root, Origin::Given)], ..Request::default() };
        let codes: Vec<_> = audit(&mut snapshot, &request).findings.codes().map(Code::name).collect();
        assert_eq!(codes, ["table-loop", "table-missing"]);
    }
}
