//! The tables that walks have read.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;

use crate::address::{PAGE, Phys, Span, Virt};

/// Entries of a table.
pub(super) const ENTRIES: usize = 512;

/// The tables that were read, of all roots.
#[derive(Clone, Debug, Default)]
pub struct Tables(HashMap<Phys, Served>);

/// The addresses that a table serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Served {
    pub(super) virt: Virt,
    pub(super) root: u32,
    pub(super) level: u8,
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
    /// Returns the number of tables.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns true if no table was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns true if the table was read.
    pub(super) fn has(&self, table: Phys) -> bool {
        self.0.contains_key(&table)
    }

    /// Adds a table, if it is new and fewer than `most` are there.
    pub(super) fn meet(&mut self, table: Phys, served: Served, most: usize) -> Met {
        let is_full = self.len() >= most;
        match self.0.entry(table) {
            Slot::Occupied(slot) => Met::Before(*slot.get()),
            Slot::Vacant(_) if is_full => Met::Full,
            Slot::Vacant(slot) => {
                slot.insert(served);
                Met::New
            }
        }
    }

    /// The virtual addresses that each table of a root serves, in no order.
    pub(crate) fn of_root(&self, root: usize) -> impl Iterator<Item = Span<Virt>> {
        let own = self.0.values().filter(move |served| served.root as usize == root);
        own.map(|served| Span::new(served.virt, table_size(served.level)))
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
