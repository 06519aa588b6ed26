//! Memory with tables that are written entry by entry, as the specification draws them.

use std::collections::{BTreeMap, HashMap};

use landfall_audit::memory::{Memory, Missing, Page};
use landfall_audit::{Audit, Known, Mode, Origin, PAGE, Phys, Request, Root, Span, audit};

pub(crate) const V: u64 = 1;
pub(crate) const R: u64 = 2;
pub(crate) const W: u64 = 4;
pub(crate) const X: u64 = 8;
pub(crate) const U: u64 = 16;
pub(crate) const G: u64 = 32;
pub(crate) const A: u64 = 64;
pub(crate) const D: u64 = 128;
/// The bits that a kernel sets in each leaf.
pub(crate) const KERNEL: u64 = V | G | A | D;
pub(crate) const N: u64 = 1 << 63;
pub(crate) const IO: u64 = 0b10 << 61;

/// The address of the root; other tables follow.
pub(crate) const ROOT: u64 = 0x8000_0000;

/// Pages that hold tables.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub(crate) mode: Mode,
    pub(crate) pages: BTreeMap<u64, [u64; 512]>,
    /// The number of reads of each page.
    pub(crate) reads: HashMap<u64, u32>,
    pub(crate) announced: Vec<Vec<Phys>>,
}

/// An entry with this target.
pub(crate) const fn entry(target: u64, flags: u64) -> u64 {
    target >> 12 << 10 | flags
}

impl Machine {
    /// A machine with an empty root.
    pub(crate) fn new(mode: Mode) -> Self {
        let pages = BTreeMap::from([(ROOT, [0; 512])]);
        Self { mode, pages, reads: HashMap::new(), announced: Vec::new() }
    }

    pub(crate) fn root(&self) -> Root {
        Root { mode: self.mode, table: Phys(ROOT) }
    }

    /// Returns the address of the table of `level` that serves `virt`; makes it if it is missing.
    pub(crate) fn table(&mut self, virt: u64, level: u8) -> u64 {
        let mut table = ROOT;
        for above in (level + 1..self.mode.levels()).rev() {
            let index = usize::try_from(virt >> (12 + 9 * above) & 511).expect("nine bits");
            let next = self.pages.keys().max().expect("the root") + PAGE;
            let word = &mut self.pages.get_mut(&table).expect("a table")[index];
            if *word == 0 {
                *word = entry(next, V);
            }
            table = *word >> 10 << 12;
            self.pages.entry(table).or_insert([0; 512]);
        }
        table
    }

    /// Writes the entry of `level` that serves `virt`.
    pub(crate) fn set(&mut self, virt: u64, level: u8, bits: u64) {
        let table = self.table(virt, level);
        let index = usize::try_from(virt >> (12 + 9 * level) & 511).expect("nine bits");
        self.pages.get_mut(&table).expect("a table")[index] = bits;
    }

    /// Maps `count` leaves of `level`, which follow each other.
    pub(crate) fn map(&mut self, virt: u64, phys: u64, level: u8, count: u64, flags: u64) {
        let size = PAGE << (9 * level);
        for leaf in 0..count {
            self.set(virt + leaf * size, level, entry(phys + leaf * size, flags));
        }
    }

    /// Audits the root.
    pub(crate) fn audit(&mut self, known: Known) -> Audit {
        let roots = vec![(self.root(), Origin::Given)];
        audit(self, &Request { roots, known, ..Request::default() })
    }
}

impl Memory for Machine {
    fn read(&mut self, at: Phys, page: &mut Page) -> Result<(), Missing> {
        let words = self.pages.get(&at.0).ok_or(Missing::Hole)?;
        *self.reads.entry(at.0).or_default() += 1;
        for (bytes, word) in page.as_chunks_mut::<8>().0.iter_mut().zip(words) {
            *bytes = word.to_le_bytes();
        }
        Ok(())
    }

    fn announce(&mut self, pages: &[Phys]) {
        self.announced.push(pages.to_vec());
    }

    fn spans(&self) -> Vec<Span<Phys>> {
        self.pages.keys().map(|page| Span::new(Phys(*page), PAGE)).collect()
    }
}
