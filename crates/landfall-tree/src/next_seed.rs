//! The seeds of a next kernel, from a secret of the one that runs. The way back is as hard as
//! breaking `ChaCha20`.
//!
//! ```text
//! 64 bytes = ChaCha20(secret, nonce "next kernel")
//! the first 32 replace the secret; the others are the seed
//! ```

use core::array;
use core::fmt;

use landfall_plan::randomness::Seed;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::chacha::Block;

/// Bytes of a seed at most.
const SIZE: usize = 32;
/// Bytes of a `kaslr-seed`.
const KASLR: usize = 8;
/// Separates this use of the cipher from all others: the bytes `next kernel`, and a zero.
const NONCE: [u32; 3] = [0x7478_656e, 0x7265_6b20, 0x006c_656e];

/// The secret from which seeds of next kernels come. Wiped on drop.
pub struct SeedSecret {
    words: [u64; 4],
    bits: u32,
}

impl SeedSecret {
    /// The secret of these words, with so many bits of entropy at most.
    #[must_use]
    pub fn new(words: [u64; 4], bits: u32) -> Self {
        Self { words, bits: bits.min(Seed::MAX_BITS) }
    }

    /// Returns a seed, and replaces the secret: neither it nor the seeds before follow from what is
    /// left.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a word of the key is half of a number")]
    pub fn next_seed(&mut self) -> NextSeed {
        let mut key = array::from_fn(|index| (self.words[index / 2] >> (index % 2 * 32)) as u32);
        let block = Block::new(&key, 0, NONCE);
        key.zeroize();
        let mut seed = NextSeed { bytes: [0; SIZE], bits: self.bits };
        for (index, bytes) in seed.bytes.as_chunks_mut().0.iter_mut().enumerate() {
            *bytes = block.number(4 + index).to_le_bytes();
        }
        self.words = array::from_fn(|index| block.number(index));
        seed
    }

    /// Returns the words of the secret.
    #[must_use]
    pub const fn words(&self) -> [u64; 4] {
        self.words
    }
}

impl Drop for SeedSecret {
    fn drop(&mut self) {
        self.words.zeroize();
    }
}

impl ZeroizeOnDrop for SeedSecret {}

impl fmt::Debug for SeedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeedSecret").field("bits", &self.bits).finish_non_exhaustive()
    }
}

/// The seed of a next kernel, wiped on drop. It has as many bits as its secret: a tree with more
/// bytes of seeds would promise more than there is.
///
/// ```
/// use landfall_tree::SeedSecret;
///
/// let mut secret = SeedSecret::new([1, 2, 3, 4], 256);
/// let (one, other) = (secret.next_seed(), secret.next_seed());
/// assert_eq!((one.kaslr_seed().len(), one.rng_seed().len()), (8, 24));
/// assert_ne!(one.kaslr_seed(), other.kaslr_seed());
///
/// // A `kaslr-seed` has 64 bits, and so has what comes from it.
/// let mut secret = SeedSecret::new([1, 2, 3, 4], 64);
/// assert!(secret.next_seed().rng_seed().is_empty());
/// ```
pub struct NextSeed {
    bytes: [u8; SIZE],
    bits: u32,
}

impl NextSeed {
    /// Returns the value of `/chosen/kaslr-seed`: 8 bytes, or fewer if there are fewer than 64
    /// bits.
    #[must_use]
    pub fn kaslr_seed(&self) -> &[u8] {
        self.bytes.get(..self.size().min(KASLR)).unwrap_or_default()
    }

    /// Returns the value of `/chosen/rng-seed`: the other bytes.
    #[must_use]
    pub fn rng_seed(&self) -> &[u8] {
        self.bytes.get(KASLR..self.size()).unwrap_or_default()
    }

    fn size(&self) -> usize {
        (self.bits / 8) as usize
    }
}

impl Drop for NextSeed {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl ZeroizeOnDrop for NextSeed {}

impl fmt::Debug for NextSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NextSeed").field("bits", &self.bits).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::vec::Vec;

    use super::*;

    /// RFC 8439's block function, written out.
    fn block(key: [u8; 32], nonce: [u8; 12]) -> [u8; 64] {
        let word = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().expect("four bytes"));
        let constants = *b"expand 32-byte k";
        let input: Vec<u32> = constants
            .chunks(4)
            .chain(key.chunks(4))
            .map(word)
            .chain([0])
            .chain(nonce.chunks(4).map(word))
            .collect();
        let mut state: Vec<u32> = input.clone();
        let mut quarter = |a: usize, b: usize, c: usize, d: usize| {
            for (x, y, z, turn) in [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)] {
                state[x] = state[x].wrapping_add(state[y]);
                state[z] = (state[z] ^ state[x]).rotate_left(turn);
            }
        };
        for _ in 0..10 {
            for column in 0..4 {
                quarter(column, column + 4, column + 8, column + 12);
            }
            for column in 0..4 {
                quarter(column, (column + 1) % 4 + 4, (column + 2) % 4 + 8, (column + 3) % 4 + 12);
            }
        }
        let sum =
            state.iter().zip(&input).flat_map(|(state, input)| state.wrapping_add(*input).to_le_bytes());
        sum.collect::<Vec<_>>().try_into().expect("64 bytes")
    }

    #[test]
    fn secret_and_seed_are_one_block_of_chacha() {
        let mut secret = SeedSecret::new([1, 2, 3, 4], 256);
        let mut key = [0; 32];
        for (place, number) in key.iter_mut().step_by(8).zip(1..) {
            *place = number;
        }
        for _ in 0..3 {
            let expected = block(key, *b"next kernel\0");
            let seed = secret.next_seed();
            assert_eq!([seed.kaslr_seed(), seed.rng_seed()].concat(), expected[32..]);
            key.copy_from_slice(&expected[..32]);
        }
    }

    #[test]
    fn a_seed_promises_no_more_bits_than_its_secret_has() {
        for (bits, sizes) in [(0, (0, 0)), (15, (1, 0)), (64, (8, 0)), (100, (8, 4)), (1000, (8, 24))] {
            let seed = SeedSecret::new([7; 4], bits).next_seed();
            assert_eq!((seed.kaslr_seed().len(), seed.rng_seed().len()), sizes, "{bits}");
        }
    }
}
