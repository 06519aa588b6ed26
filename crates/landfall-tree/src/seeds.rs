//! Entropy that a boot loader hands over in `/chosen`: `kaslr-seed` (8 bytes) and `rng-seed` (any number of bytes).
//!
//! They are mixed by one block of `ChaCha20` (RFC 8439): `rng-seed`, folded to 32 bytes, is the key, and `kaslr-seed` the nonce. Of the 64
//! bytes that come out, 8 choose the linear map's place, 8 the kernel's, 8 its place in physical memory, 8 are spare, and 32 go to the kernel. The
//! seeds are taken out of the tree, so that who reads it later cannot compute the addresses.

use core::fmt;

use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit, StreamCipher};
use landfall_plan::{Draws, Seed, SeedSource};
use zeroize::{Zeroize, ZeroizeOnDrop};

const NOP: [u8; 4] = 4u32.to_be_bytes();

/// Where in the tree a seed lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeedPlace {
    offset: usize,
    size: usize,
}

impl SeedPlace {
    /// The value of a property, `offset` bytes into the tree.
    #[must_use]
    pub const fn new(offset: usize, size: usize) -> Self {
        Self { offset, size }
    }

    fn value(self, tree: &[u8]) -> &[u8] {
        tree.get(self.offset..).and_then(|rest| rest.get(..self.size)).unwrap_or_default()
    }

    /// Overwrites the whole property, its header of 12 bytes included, with NOP tokens: nobody finds a seed of zeros later.
    fn wipe(self, tree: &mut [u8]) {
        let end = self.offset.saturating_add(self.size).next_multiple_of(4);
        if let Some(property) = tree.get_mut(self.offset.saturating_sub(12)..end) {
            property.as_chunks_mut().0.iter_mut().for_each(|word| *word = NOP);
        }
    }
}

/// The seeds of a tree.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seeds {
    /// `/chosen/kaslr-seed`.
    pub kaslr: Option<SeedPlace>,
    /// `/chosen/rng-seed`.
    pub rng: Option<SeedPlace>,
}

/// Random numbers from the seeds; wiped on drop.
pub struct Entropy {
    /// For the landing.
    pub draws: Draws,
    /// For the kernel. It depends on all seeds; nothing that is reported depends on it.
    pub kernel: [u64; 4],
}

impl Drop for Entropy {
    fn drop(&mut self) {
        self.kernel.zeroize();
    }
}

impl ZeroizeOnDrop for Entropy {}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy { .. }")
    }
}

impl Seeds {
    /// Takes the seeds out of the tree. `None` where there is none, or only zeros, which is what some loaders leave behind.
    #[must_use]
    pub fn take(self, tree: &mut [u8]) -> Option<Entropy> {
        let (kaslr, rng) = self.values(tree);
        let entropy = Entropy::from_seeds(kaslr, rng);
        [self.kaslr, self.rng].into_iter().flatten().for_each(|place| place.wipe(tree));
        entropy
    }

    /// The bytes of `kaslr-seed` and `rng-seed`.
    #[must_use]
    pub fn values(self, tree: &[u8]) -> (Option<&[u8]>, Option<&[u8]>) {
        (self.kaslr.map(|place| place.value(tree)), self.rng.map(|place| place.value(tree)))
    }
}

impl Entropy {
    /// What seeds give, wherever they lie. `None` where there is none, or only zeros.
    #[must_use]
    pub fn from_seeds(kaslr: Option<&[u8]>, rng: Option<&[u8]>) -> Option<Self> {
        let (mut key, mut nonce) = ([0; 32], [0; 12]);
        fold(&mut key, rng.unwrap_or_default());
        fold(&mut nonce, kaslr.unwrap_or_default());
        let source = match (nonce != [0; 12], key != [0; 32]) {
            (true, true) => SeedSource::KASLR_SEED.and(SeedSource::RNG_SEED),
            (true, false) => SeedSource::KASLR_SEED,
            (false, true) => SeedSource::RNG_SEED,
            (false, false) => return None,
        };
        let seed = Seed { source, bits: seed_bits([kaslr, rng]) };
        let mut blocks = [0; 128];
        ChaCha20::new(&key.into(), &nonce.into()).apply_keystream(&mut blocks);
        let (words, _) = blocks.as_chunks::<8>();
        let word = |index: usize| u64::from_le_bytes(words[index]);
        let entropy = Self {
            draws: Draws::from_words(core::array::from_fn(word), seed),
            kernel: core::array::from_fn(|index| word(8 + index)),
        };
        key.zeroize();
        nonce.zeroize();
        blocks.zeroize();
        Some(entropy)
    }
}

/// Returns the most bits that these seeds can hold.
fn seed_bits(seeds: [Option<&[u8]>; 2]) -> u32 {
    let bytes: usize = seeds.into_iter().flatten().map(<[u8]>::len).sum();
    u32::try_from(bytes).map_or(256, |bytes| bytes.min(32) * 8)
}

/// Folds a seed of any length into `into`, so that every byte counts.
fn fold(into: &mut [u8], seed: &[u8]) {
    for part in seed.chunks(into.len()) {
        into.iter_mut().zip(part).for_each(|(into, byte)| *into ^= byte);
    }
}
