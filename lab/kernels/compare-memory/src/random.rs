//! The order of the work.

/// Numbers that look random: `SplitMix64`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// Returns a number below `limit`, each about as often.
    pub(crate) const fn below(&mut self, limit: u64) -> u64 {
        scale(self.next(), limit)
    }
}

/// Returns a hash of a word.
pub(crate) const fn mix(word: u64) -> u64 {
    let z = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// Maps all words to the numbers below `limit`.
pub(crate) const fn scale(word: u64, limit: u64) -> u64 {
    ((word as u128 * limit as u128) >> 64) as u64
}
