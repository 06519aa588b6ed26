//! Random bytes for the kernel.

use super::entry::landing;

#[unsafe(no_mangle)]
unsafe extern "C" fn lf_take_entropy(bytes: *mut [u8; 32]) -> u32 {
    let Some(entropy) = landing().take_entropy() else { return 0 };
    // SAFETY: the caller's.
    unsafe { bytes.write(*entropy.bytes()) };
    entropy.bits()
}
