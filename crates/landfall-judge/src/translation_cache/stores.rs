//! Stores to tables, and the order in which harts see them.

use core::ops::Range;

use super::Harts;
use super::format::{PAGE, Word};
use super::unordered::Store;

impl Harts {
    /// Returns the word in memory; `None` is garbage.
    ///
    /// # Panics
    /// If `at` is no multiple of 8.
    #[must_use]
    pub fn load(&self, at: u64) -> Option<u64> {
        self.words.load(at)
    }

    /// Stores a word that all harts see at once. Each hart may keep the old one.
    ///
    /// # Panics
    /// If `at` is no multiple of 8.
    pub fn store(&mut self, at: u64, bits: u64) {
        self.replace(at, Some(bits));
    }

    /// Stores a word that other harts may see only after the next [`Harts::fence`] of this hart.
    ///
    /// Privileged specification, SFENCE.VMA: "other harts must be notified separately when the
    /// memory-management data structures have been modified. One approach is to use 1) a local data
    /// fence to ensure local writes are visible globally". Without it, a fence of another hart
    /// completes and its next walk still reads the old word.
    ///
    /// # Panics
    /// If `at` is no multiple of 8.
    pub fn store_by(&mut self, hart: usize, at: u64, bits: u64) {
        assert!(hart < self.states.len(), "there is no hart {hart}");
        let old = self.load(at);
        if self.replace(at, Some(bits)) {
            self.unordered.push(Store { by: hart, at, old }, self.format);
        }
    }

    /// Executes `fence rw, rw`, or anything that releases the hart's stores to the others.
    pub fn fence(&mut self, hart: usize) {
        // Until now, a walk by another hart could read each of these words.
        for Store { at, old, .. } in self.unordered.by(hart) {
            (0..self.states.len()).filter(|&other| other != hart).for_each(|other| self.keep(other, at, old));
        }
        self.unordered.remove(hart);
    }

    /// Turns frames into garbage, as their next owner does that stores to them without the model's
    /// knowledge. Each hart may keep their words if it can read them as tables.
    pub fn discard(&mut self, frames: Range<u64>) {
        let pages = frames.start / PAGE..frames.end.div_ceil(PAGE);
        let stored: Vec<u64> = pages.flat_map(|page| self.words.stored_in(page * PAGE)).collect();
        for at in stored {
            self.replace(at, None);
        }
    }

    /// Returns false if the word was there already.
    fn replace(&mut self, at: u64, word: Word) -> bool {
        let old = self.words.load(at);
        if old == word {
            return false;
        }
        (0..self.states.len()).for_each(|hart| self.keep(hart, at, old));
        self.words.replace(at, word, self.format);
        true
    }

    /// Has the hart keep a word that is replaced, if it can read it.
    fn keep(&mut self, hart: usize, at: u64, old: Word) {
        for kept in self.copies_of(hart, at, old) {
            let table = self.format.pointer(old, kept.level);
            self.states[hart].keep(kept, table);
        }
    }
}
