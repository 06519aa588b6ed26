//! Random numbers for the places of the inner kernel.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Separates this use of the cipher from all others.
const STREAM: u64 = u64::from_le_bytes(*b"inner   ");

/// Random numbers for one inner kernel; wiped on drop.
///
/// They are the first 48 bytes of `ChaCha20` with the wrapper's entropy as key, and the nonce
/// `inner   `. They do not lead back to the key.
#[derive(Clone)]
pub struct InnerDraws {
    /// Chooses the virtual place.
    pub virt: u64,
    /// Chooses the physical place.
    pub phys: u64,
    /// Entropy for the inner kernel.
    pub entropy: [u8; 32],
}

impl InnerDraws {
    /// Returns the draws that follow from the wrapper's entropy.
    #[must_use]
    pub fn new(entropy: &[u8; 32]) -> Self {
        let mut key = *entropy;
        // The generator wipes itself on drop.
        let mut generator = ChaCha20Rng::from_seed(key);
        key.zeroize();
        generator.set_stream(STREAM);
        let (virt, phys) = (generator.next_u64(), generator.next_u64());
        let mut draws = Self { virt, phys, entropy: [0; 32] };
        generator.fill_bytes(&mut draws.entropy);
        draws
    }
}

impl Drop for InnerDraws {
    fn drop(&mut self) {
        self.virt.zeroize();
        self.phys.zeroize();
        self.entropy.zeroize();
    }
}

impl ZeroizeOnDrop for InnerDraws {}

impl core::fmt::Debug for InnerDraws {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("InnerDraws { .. }")
    }
}
