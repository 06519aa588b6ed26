//! Effects of loading: bytes and calls.

use landfall_paging::VirtAddr;

/// The machine on which modules are loaded.
///
/// # Safety
/// - [`Platform::store`] and [`Platform::load`] reach the memory that is mapped at the address, and
///   nothing else.
/// - [`Platform::initialize`] and [`Platform::exit`] call the function at the address.
pub unsafe trait Platform {
    /// Stores bytes.
    ///
    /// # Safety
    /// All of them lie in memory that the caller owns, mapped writable.
    unsafe fn store(&self, at: VirtAddr, bytes: &[u8]);

    /// Loads bytes.
    ///
    /// # Safety
    /// All of them lie in memory that the caller owns, mapped readable.
    unsafe fn load(&self, at: VirtAddr, bytes: &mut [u8]);

    /// Calls a module's `landfall_init`.
    ///
    /// # Safety
    /// A function of that type is at the address, its code is complete, and this hart sees it.
    unsafe fn initialize(&self, function: VirtAddr) -> i32;

    /// Calls a module's `landfall_exit`.
    ///
    /// # Safety
    /// As [`Platform::initialize`].
    unsafe fn exit(&self, function: VirtAddr);
}

/// The machine on which this code runs.
#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
#[derive(Clone, Copy, Debug, Default)]
pub struct ThisMachine;

#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
#[expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits here")]
const _: () = {
    use core::mem::transmute;
    use core::ptr::{with_exposed_provenance, with_exposed_provenance_mut};

    // SAFETY: addresses are those of this machine.
    unsafe impl Platform for ThisMachine {
        unsafe fn store(&self, at: VirtAddr, bytes: &[u8]) {
            let to = with_exposed_provenance_mut::<u8>(at.get() as usize);
            // SAFETY: the caller owns the memory, so `bytes` is elsewhere.
            unsafe { to.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        }

        unsafe fn load(&self, at: VirtAddr, bytes: &mut [u8]) {
            let from = with_exposed_provenance::<u8>(at.get() as usize);
            // SAFETY: as above.
            unsafe { bytes.as_mut_ptr().copy_from_nonoverlapping(from, bytes.len()) };
        }

        unsafe fn initialize(&self, function: VirtAddr) -> i32 {
            // SAFETY: the caller vouches for the function.
            let function: extern "C" fn() -> i32 = unsafe { transmute(function.get() as usize) };
            function()
        }

        unsafe fn exit(&self, function: VirtAddr) {
            // SAFETY: the caller vouches for the function.
            let function: extern "C" fn() = unsafe { transmute(function.get() as usize) };
            function();
        }
    }
};
