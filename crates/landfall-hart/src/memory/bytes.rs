//! The bytes of an access: some of one 8-byte word.

use super::frame::{FrameId, word_of};

/// Bytes of a word. RVWMO orders accesses by bytes: those of one word that share none are as
/// unordered as those of two words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bytes {
    /// The frame.
    pub(crate) frame: FrameId,
    /// The index of the 8-byte word in the frame.
    pub(crate) word: usize,
    /// The bytes, as bits of the word.
    pub(crate) mask: u64,
}

impl Bytes {
    /// Returns `size` bytes (1, 2, 4 or 8) from an address on, which is a multiple of `size`.
    #[inline]
    pub(crate) const fn new(frame: FrameId, address: u64, size: u64) -> Self {
        Self { frame, word: word_of(address), mask: ones(size) << shift(address) }
    }

    /// Returns true if both have a byte in common.
    #[inline]
    pub(crate) fn overlap(self, other: Self) -> bool {
        self.frame == other.frame && self.word == other.word && self.mask & other.mask != 0
    }
}

/// Returns the number of bits that precede an address's byte in its word.
#[inline]
pub(crate) const fn shift(address: u64) -> u64 {
    8 * (address & 7)
}

/// Returns a mask of `size` bytes.
#[inline]
pub(crate) const fn ones(size: u64) -> u64 {
    u64::MAX >> (64 - 8 * size)
}
