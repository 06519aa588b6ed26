//! The block function of `ChaCha20` (RFC 8439, 2.3). It works in words, so that a few stores wipe
//! what it leaves.

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A key: 32 bytes, as little-endian words.
pub(crate) type Key = [u32; 8];

/// 64 bytes of the cipher, as little-endian words; wiped on drop.
pub(crate) struct Block([u32; 16]);

impl Drop for Block {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for Block {}

impl Block {
    /// Computes a block.
    // A copy of it in each caller would be as long as the rest of the caller.
    #[inline(never)]
    pub(crate) fn new(key: &Key, counter: u32, nonce: [u32; 3]) -> Self {
        let [k0, k1, k2, k3, k4, k5, k6, k7] = *key;
        let [n0, n1, n2] = nonce;
        let [c0, c1, c2, c3] = CONSTANTS;
        let start = [c0, c1, c2, c3, k0, k1, k2, k3, k4, k5, k6, k7, counter, n0, n1, n2];
        let mut words = start;
        for _ in 0..10 {
            for [a, b, c, d] in COLUMNS {
                quarter_round(&mut words, a, b, c, d);
            }
            for [a, b, c, d] in DIAGONALS {
                quarter_round(&mut words, a, b, c, d);
            }
        }
        for (word, start) in words.iter_mut().zip(start) {
            *word = word.wrapping_add(start);
        }
        Self(words)
    }

    /// Returns the first half as a key.
    pub(crate) const fn key(&self) -> Key {
        let [k0, k1, k2, k3, k4, k5, k6, k7, ..] = self.0;
        [k0, k1, k2, k3, k4, k5, k6, k7]
    }

    /// Returns eight of the bytes as a number, the first byte the lowest.
    pub(crate) fn number(&self, index: usize) -> u64 {
        let half = |index: usize| self.0.get(index).copied().map_or(0, u64::from);
        half(2 * index) | half(2 * index + 1) << 32
    }
}

/// `expand 32-byte k`.
const CONSTANTS: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];
const COLUMNS: [[usize; 4]; 4] = [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15]];
const DIAGONALS: [[usize; 4]; 4] = [[0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14]];

/// RFC 8439, 2.1.
#[expect(clippy::inline_always, reason = "with known places, the words stay in registers")]
#[inline(always)]
const fn quarter_round(words: &mut [u32; 16], a: usize, b: usize, c: usize, d: usize) {
    words[a] = words[a].wrapping_add(words[b]);
    words[d] = (words[d] ^ words[a]).rotate_left(16);
    words[c] = words[c].wrapping_add(words[d]);
    words[b] = (words[b] ^ words[c]).rotate_left(12);
    words[a] = words[a].wrapping_add(words[b]);
    words[d] = (words[d] ^ words[a]).rotate_left(8);
    words[c] = words[c].wrapping_add(words[d]);
    words[b] = (words[b] ^ words[c]).rotate_left(7);
}

#[cfg(test)]
mod tests {
    extern crate std;

    use chacha20::ChaCha20;
    use chacha20::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek};
    use proptest::prelude::*;

    use super::Block;

    proptest! {
        #[test]
        fn a_block_is_that_of_rustcrypto(key: [u32; 8], counter: u32, nonce: [u32; 3]) {
            let bytes = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<std::vec::Vec<_>>();
            let mut cipher = ChaCha20::new_from_slices(&bytes(&key), &bytes(&nonce)).expect("their sizes are right");
            cipher.seek(u64::from(counter) * 64);
            let mut expected = [0; 64];
            // The last block but none can be taken: the counter must not overflow behind it.
            prop_assume!(cipher.try_apply_keystream(&mut expected).is_ok());
            let block = Block::new(&key, counter, nonce);
            prop_assert_eq!(&bytes(&block.0), &expected);
            prop_assert_eq!(&bytes(&block.key()), &expected[..32]);
            for (index, number) in expected.as_chunks().0.iter().enumerate() {
                prop_assert_eq!(block.number(index), u64::from_le_bytes(*number));
            }
        }
    }
}
