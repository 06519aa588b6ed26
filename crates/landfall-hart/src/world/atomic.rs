//! Atomic memory operations, and load-reserved with store-conditional.
//!
//! AMOs and store-conditionals act on memory at once: an AMO reads the newest value and writes in
//! one step. The hart's own stores to the bytes, those before a barrier, and with `rl` all, leave
//! before. A load-reserved is a load, so it may return an older value; then nothing is reserved.

use super::access::Place;
use super::order::Past;
use super::{Access, Order, World};
use crate::hart::Hart;
use crate::hart::trap::{Cause, Trap};
use crate::liberty::Liberty;
use crate::memory::{Bytes, FrameId, Store, ones, shift};

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
        let bytes = Bytes::new(frame, address, size);
        self.before_atomic(hart, bytes, order);
        let old = self.memory.frame(frame).word(bytes.word) >> shift(address) & ones(size);
        let value = modify(old) & ones(size);
        let time = self.write_at_once(hart, bytes, value << shift(address));
        // It is one operation: what comes after the read also comes after the write.
        self.after(hart, time, order);
        hart.view.has_read(time);
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
        let bytes = Bytes::new(frame, address, size);
        self.before_atomic(hart, bytes, order);
        let reserved = self.memory.frame(frame).base() + 8 * bytes.word as u64;
        self.memory.reserve(hart.index, reserved);
        let value = if self.ordered {
            if order.acquire || order.release {
                // Annotated operations keep their order.
                hart.view.operand = hart.view.operand.max(hart.view.annotated);
            }
            if order.release {
                let earlier = hart.view.read.max(hart.view.wrote);
                hart.view.operand = hart.view.operand.max(earlier);
            }
            let (value, past) = self.late_load(hart, bytes, address);
            if past == Past::Older {
                // Another hart has stored since, so no store-conditional can succeed.
                self.memory.take_reservation(hart.index, reserved);
            }
            self.after(hart, hart.view.result, order);
            value
        } else {
            self.memory.frame(frame).word(bytes.word)
        };
        Ok(value >> shift(address) & ones(size))
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
        let bytes = Bytes::new(frame, address, size);
        let base = self.memory.frame(frame).base() + 8 * bytes.word as u64;
        if self.choices.chance(hart.index, Liberty::SpuriousSc, 1, 4) {
            self.memory.take_reservation(hart.index, base);
            hart.view.result = 0;
            return Ok(false);
        }
        self.before_atomic(hart, bytes, order);
        if !self.memory.take_reservation(hart.index, base) {
            hart.view.result = 0;
            return Ok(false);
        }
        let time = self.write_at_once(hart, bytes, (value & ones(size)) << shift(address));
        self.after(hart, time, order);
        // The result states that memory has the store.
        hart.view.result = time;
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

    fn before_atomic(&mut self, hart: &mut Hart, bytes: Bytes, order: Order) {
        if !self.ordered {
            return;
        }
        if order.release {
            self.drain(hart);
        } else {
            self.drain_bytes(hart, bytes);
        }
    }

    /// Follows an atomic instruction that comes after a time.
    fn after(&self, hart: &mut Hart, time: u64, order: Order) {
        if !self.ordered {
            return;
        }
        if order.acquire || order.release {
            hart.view.annotated = hart.view.annotated.max(time);
        }
        if order.acquire {
            hart.view.bound = hart.view.bound.max(time);
        }
    }

    /// Writes, and returns the time.
    fn write_at_once(&mut self, hart: &mut Hart, bytes: Bytes, value: u64) -> u64 {
        let store = Store {
            bytes,
            value,
            hart: hart.index,
            pc: hart.pc,
            issued: hart.retired,
            // No hart sees its own AMO or SC before others can.
            carried: self.memory.time() + 1,
        };
        let time = self.memory.perform(store, self.now);
        hart.view.wrote = hart.view.wrote.max(time);
        time
    }
}
