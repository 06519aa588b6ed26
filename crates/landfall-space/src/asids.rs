//! The numbers of address spaces that are in use.

use landfall_paging::{Entry, Frames, PhysAddr, TableMemory, TableReader};

use crate::asid::Asid;
use crate::error::SpaceError;

/// Words in a frame.
const WORDS: usize = 512;
/// The most bits of an ASID.
const MOST_BITS: u32 = 16;
/// Frames for a bit for each ASID of [`MOST_BITS`].
const FRAMES: usize = (1 << MOST_BITS) / 64 / WORDS;

/// The ASIDs that are in use: one bit for each, in frames that are taken when they are needed. A
/// kernel without user address spaces has none.
#[derive(Debug)]
pub(crate) struct Asids {
    frames: [Option<PhysAddr>; FRAMES],
    /// There are `1 << bits`.
    bits: u32,
    /// The word in which the search begins.
    next: usize,
}

impl Asids {
    pub(crate) const fn new(bits: u32) -> Self {
        Self { frames: [None; FRAMES], bits: if bits > MOST_BITS { MOST_BITS } else { bits }, next: 0 }
    }

    /// Takes an ASID that no address space has. Without ASIDs in the harts, that is the kernel's.
    ///
    /// # Errors
    /// [`SpaceError::OutOfAsids`] if all are in use, and [`SpaceError::OutOfFrames`].
    pub(crate) fn take(
        &mut self,
        memory: &mut (impl TableReader + TableMemory),
        frames: &mut impl Frames,
    ) -> Result<Asid, SpaceError> {
        if self.bits == 0 {
            return Ok(Asid::KERNEL);
        }
        let count = 1_usize << self.bits;
        let words = count.div_ceil(64);
        let room = if count < 64 { (1 << count) - 1 } else { u64::MAX };
        for step in 0..words {
            let word = (self.next + step) % words;
            let at = self.place(word, memory, frames)?;
            let used = memory.read(at).bits();
            if used & room != room {
                let bit = used.trailing_ones();
                memory.write_run(at, Entry::from_bits(used | 1 << bit), 0, 1);
                self.next = word;
                return u16::try_from(word * 64 + bit as usize).map(Asid).map_err(|_| SpaceError::OutOfAsids);
            }
        }
        Err(SpaceError::OutOfAsids)
    }

    /// Takes an ASID back whose translations no hart keeps.
    pub(crate) fn give_back(&mut self, asid: Asid, memory: &mut (impl TableReader + TableMemory)) {
        let word = usize::from(asid.0) / 64;
        if asid != Asid::KERNEL
            && let Some(frame) = self.frames[word / WORDS]
        {
            let at = frame.wrapping_add((word % WORDS * 8) as u64);
            let used = memory.read(at).bits();
            memory.write_run(at, Entry::from_bits(used & !(1 << (asid.0 % 64))), 0, 1);
        }
    }

    /// Returns the place of a word. A frame that is taken for it holds no ASID in use, but for that
    /// of the kernel.
    fn place(
        &mut self,
        word: usize,
        memory: &mut (impl TableReader + TableMemory),
        frames: &mut impl Frames,
    ) -> Result<PhysAddr, SpaceError> {
        let index = word / WORDS;
        let frame = if let Some(frame) = self.frames[index] {
            frame
        } else {
            let frame = frames.take().ok_or(SpaceError::OutOfFrames)?;
            memory.write_invalid(frame, WORDS);
            if index == 0 {
                memory.write_run(frame, Entry::from_bits(1), 0, 1);
            }
            self.frames[index] = Some(frame);
            frame
        };
        Ok(frame.wrapping_add((word % WORDS * 8) as u64))
    }
}
