//! One store, and its effects on all that is known of memory.

use super::{Entry, FrameId, Memory, NO_WORD, Past};

/// One store, as memory performs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Store {
    /// The frame.
    pub(crate) frame: FrameId,
    /// The index of the 8-byte word in the frame.
    pub(crate) word: usize,
    /// The bytes that are stored, as bits of the word.
    pub(crate) mask: u64,
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

impl Memory {
    /// Performs a store: all harts may see it from now on. Returns its time.
    ///
    /// `now` is the number of instructions that all harts have executed.
    #[inline]
    pub(crate) fn perform(&mut self, store: Store, now: u64) -> u64 {
        let frame = &mut self.frames[store.frame.index()];
        if frame.loses_stores() {
            return self.time;
        }
        let old = frame.word(store.word);
        self.time += 1;
        if self.log.is_kept() {
            let entry = Entry {
                word: frame.base() + 8 * store.word as u64,
                old,
                previous: frame.last_time(),
                hart: store.hart,
                pc: store.pc,
                carried: store.carried,
            };
            self.log.push(self.time, entry);
            frame.note_writer(store.hart, self.time, store.carried);
            frame.note_code_store(self.time, entry);
        }
        frame.set_word(store.word, old & !store.mask | store.value & store.mask);
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
        let frame = &mut self.frames[store.frame.index()];
        frame.forget_code(store.word);
        if !frame.is_table() {
            return;
        }
        self.generation += 1;
        if self.keeps_tables {
            let Store { hart, pc, issued, .. } = store;
            let past = Past { until: time, at: now, value: old, hart, pc, issued };
            frame.remember(store.word, past);
            let entry = frame.word(store.word);
            self.mark_table_of(entry);
        }
    }

    fn break_reservations(&mut self, store: Store) {
        let word = self.frames[store.frame.index()].base() + 8 * store.word as u64;
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
