//! One of an array of statics, by the number of the hart in `tp`.
#![no_std]

use core::sync::atomic::{AtomicU64, Ordering};

#[repr(align(64))]
pub struct Hart(AtomicU64);

static HARTS: [Hart; 8] = [const { Hart(AtomicU64::new(0)) }; 8];

#[unsafe(no_mangle)]
pub extern "C" fn pattern() -> u64 {
    let hart: usize;
    unsafe { core::arch::asm!("mv {}, tp", out(reg) hart) };
    HARTS[hart & 7].0.fetch_add(1, Ordering::Relaxed)
}
