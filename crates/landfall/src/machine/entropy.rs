//! Random bytes for the kernel.

use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// 32 random bytes that no other part of the landing shares; wiped on drop.
pub struct KernelEntropy {
    pub(super) bytes: [u8; 32],
    pub(super) bits: u32,
}

impl KernelEntropy {
    /// Returns the bytes: the key of a generator, or input to one.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Returns the most bits of entropy that the bytes can have: 256 at most,
    /// [`Seed::MIN_BITS`](crate::plan::Seed::MIN_BITS) at least. A `kaslr-seed` alone has 64.
    #[must_use]
    pub const fn bits(&self) -> u32 {
        self.bits
    }
}

impl Drop for KernelEntropy {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl ZeroizeOnDrop for KernelEntropy {}

impl fmt::Debug for KernelEntropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KernelEntropy").field("bits", &self.bits).finish_non_exhaustive()
    }
}
