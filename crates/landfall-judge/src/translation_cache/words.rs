//! The memory that holds tables, with indexes by target.

use std::collections::{BTreeSet, HashMap};

use super::format::{ENTRIES, Format, PAGE, Shape, Word};

/// Words by physical address, and the entries that lead to each table and frame.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    pages: HashMap<u64, Box<[Word]>>,
    /// The table that a pointer names, and the address of the pointer.
    pointers: BTreeSet<(u64, u64)>,
    /// The key of a leaf's target, and the address of the leaf.
    leaves: BTreeSet<(u64, u64)>,
}

impl Words {
    pub(super) fn load(&self, at: u64) -> Word {
        self.pages.get(&page_of(at)).and_then(|page| page[word_index(at)])
    }

    /// Stores a word and returns the old one.
    pub(super) fn replace(&mut self, at: u64, word: Word, format: Format) -> Word {
        let page = self.pages.entry(page_of(at)).or_insert_with(|| vec![None; 512].into());
        let old = core::mem::replace(&mut page[word_index(at)], word);
        match old.map(|bits| format.shape(bits)) {
            Some(Shape::Pointer { table }) => self.pointers.remove(&(table, at)),
            Some(Shape::Leaf { phys, napot }) => self.leaves.remove(&(leaf_key(phys, napot), at)),
            Some(Shape::Fault) | None => false,
        };
        match word.map(|bits| format.shape(bits)) {
            Some(Shape::Pointer { table }) => self.pointers.insert((table, at)),
            Some(Shape::Leaf { phys, napot }) => self.leaves.insert((leaf_key(phys, napot), at)),
            Some(Shape::Fault) | None => false,
        };
        old
    }

    /// The addresses of the entries that point to `table`.
    pub(super) fn pointing_to(&self, table: u64) -> impl Iterator<Item = u64> {
        self.pointers.range((table, 0)..=(table, u64::MAX)).map(|&(_, entry)| entry)
    }

    /// The addresses of the leaves whose first byte is `phys`.
    pub(super) fn mapping(&self, phys: u64, napot: bool) -> impl Iterator<Item = u64> {
        let key = leaf_key(phys, napot);
        self.leaves.range((key, 0)..=(key, u64::MAX)).map(|&(_, entry)| entry)
    }

    /// The addresses of the words in the page of `at` that are not garbage.
    pub(super) fn stored_in(&self, at: u64) -> Vec<u64> {
        let first = page_of(at);
        let addresses = (0..ENTRIES).map(|index| first + index * 8);
        addresses.filter(|&address| self.load(address).is_some()).collect()
    }
}

/// Addresses of frames are multiples of a page, so bit 0 is free.
fn leaf_key(phys: u64, napot: bool) -> u64 {
    phys | u64::from(napot)
}

pub(super) fn page_of(at: u64) -> u64 {
    at / PAGE * PAGE
}

fn word_index(at: u64) -> usize {
    assert!(at.is_multiple_of(8), "{at:#x} is no multiple of 8");
    usize::try_from(at % PAGE / 8).expect("an index within a page is small")
}
