//! A kernel with a linker script of its own and statics of every kind. Each kind is right wherever
//! the image was put, and on every hart.
//!
//! ```text
//! kernel.ld     the layout
//! collected.rs  arrays that the linker collects: commands, functions that run first
//! perhart.rs    a copy of some statics for each hart, found through tp
//! kinds.rs      all other kinds
//! ```
//!
//! It prints `landfall: test NAME ok` or `landfall: test NAME failed` for each.

#![no_std]
#![no_main]
#![expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits here")]

mod collected;
mod kinds;
mod perhart;

use core::sync::atomic::{AtomicUsize, Ordering};

use landfall::policy::Disclosure;
use landfall::{HartIndex, Landing, Policy};

const POLICY: Policy = Policy::new().with_disclosure(Disclosure::Disclose).with_stack_size(32 << 10);

landfall::entry!(main, secondary = second, policy = &POLICY);

/// Harts whose own statics were as they must be.
static GOOD: AtomicUsize = AtomicUsize::new(0);
static DONE: AtomicUsize = AtomicUsize::new(0);

fn main(landing: &'static Landing) -> ! {
    collected::run_initialisers();
    perhart::set_up(landing);
    for command in collected::commands() {
        landfall::println!(
            "landfall: test {} {}",
            command.name,
            if (command.run)() { "ok" } else { "failed" }
        );
    }
    try_hart(0);
    let harts = landing.online_harts().len();
    while DONE.load(Ordering::Acquire) < harts {
        core::hint::spin_loop();
    }
    let good = GOOD.load(Ordering::Acquire) == harts;
    landfall::println!("landfall: test per-hart {}", if good { "ok" } else { "failed" });
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}

fn second(_: &'static Landing, hart: HartIndex) -> ! {
    while !perhart::is_set_up() {
        core::hint::spin_loop();
    }
    try_hart(hart.get());
    loop {
        // SAFETY: it waits.
        unsafe { core::arch::asm!("wfi", options(nomem, nostack, preserves_flags)) };
    }
}

fn try_hart(index: u64) {
    perhart::enter(index);
    GOOD.fetch_add(usize::from(perhart::is_own(index)), Ordering::AcqRel);
    DONE.fetch_add(1, Ordering::AcqRel);
}
