//! One store, and its effects on all that is known of memory.

use super::{Bytes, Entry, Memory, NO_WORD, Past};

/// One store, as memory performs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Store {
    /// The bytes that are stored; in entries of page tables it may be single bits.
    pub(crate) bytes: Bytes,
    /// The bits that are stored.
    pub(crate) value: u64,
    /// The hart that stores.
    pub(crate) hart: usize,
    /// The address of the instruction.
    pub(crate) pc: u64,
    /// The instructions that the hart had retired before it.
    pub(crate) issued: u64,
    /// The hart's own loads of the value come after this time. It is the view of the registers that
    /// a store depends on, or the own time of an AMO or SC.
    pub(crate) carried: u64,
}

impl Store {
    /// Returns a word as the store leaves it.
    #[inline]
    pub(crate) const fn apply(&self, word: u64) -> u64 {
        word & !self.bytes.mask | self.value & self.bytes.mask
    }
}

impl Memory {
    /// Performs a store: all harts may see it from now on. Returns its time.
    ///
    /// `now` is the number of instructions that all harts have executed.
    #[inline]
    pub(crate) fn perform(&mut self, store: Store, now: u64) -> u64 {
        let Bytes { frame, word, mask } = store.bytes;
        let frame = &mut self.frames[frame.index()];
        if frame.loses_stores() {
            return self.time;
        }
        let old = frame.word(word);
        self.time += 1;
        if self.log.is_kept() {
            let entry = Entry {
                word: frame.base() + 8 * word as u64,
                mask,
                old,
                previous: frame.last_time(),
                hart: store.hart,
                pc: store.pc,
                carried: store.carried,
                issued: store.issued,
                at: now,
            };
            self.log.push(self.time, entry);
            frame.note_writer(store.hart, self.time, store.carried);
            frame.note_code_store(self.time, entry);
        }
        frame.set_word(word, store.apply(old));
        if frame.is_watched() {
            self.changed(store, old, now);
        }
        if self.reservations.len() > 1 {
            self.break_reservations(store);
        }
        self.time
    }

    /// Follows a store into a frame that holds tables or decoded instructions.
    #[cold]
    fn changed(&mut self, store: Store, old: u64, now: u64) {
        let time = self.time;
        let Bytes { frame, word, .. } = store.bytes;
        let frame = &mut self.frames[frame.index()];
        frame.forget_code(word);
        if !frame.is_table() {
            return;
        }
        self.generation += 1;
        if self.keeps_tables {
            let Store { hart, pc, issued, .. } = store;
            let past = Past { until: time, at: now, value: old, hart, pc, issued };
            frame.remember(word, past);
            let entry = frame.word(word);
            self.mark_table_of(entry);
        }
    }

    fn break_reservations(&mut self, store: Store) {
        let Bytes { frame, word, .. } = store.bytes;
        let word = self.frames[frame.index()].base() + 8 * word as u64;
        for (hart, reserved) in self.reservations.iter_mut().enumerate() {
            if *reserved == word && hart != store.hart {
                *reserved = NO_WORD;
            }
        }
    }

    /// Reserves a word for a hart.
    pub(crate) fn reserve(&mut self, hart: usize, word: u64) {
        self.reservations[hart] = word;
    }

    /// Ends a hart's reservation, and returns true if it was for the word and nothing broke it.
    pub(crate) fn take_reservation(&mut self, hart: usize, word: u64) -> bool {
        std::mem::replace(&mut self.reservations[hart], NO_WORD) == word
    }
}
