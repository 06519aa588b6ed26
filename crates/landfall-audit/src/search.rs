//! A search for roots in memory whose `satp` is unknown. Each root that it finds is a guess.
//!
//! A page is taken for the root of a mode if all of this holds:
//!
//! 1. At least one entry of the upper half is valid, and none there is a leaf with U: kernels live
//!    there.
//! 2. No valid entry is faulty at the root's level, and bits 63:54 of each invalid one are 0.
//! 3. Each pointer leads to a page of the source for which 2 holds at the next level.
//! 4. One of the first 64 tables below the upper half has a leaf, and 2 holds for those on the way
//!    to it. Some may be empty: Linux keeps a table of its fixmap without an entry.
//! 5. No entry is a leaf of 256 TiB, and no two leaves of the root's upper half have the same
//!    memory. Tables of small numbers, such as relocations, look so.
//! 6. It is no root of more levels, and no table of the upper levels of a root, itself
//!    included.
//!
//! The test misses roots with a faulty entry, and those whose tables are not all in the source. It
//! cannot distinguish a root from one that was freed and not overwritten, or from that of a guest
//! of a hypervisor. A root of sv48 without lower half whose own root was overwritten may pass for
//! one of sv39.

use std::collections::HashSet;

use crate::address::{PAGE, Phys};
use crate::entry::{Entry, Meaning};
use crate::format::Format;
use crate::memory::{BLANK, Memory, Page};
use crate::root::{Mode, Root};

/// More pages than this, each of which looks like a table with an upper half, are not examined.
pub const MOST_CANDIDATES: usize = 1 << 20;
/// Candidates are examined until this many pages were read for them.
pub const MOST_PAGES: u64 = 1 << 20;

/// Tables below a candidate that are searched for a leaf.
const MOST_BELOW: usize = 64;

/// The result of a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// The roots, in ascending order of levels, then of addresses.
    pub roots: Vec<Root>,
    /// Bytes that were read.
    pub bytes: u64,
    /// Candidates that were not examined, because of [`MOST_CANDIDATES`] or [`MOST_PAGES`].
    pub dropped: u64,
}

/// Searches all memory of a source.
pub fn search(memory: &mut impl Memory, format: Format) -> Search {
    let mut reader = Reader { memory, format, bytes: 0, left: u64::MAX };
    let mut search = Search::default();
    let mut candidates: Vec<Phys> = Vec::new();
    for span in reader.memory.spans() {
        let first = span.start.0.div_ceil(PAGE).saturating_mul(PAGE);
        let pages =
            u64::try_from(span.end().saturating_sub(u128::from(first)) / u128::from(PAGE)).unwrap_or(0);
        for at in (0..pages).map(|page| Phys(first + page * PAGE)) {
            let Some(page) = reader.read(at) else { continue };
            let levels = Mode::ALL.map(|mode| mode.levels() - 1);
            if !has_upper_half(&page) || !levels.into_iter().any(|level| is_table(&page, level, format)) {
                continue;
            }
            if candidates.len() < MOST_CANDIDATES { candidates.push(at) } else { search.dropped += 1 }
        }
    }
    // Segments may overlap.
    candidates.sort_unstable();
    candidates.dedup();
    reader.left = MOST_PAGES;
    let (mut taken, mut inner) = (HashSet::new(), HashSet::new());
    for mode in Mode::ALL.into_iter().rev() {
        for &table in &candidates {
            if inner.contains(&table) || taken.contains(&table) {
                continue;
            }
            if reader.left == 0 {
                search.dropped += 1;
            } else if let Some(below) = reader.root(table, mode.levels() - 1) {
                taken.insert(table);
                search.roots.push(Root { mode, table });
                inner.extend(below);
            }
        }
    }
    // A table of a root may have a lower address than the root, and have passed before it.
    search.roots.retain(|root| !inner.contains(&root.table));
    search.roots.sort();
    search.bytes = reader.bytes;
    search
}

