//! Sets of harts that change while harts run.

use core::sync::atomic::{AtomicU64, Ordering};

use landfall_plan::harts::MAX_HARTS;

use crate::hart::{HartIndex, HartSet};

const WORDS: usize = MAX_HARTS / 64;

/// A set of harts. Every operation is sequentially consistent. One hart enters the set and then
/// fences, another changes a table and then reads the set: they cannot both miss the other.
#[derive(Debug)]
pub(crate) struct HartMask {
    words: [AtomicU64; WORDS],
}

impl HartMask {
    pub(crate) const fn new() -> Self {
        Self { words: [const { AtomicU64::new(0) }; WORDS] }
    }

    pub(crate) fn of(set: &HartSet) -> Self {
        let mask = Self::new();
        set.iter().for_each(|hart| _ = mask.insert(hart));
        mask
    }

    /// Adds a hart. Returns true if it was not in the set.
    pub(crate) fn insert(&self, hart: HartIndex) -> bool {
        let (word, bit) = place(hart);
        self.words[word].fetch_or(bit, Ordering::SeqCst) & bit == 0
    }

    pub(crate) fn remove(&self, hart: HartIndex) {
        let (word, bit) = place(hart);
        self.words[word].fetch_and(!bit, Ordering::SeqCst);
    }

    pub(crate) fn contains(&self, hart: HartIndex) -> bool {
        let (word, bit) = place(hart);
        self.words[word].load(Ordering::SeqCst) & bit != 0
    }

    pub(crate) fn load(&self) -> HartSet {
        HartSet::from_words(core::array::from_fn(|word| self.words[word].load(Ordering::SeqCst)))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a hart's number is below MAX_HARTS")]
const fn place(hart: HartIndex) -> (usize, u64) {
    (hart.get() as usize / 64 % WORDS, 1 << (hart.get() % 64))
}
