//! From seeds to random numbers, by the block function of `ChaCha20` (RFC 8439) alone.
//!
//! ```text
//! key = 0
//! for each 32 bytes of all seeds but the last:  key = ChaCha20(key XOR bytes, nonce 0), 32 bytes
//! 128 bytes = ChaCha20(key XOR last bytes, nonce = lengths of kaslr-seed, rng-seed, generator)
//! ```
//!
//! Each part of the seeds is a key, or part of one, and the output of one part hides the next. So
//! equal parts do not cancel, and every byte counts. The lengths in the last nonce separate seeds
//! that differ only in their border. 64 bytes are draws, 32 go to the kernel, and the last 32 are
//! the secret from which the seeds of next kernels come ([`SeedSecret`](crate::SeedSecret)).

use core::array;
use core::fmt;

use landfall_plan::Draws;
use landfall_plan::randomness::{Seed, SeedSource};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::chacha::{Block, Key};

/// Bytes of a key.
const KEY: usize = size_of::<Key>();

/// Random numbers from the seeds; wiped on drop.
pub struct Entropy {
    /// For the landing.
    pub draws: Draws,
    kernel: [u64; 4],
    secret: [u64; 4],
}

impl Drop for Entropy {
    fn drop(&mut self) {
        self.kernel.zeroize();
        self.secret.zeroize();
    }
}

impl ZeroizeOnDrop for Entropy {}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy { .. }")
    }
}

impl Entropy {
    /// Mixes seeds, each with its source. The order of the sources is that of [`SeedSource`]'s
    /// constants. Returns `None` if all are empty or zeros.
    #[must_use]
    pub fn mix<'a>(seeds: impl IntoIterator<Item = (SeedSource, &'a [u8])>) -> Option<Self> {
        let mut mixer = Mixer { key: [0; 8], filled: 0, kaslr: 0, rng: 0, zkr: 0 };
        // A loop over `next` of these chains takes more than the seeds do.
        seeds.into_iter().filter(|(_, seed)| seed.iter().any(|byte| *byte != 0)).for_each(
            |(source, seed)| {
                *mixer.length(source) += seed.len();
                mixer.absorb(seed);
            },
        );
        mixer.finish()
    }

    /// Returns random numbers for the kernel; `None` if the seed is [short](Seed::is_short). They
    /// depend on all seeds, and nothing that is reported depends on them.
    #[must_use]
    pub const fn kernel(&self) -> Option<&[u64; 4]> {
        if self.draws.seed.is_short() { None } else { Some(&self.kernel) }
    }

    /// Returns the words of a [`SeedSecret`](crate::SeedSecret), which depend on all seeds.
    #[must_use]
    pub const fn secret(&self) -> &[u64; 4] {
        &self.secret
    }
}

struct Mixer {
    key: Key,
    /// Bytes of seeds in the key.
    filled: usize,
    kaslr: usize,
    rng: usize,
    zkr: usize,
}

impl Drop for Mixer {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

impl Mixer {
    const fn length(&mut self, source: SeedSource) -> &mut usize {
        if source.includes(SeedSource::KASLR_SEED) {
            &mut self.kaslr
        } else if source.includes(SeedSource::RNG_SEED) {
            &mut self.rng
        } else {
            &mut self.zkr
        }
    }

    fn absorb(&mut self, seed: &[u8]) {
        for byte in seed {
            if self.filled == KEY {
                // Makes room for more.
                self.key = Block::new(&self.key, 0, [0; 3]).key();
                self.filled = 0;
            }
            if let Some(word) = self.key.get_mut(self.filled / 4) {
                *word ^= u32::from(*byte) << (self.filled % 4 * 8);
            }
            self.filled += 1;
        }
    }

    fn finish(self) -> Option<Entropy> {
        let seed = Seed { source: self.source()?, bits: self.bits() };
        let nonce = [self.kaslr, self.rng, self.zkr].map(|length| u32::try_from(length).unwrap_or(u32::MAX));
        let draws = Block::new(&self.key, 0, nonce);
        let draws = Draws::from_words(array::from_fn(|index| draws.number(index)), seed);
        let rest = Block::new(&self.key, 1, nonce);
        let [kernel, secret] = [0, 4].map(|first| array::from_fn(|index| rest.number(first + index)));
        Some(Entropy { draws, kernel, secret })
    }

    fn source(&self) -> Option<SeedSource> {
        let sources = [
            (self.kaslr, SeedSource::KASLR_SEED),
            (self.rng, SeedSource::RNG_SEED),
            (self.zkr, SeedSource::ZKR),
        ];
        let used = sources.into_iter().filter(|(length, _)| *length != 0).map(|(_, source)| source);
        used.reduce(SeedSource::and)
    }

    /// Returns the most bits of entropy that the seeds can hold. A hart's generator promises 8 for
    /// each 16 that it gives (RISC-V Cryptography Extensions Volume I, 4.2).
    fn bits(&self) -> u32 {
        let bits = (self.kaslr + self.rng) * 8 + self.zkr * 4;
        u32::try_from(bits).unwrap_or(u32::MAX).min(Seed::MAX_BITS)
    }
}