struct Reader<'a, M> {
    memory: &'a mut M,
    format: Format,
    bytes: u64,
    /// Pages that may still be read.
    left: u64,
}

impl<M: Memory> Reader<'_, M> {
    fn read(&mut self, at: Phys) -> Option<Page> {
        let mut page = BLANK;
        self.memory.read(at, &mut page).ok()?;
        self.bytes += PAGE;
        self.left = self.left.saturating_sub(1);
        Some(page)
    }

    /// Tests a root, and returns its tables that may look like roots of fewer levels. These are the
    /// tables of the next level, and of all levels from 2 on.
    fn root(&mut self, table: Phys, level: u8) -> Option<Vec<Phys>> {
        let format = self.format;
        let page = self.read(table)?;
        if !is_table(&page, level, format) || has_numbers(&page, level, format) {
            return None;
        }
        let below = pointers(&page, level, format);
        let mut all = below.clone();
        for at in below {
            let next = self.read(at)?;
            if !is_table(&next, level - 1, format) {
                return None;
            }
            if level > 3 {
                all.extend(pointers(&next, level - 1, format));
            }
        }
        let mut left = MOST_BELOW;
        self.has_leaf(entries(&page).skip(256), level, &mut left).then_some(all)
    }

    /// Returns true if an entry is a leaf or leads to one, by at most `left` tables in all.
    fn has_leaf(&mut self, mut below: impl Iterator<Item = Entry>, level: u8, left: &mut usize) -> bool {
        below.any(|entry| match entry.meaning(level, self.format) {
            Meaning::Leaf | Meaning::Napot => true,
            Meaning::Invalid | Meaning::Faulty(_) => false,
            Meaning::Pointer(_) if *left == 0 => false,
            // A pointer of the last level is faulty, so levels do not end here.
            Meaning::Pointer(target) => {
                *left -= 1;
                self.read(target).is_some_and(|page| {
                    is_table(&page, level - 1, self.format) && self.has_leaf(entries(&page), level - 1, left)
                })
            }
        })
    }
}

fn entries(page: &Page) -> impl Iterator<Item = Entry> {
    page.as_chunks::<8>().0.iter().map(|word| Entry(u64::from_le_bytes(*word)))
}

/// Returns the tables that a table leads to, each once.
fn pointers(page: &Page, level: u8, format: Format) -> Vec<Phys> {
    let target = |entry: Entry| match entry.meaning(level, format) {
        Meaning::Pointer(target) => Some(target),
        _ => None,
    };
    let mut targets: Vec<_> = entries(page).filter_map(target).collect();
    targets.sort_unstable();
    targets.dedup();
    targets
}

/// Returns true if leaves of a root are those of no kernel.
fn has_numbers(page: &Page, level: u8, format: Format) -> bool {
    let is_leaf = |entry: &Entry| entry.meaning(level, format) == Meaning::Leaf;
    let mut seen = HashSet::new();
    let mut upper = entries(page).skip(256).filter(is_leaf);
    level == 4 && entries(page).any(|entry| is_leaf(&entry)) || !upper.all(|leaf| seen.insert(leaf.target()))
}

fn has_upper_half(page: &Page) -> bool {
    let valid = || entries(page).skip(256).filter(|entry| entry.0 & 1 != 0);
    let is_user_leaf = |entry: Entry| entry.0 & 0b1_0000 != 0 && entry.0 & 0b1010 != 0;
    valid().next().is_some() && !valid().any(is_user_leaf)
}

/// Returns true if no entry contradicts a table of this level.
fn is_table(page: &Page, level: u8, format: Format) -> bool {
    entries(page).all(|entry| match entry.meaning(level, format) {
        Meaning::Invalid => entry.0 >> 54 == 0,
        Meaning::Faulty(_) => false,
        Meaning::Pointer(_) | Meaning::Leaf | Meaning::Napot => true,
    })
}
