//! The entries of one hart's address-translation cache that memory may no longer hold.

use std::collections::BTreeSet;

use super::format::{MAX_LEVELS, Word, size_of};
use super::witness::Holder;

/// A kept entry. The order of the fields serves the searches by place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kept {
    pub(super) level: u32,
    /// The first virtual address that the entry serves.
    pub(super) virt: u64,
    pub(super) holder: Holder,
    /// The physical address of the entry.
    pub(super) entry: u64,
    pub(super) word: Word,
}

impl Kept {
    const FIRST: Self = Self { level: 0, virt: 0, holder: Holder::Asid(0), entry: 0, word: None };
    const LAST: Self = Self {
        level: u32::MAX,
        virt: u64::MAX,
        holder: Holder::Global,
        entry: u64::MAX,
        word: Some(u64::MAX),
    };
}

/// Kept entries, by place, by the address of the entry, and by the table that they point to.
#[derive(Clone, Debug, Default)]
pub(super) struct KeptSet {
    places: BTreeSet<Kept>,
    entries: BTreeSet<(u64, Kept)>,
    tables: BTreeSet<(u64, Kept)>,
}

impl KeptSet {
    /// `table` is the target if the entry is a pointer.
    pub(super) fn insert(&mut self, kept: Kept, table: Option<u64>) {
        if self.places.insert(kept) {
            self.entries.insert((kept.entry, kept));
            self.tables.extend(table.map(|table| (table, kept)));
        }
    }

    pub(super) fn remove(&mut self, kept: Kept, table: Option<u64>) {
        self.places.remove(&kept);
        self.entries.remove(&(kept.entry, kept));
        if let Some(table) = table {
            self.tables.remove(&(table, kept));
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Kept> {
        self.places.iter().copied()
    }

    /// The kept entries that serve `virt`, at each level.
    pub(super) fn serving(&self, virt: u64) -> impl Iterator<Item = Kept> {
        (0..MAX_LEVELS).flat_map(move |level| {
            let virt = virt & !(size_of(level) - 1);
            let first = Kept { level, virt, ..Kept::FIRST };
            self.places.range(first..=Kept { level, virt, ..Kept::LAST }).copied()
        })
    }

    pub(super) fn at_entry(&self, entry: u64) -> impl Iterator<Item = Kept> {
        within(&self.entries, entry)
    }

    pub(super) fn pointing_to(&self, table: u64) -> impl Iterator<Item = Kept> {
        within(&self.tables, table)
    }
}

fn within(set: &BTreeSet<(u64, Kept)>, key: u64) -> impl Iterator<Item = Kept> {
    set.range((key, Kept::FIRST)..=(key, Kept::LAST)).map(|&(_, kept)| kept)
}
