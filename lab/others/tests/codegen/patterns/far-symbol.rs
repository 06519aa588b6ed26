//! A static that the linker script puts more than 2 GiB away.
#![no_std]

use core::sync::atomic::{AtomicU64, Ordering};

#[unsafe(link_section = ".far")]
static FAR: AtomicU64 = AtomicU64::new(5);

#[unsafe(no_mangle)]
pub extern "C" fn pattern() -> u64 {
    FAR.fetch_add(1, Ordering::Relaxed)
}
