//! A kernel whose features make one thing large. Only its landing is measured.

#![no_std]
#![no_main]

use core::hint::{black_box, spin_loop};
use core::sync::atomic::{AtomicUsize, Ordering};

use landfall::{HartIndex, Landing};

landfall::entry!(main, secondary = second);

/// The harts that have entered the kernel.
static ENTERED: AtomicUsize = AtomicUsize::new(1);

/// A heap of 16 MiB in `.bss`.
#[cfg(feature = "heap")]
static LARGE: [core::sync::atomic::AtomicU64; 2 << 20] =
    [const { core::sync::atomic::AtomicU64::new(0) }; 2 << 20];

/// A word that slots point to.
#[cfg(feature = "dense")]
static WORD: u64 = 1;

/// Slots side by side, as in a table of functions.
#[cfg(feature = "dense")]
static LARGE: [&u64; 4096] = [&WORD; 4096];

/// Each second word is a slot: the other is a length.
#[cfg(feature = "alternating")]
static LARGE: [&str; 4096] = ["name"; 4096];

/// Constants of 4 MiB.
#[cfg(feature = "constants")]
static LARGE: [u8; 4 << 20] = [1; 4 << 20];

/// Nothing.
#[cfg(not(any(feature = "heap", feature = "dense", feature = "alternating", feature = "constants")))]
static LARGE: [u8; 0] = [];

fn main(landing: &'static Landing) -> ! {
    black_box(&LARGE);
    while ENTERED.load(Ordering::Relaxed) != landing.online_harts().len() {
        spin_loop();
    }
    landfall::exit(0)
}

fn second(_: &'static Landing, _: HartIndex) -> ! {
    compare_second()
}

/// The end of the count of another hart. The compiler keeps the name.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn compare_second() -> ! {
    ENTERED.fetch_add(1, Ordering::Relaxed);
    loop {
        landfall::wait_for_interrupt();
    }
}
