//! The `device_type` of a node, by tokens: each child of the root is asked for it, and few have
//! one.

use super::text::text;
use super::validate::{NOP, PROP, Tree};

impl<'a> Tree<'a> {
    /// Returns the `device_type` of the node whose name this is; empty if it has none. `name`
    /// belongs to the tree.
    pub(super) fn device_type(self, name: &str) -> &'a [u8] {
        const NAME: &[u8] = b"device_type\0";
        let strings = self.bytes.get(self.word(0x0c) as usize..).unwrap_or_default();
        let mut at = (self.offset_of(name.as_bytes()) + name.len() + 1).next_multiple_of(4);
        loop {
            match self.word(at) {
                NOP => at += 4,
                PROP => {
                    let (size, name) = (self.word(at + 4) as usize, self.word(at + 8) as usize);
                    let name = strings.get(name..).unwrap_or_default();
                    // Most names have another first letter.
                    if name.first() == NAME.first() && name.starts_with(NAME) {
                        let value = self.bytes.get(at + 12..).and_then(|rest| rest.get(..size));
                        return text(value.unwrap_or_default());
                    }
                    at += 12 + size.next_multiple_of(4);
                }
                _ => return &[],
            }
        }
    }

    fn word(self, at: usize) -> u32 {
        let word = self.bytes.get(at..).and_then(<[u8]>::first_chunk);
        word.map_or(0, |word| u32::from_be_bytes(*word))
    }
}
