//! A kernel that tests itself: `cargo test` boots it in QEMU. A panic at any time, or an exit with
//! another code than 0, is a failure.

#![no_std]
#![no_main]

use core::sync::atomic::{AtomicU32, Ordering};

use landfall::Landing;
use landfall::address::{ImageAddr, LinearAddr, PhysRange};

landfall::entry!(main);

static WORD: AtomicU32 = AtomicU32::new(42);

fn main(landing: &'static Landing) -> ! {
    memory_is_free(landing);
    both_mappings_show_one_word();
    landfall::println!("2 tests passed");
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}

fn memory_is_free(landing: &Landing) {
    let free: u64 = landing.free_memory().map(PhysRange::size).sum();
    assert!(free > 1 << 20, "{free} bytes are free");
}

fn both_mappings_show_one_word() {
    let linear = LinearAddr::from_phys(ImageAddr::from_ptr(&raw const WORD).to_phys());
    // SAFETY: the linear map holds all RAM, and the word is part of the image, which lies in RAM.
    let there = unsafe { linear.as_ptr::<u32>().read_volatile() };
    assert_eq!(there, WORD.load(Ordering::Relaxed));
}
