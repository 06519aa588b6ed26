//! Sets of harts that change while harts run.

use core::sync::atomic::{AtomicU64, Ordering, fence};

use landfall_plan::harts::MAX_HARTS;

use crate::hart::{HartIndex, HartSet};

const WORDS: usize = MAX_HARTS / 64;

/// A set of harts. The caller chooses the order, as for an atomic.
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
        set.iter().for_each(|hart| mask.insert(hart, Ordering::Relaxed));
        mask
    }

    /// Adds the calling hart, which never leaves the set, before it walks tables. Returns true if
    /// it is new.
    ///
    /// The hart fences after that, and another hart changes tables before [`HartMask::to_fence`].
    /// They cannot both miss the other.
    pub(crate) fn join(&self, hart: HartIndex) -> bool {
        if self.contains(hart, Ordering::Relaxed) {
            return false;
        }
        self.insert(hart, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        true
    }

    /// Returns the harts that must fence what the calling hart has stored: a hart that joins later
    /// sees it.
    pub(crate) fn to_fence(&self) -> HartSet {
        fence(Ordering::SeqCst);
        self.load(Ordering::Relaxed)
    }

    pub(crate) fn insert(&self, hart: HartIndex, order: Ordering) {
        let (word, bit) = place(hart);
        self.words[word].fetch_or(bit, order);
    }

    pub(crate) fn remove(&self, hart: HartIndex, order: Ordering) {
        let (word, bit) = place(hart);
        self.words[word].fetch_and(!bit, order);
    }

    pub(crate) fn contains(&self, hart: HartIndex, order: Ordering) -> bool {
        let (word, bit) = place(hart);
        self.words[word].load(order) & bit != 0
    }

    pub(crate) fn load(&self, order: Ordering) -> HartSet {
        HartSet::from_words(core::array::from_fn(|word| self.words[word].load(order)))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a hart's number is below MAX_HARTS")]
const fn place(hart: HartIndex) -> (usize, u64) {
    (hart.get() as usize / 64 % WORDS, 1 << (hart.get() % 64))
}
