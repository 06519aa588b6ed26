//! The order of loads and stores: what a load may still see, and when a store leaves.
//!
//! The memory consistency model of RISC-V (RVWMO) as views, after Promising-RISC-V, without
//! promises: no load sees a store that comes after it in the order of all stores. Stores wait in a
//! buffer, so that a younger one can leave first.

use super::{Use, World};
use crate::hart::Hart;
use crate::liberty::Liberty;
use crate::memory::{FrameId, Pending, Store, Waiting};

/// The number of older values that a load can choose among.
const OLDER: usize = 4;

impl World {
    /// Loads a word; sets the view of the result.
    #[inline]
    pub(super) fn ordered_load(&mut self, hart: &mut Hart, id: FrameId, word: usize, address: u64) -> u64 {
        let frame = self.memory.frame(id);
        let floor = hart.view.bound.max(hart.view.operand);
        if hart.view.buffer.is_empty() && frame.last_by_others(hart.index) <= floor {
            // All that the hart could miss is its own, and it sees that.
            hart.view.result = hart.view.operand.max(frame.carried());
            return frame.word(word);
        }
        self.late_load(hart, id, word, address)
    }

    #[cold]
    #[inline(never)]
    fn late_load(&mut self, hart: &mut Hart, id: FrameId, word: usize, address: u64) -> u64 {
        let frame = self.memory.frame(id);
        let base = frame.base() + 8 * word as u64;
        let carried = frame.carried();
        let present = frame.word(word);
        let mut waiting = 0;
        let mut overlay = present;
        for store in hart.view.buffer.stores_to(id, word) {
            waiting |= store.mask;
            overlay = overlay & !store.mask | store.value;
        }
        if waiting != 0 {
            // A hart sees its own stores at once. The other bytes are the present ones.
            let time = self.memory.newer(id, word, 0).next().map_or(0, |(time, _)| time);
            let seen = if waiting == u64::MAX { 0 } else { time };
            hart.view.read = hart.view.read.max(seen);
            hart.view.result = hart.view.operand.max(carried).max(seen);
            return overlay;
        }
        let floor = hart.view.bound.max(hart.view.operand).max(hart.view.seen(base));
        // Each store newer than the floor was preceded by a value that the hart may still see.
        let mut times = [0; OLDER + 1];
        let mut older = [None; OLDER];
        let mut count = 0;
        for (time, entry) in self.memory.newer(id, word, floor) {
            times[count] = time;
            if entry.hart == hart.index || count == OLDER {
                break;
            }
            older[count] = Some(entry);
            count += 1;
        }
        let options = 2 * count as u64 + u64::from(count > 0);
        let drawn = self.choices.choose(hart.index, Liberty::OldLoad, options);
        // Half of the draws and one more are the present value.
        let index = usize::try_from(drawn).unwrap_or(0);
        let index = if index > count { 0 } else { index };
        let value = match index.checked_sub(1).and_then(|index| older[index]) {
            None => present,
            Some(missed) => {
                self.uses.note(Use {
                    liberty: Liberty::OldLoad,
                    event: self.choices.opportunities(Liberty::OldLoad),
                    hart: hart.index,
                    pc: hart.pc,
                    virtual_address: address,
                    word: base,
                    used: missed.old,
                    present,
                    writer: missed.hart,
                    writer_pc: missed.pc,
                });
                missed.old
            }
        };
        let time = times[index];
        hart.view.see(base, time);
        hart.view.read = hart.view.read.max(time);
        hart.view.result = hart.view.operand.max(carried).max(time);
        value
    }

    /// Stores into a word: at once, or later.
    pub(super) fn ordered_store(&mut self, hart: &mut Hart, store: Store) {
        let ordered = hart.view.buffer.orders(store.frame, store.word);
        let drawn = self.choices.choose(hart.index, Liberty::LateStore, 64);
        if drawn < 48 && !ordered {
            self.perform(hart, store);
            return;
        }
        if hart.view.buffer.is_full()
            && let Some(pending) = hart.view.buffer.take_store()
        {
            self.leave(hart, &pending);
        }
        // Most wait for a few instructions, some for thousands.
        let delay = 1 << (drawn % 16).saturating_sub(2).min(13);
        hart.view.buffer.push(Waiting::Store(store), hart.retired + delay);
    }

    fn perform(&mut self, hart: &mut Hart, store: Store) {
        let time = self.memory.perform(store);
        hart.view.wrote = hart.view.wrote.max(time);
        let epoch = hart.view.buffer.epoch();
        hart.view.buffer.note_left(epoch, time);
    }

    /// Lets a store leave the hart's buffer.
    ///
    /// Messages are the machine's: [`crate::machine::Machine::leave`].
    pub(crate) fn leave(&mut self, hart: &mut Hart, pending: &Pending) {
        if let Waiting::Store(store) = &pending.waiting {
            let time = self.memory.perform(*store);
            hart.view.wrote = hart.view.wrote.max(time);
            hart.view.buffer.note_left(pending.epoch, time);
        }
    }

    /// Lets all stores leave the hart's buffer. Messages stay: they are no stores.
    pub(crate) fn drain(&mut self, hart: &mut Hart) {
        while let Some(pending) = hart.view.buffer.take_store() {
            self.leave(hart, &pending);
        }
    }

    /// Lets each store leave that an atomic access to the word comes after.
    pub(super) fn drain_word(&mut self, hart: &mut Hart, frame: FrameId, word: usize) {
        while let Some(pending) = hart.view.buffer.take_ordered(frame, word) {
            self.leave(hart, &pending);
        }
    }
}
