//! The accesses of the firmware, on behalf of the hart that calls it.

use super::World;
use crate::hart::Hart;
use crate::memory::word_of;

impl World {
    /// Reads physical memory as the hart would: it sees its own stores, those that wait too.
    ///
    /// Returns `None` outside the memory that harts may access.
    pub(crate) fn firmware_read(
        &mut self,
        hart: &Hart,
        address: u64,
        bytes: &mut [u8],
    ) -> Option<()> {
        for (at, byte) in (address..).zip(bytes) {
            let frame = self.memory.frame_at(at)?;
            let word = word_of(at);
            let held = self.memory.frame(frame).word(word);
            let seen = hart.view.buffer.entry(frame, word, held).map_or(held, |(seen, _)| seen);
            *byte = seen.to_le_bytes()[(at & 7) as usize];
        }
        Some(())
    }

    /// Writes physical memory as the hart would. All harts see it at once.
    ///
    /// Returns `None` outside the memory that harts may access.
    pub(crate) fn firmware_write(&mut self, address: u64, bytes: &[u8]) -> Option<()> {
        for (at, &byte) in (address..).zip(bytes) {
            self.memory.frame_at(at)?;
            self.memory.write(at, &[byte])?;
        }
        Some(())
    }
}
