//! Atomic memory operations, and load-reserved with store-conditional.
//!
//! They act on memory at once: an AMO reads the newest value and writes in one step. The hart's
//! own stores to the word, those before a barrier, and with `rl` all, leave before.

use super::access::{Place, ones};
use super::{Access, Order, World};
use crate::hart::Hart;
use crate::hart::trap::{Cause, Trap};
use crate::liberty::Liberty;
use crate::memory::{FrameId, Store, word_of};

impl World {
    /// Replaces `size` bytes (4 or 8) by `modify` of them, atomically; returns the old ones,
    /// zero-extended.
    pub(crate) fn atomic(
        &mut self,
        hart: &mut Hart,
        address: u64,
        size: u64,
        order: Order,
        modify: impl FnOnce(u64) -> u64,
    ) -> Result<u64, Trap> {
        let frame = self.atomic_place(hart, address, size, Access::Store)?;
        let (word, bits) = (word_of(address), 8 * (address & 7));
        self.before_atomic(hart, frame, word, order);
        let old = self.memory.frame(frame).word(word) >> bits & ones(size);
        self.after_read(hart, frame, word, order);
        let value = modify(old) & ones(size);
        self.write_at_once(hart, frame, address, ones(size) << bits, value << bits);
        Ok(old)
    }

    /// Loads `size` bytes (4 or 8) and reserves them.
    pub(crate) fn load_reserved(
        &mut self,
        hart: &mut Hart,
        address: u64,
        size: u64,
        order: Order,
    ) -> Result<u64, Trap> {
        let frame = self.atomic_place(hart, address, size, Access::Load)?;
        let (word, bits) = (word_of(address), 8 * (address & 7));
        self.before_atomic(hart, frame, word, order);
        self.memory.reserve(hart.index, self.memory.frame(frame).base() + 8 * word as u64);
        let value = self.memory.frame(frame).word(word) >> bits & ones(size);
        self.after_read(hart, frame, word, order);
        Ok(value)
    }

    /// Stores `size` bytes (4 or 8) if the reservation holds; returns true if they were stored.
    pub(crate) fn store_conditional(
        &mut self,
        hart: &mut Hart,
        address: u64,
        size: u64,
        value: u64,
        order: Order,
    ) -> Result<bool, Trap> {
        let frame = self.atomic_place(hart, address, size, Access::Store)?;
        let (word, bits) = (word_of(address), 8 * (address & 7));
        let base = self.memory.frame(frame).base() + 8 * word as u64;
        if self.choices.chance(hart.index, Liberty::SpuriousSc, 1, 4) {
            self.memory.take_reservation(hart.index, base);
            return Ok(false);
        }
        self.before_atomic(hart, frame, word, order);
        if !self.memory.take_reservation(hart.index, base) {
            return Ok(false);
        }
        let value = value & ones(size);
        self.write_at_once(hart, frame, address, ones(size) << bits, value << bits);
        Ok(true)
    }

    fn atomic_place(
        &mut self,
        hart: &mut Hart,
        address: u64,
        size: u64,
        access: Access,
    ) -> Result<FrameId, Trap> {
        let (misaligned, fault) = match access {
            Access::Store => (Cause::StoreMisaligned, Cause::StoreAccess),
            Access::Load | Access::Fetch => (Cause::LoadMisaligned, Cause::LoadAccess),
        };
        if !address.is_multiple_of(size) {
            return Err(Trap::new(misaligned, address));
        }
        match self.place(hart, address, access)? {
            Place::Memory(frame) => Ok(frame),
            Place::Device(_) => Err(Trap::new(fault, address)),
        }
    }

    fn before_atomic(&mut self, hart: &mut Hart, frame: FrameId, word: usize, order: Order) {
        if !self.ordered {
            return;
        }
        if order.release {
            self.drain(hart);
            // What an AMO with `rl` publishes comes after all that the hart has seen.
            hart.view.fenced_read = hart.view.fenced_read.max(hart.view.read);
        } else {
            self.drain_word(hart, frame, word);
        }
    }

    /// Follows a read of the newest value.
    fn after_read(&mut self, hart: &mut Hart, frame: FrameId, word: usize, order: Order) {
        if !self.ordered {
            return;
        }
        let base = self.memory.frame(frame).base() + 8 * word as u64;
        let time = self.memory.newer(frame, word, 0).next().map_or(0, |(time, _)| time);
        hart.view.see(base, time);
        hart.view.read = hart.view.read.max(time);
        let carried = self.memory.frame(frame).carried();
        hart.view.result = hart.view.operand.max(time).max(carried);
        if order.acquire {
            hart.view.bound = hart.view.bound.max(time);
        }
    }

    fn write_at_once(&mut self, hart: &mut Hart, frame: FrameId, address: u64, mask: u64, value: u64) {
        let time = self.memory.perform(Store {
            frame,
            word: word_of(address),
            mask,
            value,
            hart: hart.index,
            pc: hart.pc,
            carried: hart.view.result,
        });
        hart.view.wrote = hart.view.wrote.max(time);
        let epoch = hart.view.buffer.epoch();
        hart.view.buffer.note_left(epoch, time);
    }
}
