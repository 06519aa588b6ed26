//! RELR: the compact table of the slots that `rebase` adds to.
//!
//! Source: ELF gABI, "Relative Relocation Table". An even word is the address of a slot. An odd
//! word is a bitmap: bit `i` (1 to 63) stands for the `i`-th 8-byte slot behind those already
//! listed. Addresses are as linked.
//!
//! ```
//! use landfall_image::relr::{Slots, count};
//!
//! // A slot at 0x1000, and the two that follow it.
//! let table = [0x1000, 0b111];
//! assert!(Slots::new(table.into_iter()).eq([0x1000, 0x1008, 0x1010]));
//! assert_eq!(count(table.into_iter()), 3);
//! ```

/// The most slots that one bitmap lists.
const BITMAP_SLOTS: u64 = 63;

/// The slots of a RELR table, in ascending order if the table is sound.
///
/// A bitmap without an address before it lists slots from address 0 on, as the format requires.
#[derive(Clone, Debug)]
pub struct Slots<W> {
    words: W,
    bitmap: u64,
    next: u64,
}

impl<W: Iterator<Item = u64>> Slots<W> {
    /// The slots that `words` list.
    pub const fn new(words: W) -> Self {
        Self { words, bitmap: 0, next: 0 }
    }
}

impl<W: Iterator<Item = u64>> Iterator for Slots<W> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        loop {
            // `bitmap` holds the rest of the current one, without its marker. `next` is the slot of
            // its lowest bit, and moves on after the 63 bits.
            if self.bitmap != 0 {
                let bit = u64::from(self.bitmap.trailing_zeros());
                self.bitmap &= self.bitmap - 1;
                return Some(self.next.wrapping_sub((BITMAP_SLOTS - bit) * 8));
            }
            let word = self.words.next()?;
            if word & 1 == 0 {
                self.next = word.wrapping_add(8);
                return Some(word);
            }
            self.bitmap = word >> 1;
            self.next = self.next.wrapping_add(BITMAP_SLOTS * 8);
        }
    }
}

/// The words of the table that lists these slots, each of which is a multiple of 8 and higher than
/// the one before it.
///
/// ```
/// use landfall_image::relr::{Slots, Words};
///
/// let slots = [0x1000, 0x1008, 0x1010, 0x9000];
/// let words = Words::of(slots.into_iter());
/// assert!(words.clone().eq([0x1000, 0b111, 0x9000]));
/// assert!(Slots::new(words).eq(slots));
/// ```
#[derive(Clone, Debug)]
pub struct Words<S: Iterator<Item = u64>> {
    slots: core::iter::Peekable<S>,
    /// The slot that bit 1 of the next bitmap would stand for.
    next: Option<u64>,
}

impl<S: Iterator<Item = u64>> Words<S> {
    /// The words for `slots`.
    pub fn of(slots: S) -> Self {
        Self { slots: slots.peekable(), next: None }
    }
}

impl<S: Iterator<Item = u64>> Iterator for Words<S> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        if let Some(start) = self.next {
            let end = start.wrapping_add(BITMAP_SLOTS * 8);
            let mut bitmap = 0;
            while let Some(slot) = self.slots.next_if(|&slot| slot.wrapping_sub(start) < BITMAP_SLOTS * 8) {
                bitmap |= 1 << (1 + (slot.wrapping_sub(start) / 8));
            }
            if bitmap != 0 {
                self.next = Some(end);
                return Some(bitmap | 1);
            }
        }
        let slot = self.slots.next()?;
        self.next = Some(slot.wrapping_add(8));
        Some(slot)
    }
}

/// Returns the number of slots that a table lists, without walking them.
pub fn count(words: impl Iterator<Item = u64>) -> u64 {
    words.map(|word| if word & 1 == 0 { 1 } else { u64::from((word >> 1).count_ones()) }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_bitmaps_tell_of_slots() {
        // Bits 1 and 63 of the first bitmap, bit 1 of the second.
        let words = [0x1000, 1 | 1 << 1 | 1 << 63, 1 | 1 << 1, 0x8000];
        let slots: [u64; 5] = [0x1000, 0x1008, 0x1008 + 62 * 8, 0x1008 + 63 * 8, 0x8000];
        assert!(Slots::new(words.into_iter()).eq(slots));
        assert_eq!(count(words.into_iter()), 5);
    }

    #[test]
    fn hostile_tables_do_not_panic() {
        let words = [u64::MAX, u64::MAX - 1, u64::MAX, 0, u64::MAX];
        assert_eq!(Slots::new(words.into_iter()).count(), 63 + 1 + 63 + 1 + 63);
    }
}
