//! The things that a boot needs besides its case.

use landfall_host::qemu::Qemu;

use super::kernels::{KERNELS, Kernels};
use super::set_up;

/// A QEMU, and the kernels to boot with it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bench {
    pub(super) qemu: &'static Qemu,
    pub(super) kernels: &'static Kernels,
}

impl Bench {
    /// Returns the bench of this process.
    pub(super) fn get() -> Result<Self, String> {
        Ok(Self { qemu: set_up::qemu()?, kernels: &KERNELS })
    }
}
