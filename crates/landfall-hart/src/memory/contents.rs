//! Memory as the firmware, a loader and a debugger reach it.

use super::{Memory, word_of};

impl Memory {
    /// Reads bytes at a physical address, as memory holds them now; `None` outside memory.
    pub(crate) fn read(&mut self, address: u64, bytes: &mut [u8]) -> Option<()> {
        for (at, byte) in (address..).zip(bytes) {
            let frame = self.frame_at(at)?;
            let word = self.frame(frame).word(word_of(at));
            *byte = word.to_le_bytes()[(at & 7) as usize];
        }
        Some(())
    }

    /// Writes bytes at a physical address, as the firmware or a loader does; `None` outside memory.
    ///
    /// All harts see them at once: the writer is the machine itself.
    pub(crate) fn write(&mut self, address: u64, bytes: &[u8]) -> Option<()> {
        let mut at = address;
        let mut rest = bytes;
        while !rest.is_empty() {
            let region = self
                .regions
                .iter()
                .position(|frames| at.wrapping_sub(frames.region.start) < frames.region.len)?;
            let frame = self.materialize(region, at);
            let start = (at & 7) as usize;
            let len = rest.len().min(8 - start);
            let mut word = self.frame(frame).word(word_of(at)).to_le_bytes();
            word[start..start + len].copy_from_slice(&rest[..len]);
            let frame = self.frame_mut(frame);
            frame.set_word(word_of(at), u64::from_le_bytes(word));
            frame.forget_code(word_of(at));
            rest = &rest[len..];
            at += len as u64;
        }
        self.generation += 1;
        Some(())
    }
}
