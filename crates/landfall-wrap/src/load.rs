//! The kernel in memory, at its place.

use landfall_paging::VirtAddr;

use crate::inner::Inner;
use crate::refusal::Refusal;

impl Inner<'_> {
    /// Copies the segments into `memory`, zeroes the rest, and relocates for a span that starts at
    /// `to`. `memory` has the size of the [span](Self::span).
    ///
    /// # Errors
    /// W25 if `to` is no place of the kernel, W26 if the memory has another size. Nothing was
    /// written then.
    pub fn load(&self, memory: &mut [u8], to: VirtAddr) -> Result<(), Refusal> {
        let span = self.span();
        self.check_place(to)?;
        if usize::try_from(span.size()) != Ok(memory.len()) {
            return Err(Refusal::MemorySize { wanted: span.size(), found: memory.len() });
        }
        memory.fill(0);
        let offset =
            |at: VirtAddr| usize::try_from(at.wrapping_offset_from(span.start())).unwrap_or(usize::MAX);
        for part in self.parts.as_slice() {
            let place = memory.get_mut(offset(part.virt.start())..);
            let place = place.and_then(|place| place.get_mut(..part.contents.len()));
            if let Some(place) = place {
                place.copy_from_slice(part.contents);
            }
        }
        let apart = to.wrapping_offset_from(span.start());
        let mut write = |slot: VirtAddr, value: &dyn Fn(u64) -> u64| {
            let word = memory.get_mut(offset(slot)..).and_then(<[u8]>::first_chunk_mut);
            if let Some(word) = word {
                *word = value(u64::from_le_bytes(*word)).to_le_bytes();
            }
        };
        // RELR comes first: it adds to the file's own bytes. The rules checked those.
        for slot in self.tables.relr_slots() {
            write(slot, &|word| word.wrapping_add(apart));
        }
        for (slot, target) in self.tables.rela_slots() {
            write(slot, &|_| target.get().wrapping_add(apart));
        }
        Ok(())
    }
}
