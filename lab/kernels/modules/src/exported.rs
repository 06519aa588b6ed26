//! The functions and statics that modules import.

use core::sync::atomic::AtomicU64;

use landfall::address::{LinearAddr, PhysAddr};
use landfall_modules::export;

/// Calls from modules.
#[export(stable)]
pub(crate) static kernel_calls: AtomicU64 = AtomicU64::new(0);

/// For modules of this build alone: no other build knows how a tuple is passed.
#[export]
pub(crate) fn kernel_twice(pair: (u32, u64)) -> (u64, u32) {
    (pair.1.wrapping_mul(2), pair.0)
}

/// Returns the linear address of memory.
#[export(stable)]
extern "C" fn kernel_linear(phys: u64) -> u64 {
    LinearAddr::from_phys(PhysAddr::new(phys)).virt().get()
}
