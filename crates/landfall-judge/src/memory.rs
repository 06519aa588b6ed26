//! Memory of another machine.
//!
//! ```
//! use landfall_judge::memory::Memory;
//!
//! let mut memory = Memory::poisoned(0x8000_0000, 1);
//! memory.write(0x8000_0008, 1);
//! assert_eq!(memory.read(0x8000_0008), 1);
//! // One word was written once, and no other word was written.
//! assert_eq!(memory.writes(0x8000_0000).sum::<u32>(), 1);
//! ```

use std::collections::HashMap;

use crate::unreadable::Unreadable;

/// The physical memory of a machine that stands still.
pub trait PhysicalMemory {
    /// Returns the `size` bytes from `at` on.
    ///
    /// # Errors
    /// [`Unreadable`] if the machine has no memory there, or does not answer.
    fn read(&mut self, at: u64, size: u64) -> Result<Vec<u8>, Unreadable>;
}

const PAGE_BYTES: u64 = 4096;
const WORDS: u64 = PAGE_BYTES / 8;

/// A word, and how often it was written.
#[derive(Clone, Copy, Debug)]
struct Word {
    value: u64,
    writes: u32,
}

/// Pages that are full of garbage until they are written to, as memory is after power-on. Nothing
/// else is there: to read or write it is an error of the code under test, and panics.
#[derive(Clone, Debug, Default)]
pub struct Memory(HashMap<u64, Box<[Word]>>);

impl Memory {
    /// The `pages` pages from `first` on. Their garbage looks like leaves that map everything to be
    /// read, written and executed.
    #[must_use]
    pub fn poisoned(first: u64, pages: u64) -> Self {
        let word = |index: u64| Word { value: 0x2000_00cf ^ index << 28, writes: 0 };
        let page = |number: u64| (first + number * PAGE_BYTES, (0..WORDS).map(word).collect());
        Self((0..pages).map(page).collect())
    }

    /// The word at `address`.
    ///
    /// # Panics
    /// If there is no memory, or half a word.
    #[must_use]
    pub fn read(&self, address: u64) -> u64 {
        let word = self.0.get(&(address / PAGE_BYTES * PAGE_BYTES)).map(|page| page[word_index(address)]);
        word.unwrap_or_else(|| panic!("a read from {address:#x}, where there is no memory")).value
    }

    /// Writes the word at `address`.
    ///
    /// # Panics
    /// If there is no memory, or half a word.
    pub fn write(&mut self, address: u64, value: u64) {
        let page = self.0.get_mut(&(address / PAGE_BYTES * PAGE_BYTES));
        let page = page.unwrap_or_else(|| panic!("a write to {address:#x}, where there is no memory"));
        let word = &mut page[word_index(address)];
        *word = Word { value, writes: word.writes + 1 };
    }

    /// Returns the number of writes of each word of the page at `address`.
    ///
    /// # Panics
    /// If there is no memory.
    pub fn writes(&self, address: u64) -> impl Iterator<Item = u32> {
        self.0.get(&address).expect("memory is there").iter().map(|word| word.writes)
    }
}

fn word_index(address: u64) -> usize {
    assert!(address.is_multiple_of(8), "{address:#x} is no multiple of 8");
    usize::try_from(address % PAGE_BYTES / 8).expect("an index within a page is small")
}
