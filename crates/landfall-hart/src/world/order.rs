//! The order of loads and stores: what a load may still see, and when a store leaves.
//!
//! The memory consistency model of RISC-V (RVWMO) is a machine of views, after Promising-RISC-V.
//! There are no promises: no load sees a store that comes after it in the order of all stores.
//! Stores wait in a buffer, so that a younger one can leave first.

use super::{Use, World};
use crate::hart::Hart;
use crate::liberty::Liberty;
use crate::memory::{Bytes, Entry, Pending, Store, Waiting};

/// The number of older values that a load can choose among.
const OLDER: usize = 4;

/// True if a load returned the newest value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Past {
    /// It did, or its hart's own.
    Newest,
    /// A later store has replaced the value.
    Older,
}

impl World {
    /// Loads bytes; returns their word, in which other bytes are arbitrary. Sets the view of the
    /// result.
    #[inline]
    pub(super) fn ordered_load(&mut self, hart: &mut Hart, bytes: Bytes, address: u64) -> u64 {
        if self.late.are_followed() {
            self.note_late_store(hart, bytes, address);
        }
        let frame = self.memory.frame(bytes.frame);
        let view = &mut hart.view;
        if view.buffer.is_empty()
            && frame.last_by_others(hart.index) <= view.bound
            && frame.carried() <= view.bound
        {
            // All that the hart could miss is its own, and it sees that.
            view.read = view.read.max(view.operand);
            return frame.word(bytes.word);
        }
        self.late_load(hart, bytes, address).0
    }

    /// Loads bytes that others may have stored to, as [`World::ordered_load`] does.
    #[cold]
    #[inline(never)]
    pub(super) fn late_load(&mut self, hart: &mut Hart, bytes: Bytes, address: u64) -> (u64, Past) {
        if let Some(value) = self.forward(hart, bytes) {
            return (value, Past::Newest);
        }
        let frame = self.memory.frame(bytes.frame);
        let base = frame.base() + 8 * bytes.word as u64;
        let present = frame.word(bytes.word);
        let floor = hart.view.bound.max(hart.view.operand).max(hart.view.seen(base, bytes.mask));
        // Each store newer than the floor was preceded by a value that the hart may still see.
        let mut times = [0; OLDER + 1];
        let mut older = [None; OLDER];
        let mut count = 0;
        let mut own = None;
        let mut newer = self.memory.newer(bytes, hart.view.bound);
        for (time, entry) in newer.by_ref() {
            times[count] = time;
            if entry.hart == hart.index {
                own = (bytes.mask & !entry.mask == 0).then_some(entry.carried);
                break;
            }
            if time <= floor || count == OLDER {
                break;
            }
            older[count] = Some(entry);
            count += 1;
        }
        if times[count] == 0 {
            // The oldest value's store is not newer than the bound.
            times[count] = newer.left_out();
        }
        let index = self.choose_past(hart, (base, address, present), &older[..count]);
        let value = index.checked_sub(1).and_then(|index| older[index]).map_or(present, |entry| entry.old);
        match own {
            // Its own store of all bytes does not make a load late: the load can come before it.
            Some(carried) if index == count => hart.view.has_read(carried),
            _ => {
                hart.view.see(base, bytes.mask, times[index]);
                hart.view.has_read(times[index]);
            }
        }
        (value, if index == 0 { Past::Newest } else { Past::Older })
    }

    /// Returns the word with the hart's own stores to the bytes that wait, if there are any.
    fn forward(&self, hart: &mut Hart, bytes: Bytes) -> Option<u64> {
        let (mut waiting, mut value) = (0, self.memory.frame(bytes.frame).word(bytes.word));
        let mut time = 0;
        for store in hart.view.buffer.stores_to(bytes) {
            waiting |= store.bytes.mask;
            value = store.apply(value);
            time = time.max(store.carried);
        }
        if waiting == 0 {
            return None;
        }
        let others = Bytes { mask: bytes.mask & !waiting, ..bytes };
        if others.mask != 0 {
            // They are the present ones.
            let mut newer = self.memory.newer(others, 0);
            time = time.max(newer.next().map_or_else(|| newer.left_out(), |(time, _)| time));
        }
        hart.view.has_read(time);
        Some(value)
    }

    /// Chooses the present value, 0, or one of the older ones, from 1.
    fn choose_past(
        &mut self,
        hart: &Hart,
        (word, virtual_address, present): (u64, u64, u64),
        older: &[Option<Entry>],
    ) -> usize {
        let count = older.len();
        let options = 2 * count as u64 + u64::from(count > 0);
        let drawn = self.choices.choose(hart.index, Liberty::OldLoad, options);
        // Half of the draws and one more are the present value.
        let index = usize::try_from(drawn).unwrap_or(0);
        let index = if index > count { 0 } else { index };
        if let Some(missed) = index.checked_sub(1).and_then(|index| older[index]) {
            self.uses.note(Use {
                liberty: Liberty::OldLoad,
                event: self.choices.opportunities(Liberty::OldLoad),
                hart: hart.index,
                pc: hart.pc,
                virtual_address,
                word,
                used: missed.old,
                present,
                writer: missed.hart,
                writer_pc: missed.pc,
            });
        }
        index
    }

    /// Stores into a word: at once, or later.
    pub(super) fn ordered_store(&mut self, hart: &mut Hart, store: Store) {
        let ordered = hart.view.buffer.orders(store.bytes);
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
        self.late.wait(store);
        hart.view.buffer.push(Waiting::Store(store), hart.retired + delay);
    }

    fn perform(&mut self, hart: &mut Hart, store: Store) {
        let time = self.memory.perform(store, self.now);
        hart.view.wrote = hart.view.wrote.max(time);
    }

    /// Lets a store leave the hart's buffer.
    ///
    /// Messages are the machine's: [`crate::machine::Machine::leave`].
    pub(crate) fn leave(&mut self, hart: &mut Hart, pending: &Pending) {
        if let Waiting::Store(store) = &pending.waiting {
            self.late.leave(store);
            let time = self.memory.perform(*store, self.now);
            hart.view.wrote = hart.view.wrote.max(time);
        }
    }

    /// Lets all stores leave the hart's buffer. Messages stay: they are no stores.
    pub(crate) fn drain(&mut self, hart: &mut Hart) {
        while let Some(pending) = hart.view.buffer.take_store() {
            self.leave(hart, &pending);
        }
    }

    /// Lets each store leave that an atomic access to the bytes comes after.
    pub(super) fn drain_bytes(&mut self, hart: &mut Hart, bytes: Bytes) {
        while let Some(pending) = hart.view.buffer.take_ordered(bytes) {
            self.leave(hart, &pending);
        }
    }
}
