//! The accesses of the firmware, on behalf of the hart that calls it.

use super::World;
use crate::hart::Hart;
use crate::memory::{Bytes, Store, shift};

impl World {
    /// Reads physical memory as the hart would: it sees its own stores, those that wait too.
    ///
    /// Returns `None` outside the memory that harts may access.
    pub(crate) fn firmware_read(&mut self, hart: &Hart, address: u64, bytes: &mut [u8]) -> Option<()> {
        for (at, byte) in (address..).zip(bytes) {
            let frame = self.memory.frame_at(at)?;
            let bytes = Bytes::new(frame, at, 1);
            let held = self.memory.frame(frame).word(bytes.word);
            let seen = hart.view.buffer.seen(bytes, held);
            *byte = seen.to_le_bytes()[(at & 7) as usize];
        }
        Some(())
    }

    /// Writes physical memory as the hart would, after its own stores to the same bytes. All harts
    /// may see it at once.
    ///
    /// Returns `None` outside the memory that harts may access.
    pub(crate) fn firmware_write(&mut self, hart: &mut Hart, address: u64, bytes: &[u8]) -> Option<()> {
        for (at, &byte) in (address..).zip(bytes) {
            let frame = self.memory.frame_at(at)?;
            let target = Bytes::new(frame, at, 1);
            self.drain_bytes(hart, target);
            let store = Store {
                bytes: target,
                value: u64::from(byte) << shift(at),
                hart: hart.index,
                pc: hart.pc,
                issued: hart.retired,
                carried: 0,
            };
            let time = self.memory.perform(store, self.now);
            hart.view.wrote = hart.view.wrote.max(time);
        }
        Some(())
    }
}
