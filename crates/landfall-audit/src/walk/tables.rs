//! The tables that walks have read.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;

use crate::address::{PAGE, Phys, Span, Virt};
use crate::entry::Entry;
use crate::limits::Limits;
use crate::memory::Page;

/// Entries of a table.
pub(super) const ENTRIES: usize = 512;
/// Entries that map 64 KiB together, with Svnapot.
pub(super) const GROUP: usize = 16;

/// The tables that were walked, of all roots.
#[derive(Clone, Debug)]
pub struct Tables {
    walked: HashMap<Phys, Served>,
    limits: Limits,
    /// Walks of tables that were walked before.
    repeats: usize,
}

/// The addresses that a table serves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Served {
    pub(super) virt: Virt,
    pub(super) root: u32,
    pub(super) level: u8,
    /// Further walks, at other addresses or levels.
    repeats: u16,
}

impl Served {
    pub(super) const fn new(virt: Virt, root: u32, level: u8) -> Self {
        Self { virt, root, level, repeats: 0 }
    }

    /// Returns true if `other` has the same addresses at the same level, by a later root.
    pub(super) fn is_inherited_by(self, other: Self) -> bool {
        self.virt == other.virt && self.level == other.level && self.root < other.root
    }
}

/// The regions of tables in the address space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Places {
    /// The table serves these addresses alone.
    One(Span<Virt>),
    /// It serves others too.
    Several(Span<Virt>),
}

/// The state of a table that is about to be read.
pub(super) enum Met {
    /// Nothing: it is new, and added.
    New,
    /// It is new, and not added: there are enough.
    Full,
    /// It was read before.
    Before(Served),
}

impl Tables {
    pub(super) fn new(limits: Limits) -> Self {
        Self { walked: HashMap::new(), limits, repeats: 0 }
    }

    /// Returns the number of tables.
    #[must_use]
    pub fn len(&self) -> usize {
        self.walked.len()
    }

    /// Returns true if no table was walked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.walked.is_empty()
    }

    /// Returns true if the table was walked.
    pub(super) fn has(&self, table: Phys) -> bool {
        self.walked.contains_key(&table)
    }

    /// Adds a table, if it is new and within the limit.
    pub(super) fn meet(&mut self, table: Phys, served: Served) -> Met {
        let is_full = self.len() >= self.limits.tables;
        match self.walked.entry(table) {
            Slot::Occupied(slot) => Met::Before(*slot.get()),
            Slot::Vacant(_) if is_full => Met::Full,
            Slot::Vacant(slot) => {
                slot.insert(served);
                Met::New
            }
        }
    }

    /// Counts a further walk of a table. Returns false if it is beyond the limits.
    pub(super) fn repeat(&mut self, table: Phys) -> bool {
        let Limits { repeats: most, repeats_of_one, .. } = self.limits;
        let own = self.walked.get_mut(&table).filter(|own| own.repeats < repeats_of_one);
        let Some(own) = own.filter(|_| self.repeats < most) else { return false };
        own.repeats += 1;
        self.repeats += 1;
        true
    }

    /// Returns the number of further walks that the limit leaves.
    pub(super) const fn repeats_left(&self) -> usize {
        self.limits.repeats.saturating_sub(self.repeats)
    }

    /// The virtual addresses that each table of a root serves first, in no order.
    pub(crate) fn of_root(&self, root: usize) -> impl Iterator<Item = Places> {
        let own = self.walked.values().filter(move |served| served.root as usize == root);
        own.map(|served| {
            let span = Span::new(served.virt, table_size(served.level));
            if served.repeats == 0 { Places::One(span) } else { Places::Several(span) }
        })
    }
}

/// Bytes that an entry in a table of `level` serves.
pub(super) const fn entry_size(level: u8) -> u64 {
    PAGE << (9 * level)
}

/// Bytes that a table of `level` serves.
pub(super) const fn table_size(level: u8) -> u64 {
    entry_size(level) * ENTRIES as u64
}

/// Returns an entry of a table.
pub(super) fn entry(page: &Page, index: usize) -> Entry {
    let words = page.as_chunks::<8>().0;
    Entry(words.get(index).map_or(0, |word| u64::from_le_bytes(*word)))
}
