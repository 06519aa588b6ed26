//! Frames that walks can reach as tables.

use super::{Memory, Past, WORDS, word_of};

impl Memory {
    /// Marks the frame as one of tables, and each that its pointers reach.
    pub(crate) fn mark_tables(&mut self, address: u64) {
        let Some(id) = self.frame_at(address) else { return };
        let frame = &mut self.frames[id.index()];
        if frame.is_table() {
            return;
        }
        frame.mark_table();
        self.generation += 1;
        if self.keeps_tables {
            let (stores, _) = self.log.of_frame(frame.last_time());
            for (time, entry) in stores.iter().rev() {
                frame.remember(word_of(entry.word), Past::of(*time, entry));
            }
            for word in 0..WORDS {
                let entry = self.frames[id.index()].word(word);
                self.mark_table_of(entry);
            }
        }
    }

    /// Marks the table that an entry points to, if it points to one.
    pub(super) fn mark_table_of(&mut self, entry: u64) {
        // V is set, R, W and X are clear: a pointer. Anything else reaches no table.
        if entry & 0xf == 1 && entry >> 54 == 0 {
            self.mark_tables(entry >> 10 << 12);
        }
    }
}
