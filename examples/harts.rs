//! Runs code on every hart. The boot hart enters `main`. Each other hart enters `second`, on its
//! own stack, as soon as it has landed.

#![no_std]
#![no_main]

use core::sync::atomic::{AtomicU64, Ordering};

use landfall::harts::LandingHart;
use landfall::{HartIndex, Landing};

landfall::entry!(main, secondary = second);

/// Bit `n` is set once hart number `n` has worked.
static WORKED: AtomicU64 = AtomicU64::new(0);

fn main(landing: &'static Landing) -> ! {
    // Those that did not come are known, with the reason.
    for LandingHart { hart, state, .. } in landing.harts() {
        landfall::println!("hart {}: {state}", hart.id);
    }
    let online = landing.online_harts().len();
    // A hart has a number, which counts stacks, and an id, which the firmware uses.
    for index in landing.online_harts().iter() {
        if let Some(known) = landing.hart(index) {
            landfall::println!("number {index} is hart {}", known.hart.id);
        }
    }
    while WORKED.load(Ordering::Acquire).count_ones() as usize != online - 1 {
        core::hint::spin_loop();
    }
    landfall::println!("{online} harts at work");
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}

fn second(_landing: &'static Landing, hart: HartIndex) -> ! {
    WORKED.fetch_or(1 << hart.get(), Ordering::Release);
    loop {
        landfall::wait_for_interrupt();
    }
}
