//! The places that relocation writes, as a set.
//!
//! A word of RELR lists up to 63 slots. They are kept as bits of blocks of 64 words, so the set
//! takes at most four times the table's bytes, for any table.

use crate::units::Address;

const WORD: u64 = 8;
const BLOCK: u64 = 64 * WORD;

/// A set of places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slots {
    /// Aligned blocks, by number, with a bit for each word.
    blocks: Vec<(u64, u64)>,
    /// Places that are no multiple of 8.
    misaligned: Vec<u64>,
}

impl Slots {
    /// The set of `places`.
    pub(crate) fn of(places: impl IntoIterator<Item = u64>) -> Self {
        let mut slots = Self::default();
        for place in places {
            if !place.is_multiple_of(WORD) {
                slots.misaligned.push(place);
                continue;
            }
            let (block, bit) = (place / BLOCK, 1 << (place % BLOCK / WORD));
            match slots.blocks.last_mut() {
                Some((last, bits)) if *last == block => *bits |= bit,
                _ => slots.blocks.push((block, bit)),
            }
        }
        slots.misaligned.sort_unstable();
        slots.misaligned.dedup();
        slots.blocks.sort_unstable();
        slots.blocks.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 |= next.1;
            }
            same
        });
        slots
    }

    /// Returns true if the set is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.blocks.is_empty() && self.misaligned.is_empty()
    }

    /// Returns their number.
    #[must_use]
    pub fn count(&self) -> u64 {
        let aligned: u64 = self.blocks.iter().map(|(_, bits)| u64::from(bits.count_ones())).sum();
        aligned + self.misaligned.len() as u64
    }

    /// Returns true if `place` is the first byte of a slot.
    #[must_use]
    pub fn contains(&self, place: Address) -> bool {
        if !place.0.is_multiple_of(WORD) {
            return self.misaligned.binary_search(&place.0).is_ok();
        }
        let block = self.blocks.binary_search_by_key(&(place.0 / BLOCK), |(block, _)| *block);
        block.is_ok_and(|index| self.blocks[index].1 >> (place.0 % BLOCK / WORD) & 1 != 0)
    }

    /// The first slot of which a byte lies in the `size` bytes from `start` on.
    #[must_use]
    pub fn first_in(&self, start: Address, size: u64) -> Option<Address> {
        let (low, end) = (start.0.saturating_sub(WORD - 1), start.0.saturating_add(size));
        let index = self.misaligned.partition_point(|&place| place < low);
        let misaligned = self.misaligned.get(index).copied().filter(|&place| place < end);
        let aligned = self.first_aligned(low).filter(|&place| place < end);
        misaligned.into_iter().chain(aligned).min().map(Address)
    }

    /// The first aligned slot from `low` on.
    fn first_aligned(&self, low: u64) -> Option<u64> {
        let low = low.checked_next_multiple_of(WORD)?;
        let index = self.blocks.partition_point(|(block, _)| *block < low / BLOCK);
        self.blocks[index..].iter().take(2).find_map(|&(block, bits)| {
            let passed = if block == low / BLOCK { low % BLOCK / WORD } else { 0 };
            let left = bits >> passed << passed;
            (left != 0).then(|| block * BLOCK + u64::from(left.trailing_zeros()) * WORD)
        })
    }

    /// All, those that are aligned first, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = Address> {
        let aligned = self.blocks.iter().flat_map(|&(block, bits)| {
            let set = (0..64).filter(move |bit| bits >> bit & 1 != 0);
            set.map(move |bit| Address(block * BLOCK + bit * WORD))
        });
        aligned.chain(self.misaligned.iter().map(|&place| Address(place)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_set_holds_what_was_put_in_and_nothing_else(
            places in proptest::collection::vec(0_u64..4096, 0..200),
            start in 0_u64..5000,
            size in 1_u64..600,
        ) {
            let slots = Slots::of(places.iter().copied());
            let model: std::collections::BTreeSet<_> = places.into_iter().collect();
            let listed: std::collections::BTreeSet<_> = slots.iter().map(|place| place.0).collect();
            prop_assert_eq!(&listed, &model);
            prop_assert_eq!(slots.count(), model.len() as u64);
            for place in 0..4200 {
                prop_assert_eq!(slots.contains(Address(place)), model.contains(&place));
            }
            let touched = model.iter().copied().find(|&place| place + 8 > start && place < start + size);
            prop_assert_eq!(slots.first_in(Address(start), size).map(|place| place.0), touched);
        }
    }
}
