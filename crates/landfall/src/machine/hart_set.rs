//! Sets of harts.

use core::fmt;

use landfall_plan::harts::{HartIndex, MAX_HARTS};

use super::harts::LandingHart;
use super::landing::Landing;

const WORDS: usize = MAX_HARTS / 64;

/// A set of harts by their numbers, as a mask: bit `n` of word `n / 64` is hart number `n`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct HartSet {
    words: [u64; WORDS],
}

impl HartSet {
    /// Returns true if the hart is in the set.
    #[must_use]
    pub fn contains(&self, hart: HartIndex) -> bool {
        let word = self.words.get(hart.get() as usize / 64);
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
        self.words == [0; WORDS]
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
}

impl fmt::Debug for HartSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(HartIndex::get)).finish()
    }
}

impl Landing {
    /// Returns the harts that have landed, the boot hart included. The set does not grow after
    /// `main` has begun: the boot hart waits until each hart has landed or is skipped.
    #[must_use]
    pub fn online_harts(&self) -> HartSet {
        let mut set = HartSet { words: [0; WORDS] };
        let online = self.harts().filter(LandingHart::is_online);
        for hart in online.filter_map(|online| online.index) {
            if let Some(word) = set.words.get_mut(hart.get() as usize / 64) {
                *word |= 1 << (hart.get() % 64);
            }
        }
        set
    }
}
