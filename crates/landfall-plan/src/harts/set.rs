//! Sets of harts.

use core::fmt;

use super::{HartIndex, MAX_HARTS};

const WORDS: usize = MAX_HARTS / 64;

/// A set of harts by their numbers, as a mask: bit `n` of word `n / 64` is hart number `n`.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct HartSet {
    words: [u64; WORDS],
}

impl HartSet {
    /// The set without any hart.
    pub const EMPTY: Self = Self { words: [0; WORDS] };

    /// Returns the set of a mask, the lowest numbers first.
    #[must_use]
    pub const fn from_words(words: [u64; WORDS]) -> Self {
        Self { words }
    }

    /// Adds a hart. A number beyond [`MAX_HARTS`] is left out.
    pub fn insert(&mut self, hart: HartIndex) {
        if let Some((word, bit)) = self.place(hart) {
            *word |= bit;
        }
    }

    /// Removes a hart. Returns true if it was in the set.
    pub fn remove(&mut self, hart: HartIndex) -> bool {
        let Some((word, bit)) = self.place(hart) else { return false };
        let was_there = *word & bit != 0;
        *word &= !bit;
        was_there
    }

    /// Returns true if the hart is in the set.
    #[must_use]
    pub fn contains(&self, hart: HartIndex) -> bool {
        let word = usize::try_from(hart.get() / 64).ok().and_then(|word| self.words.get(word));
        word.is_some_and(|word| word >> (hart.get() % 64) & 1 == 1)
    }

    /// Returns the number of harts in the set.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Returns true if no hart is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        // A comparison with an array would be a call, byte by byte.
        self.words.iter().all(|word| *word == 0)
    }

    /// Returns the harts in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = HartIndex> + '_ {
        (0..MAX_HARTS as u64).map(HartIndex::new).filter(|hart| self.contains(*hart))
    }

    /// Returns the mask in words of 64 harts, the lowest numbers first.
    #[must_use]
    pub const fn words(&self) -> &[u64] {
        &self.words
    }

    fn place(&mut self, hart: HartIndex) -> Option<(&mut u64, u64)> {
        let word = usize::try_from(hart.get() / 64).ok()?;
        Some((self.words.get_mut(word)?, 1 << (hart.get() % 64)))
    }
}

impl FromIterator<HartIndex> for HartSet {
    fn from_iter<T: IntoIterator<Item = HartIndex>>(harts: T) -> Self {
        let mut set = Self::EMPTY;
        harts.into_iter().for_each(|hart| set.insert(hart));
        set
    }
}

impl fmt::Debug for HartSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(HartIndex::get)).finish()
    }
}
