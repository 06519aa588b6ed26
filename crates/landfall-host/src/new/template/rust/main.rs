//! A kernel. `cargo run` boots it, `cargo test` boots the kernel in `tests/boot.rs`.

#![no_std]
#![no_main]

use landfall::policy::Disclosure;
use landfall::{HartIndex, Landing, Policy};

/// This kernel's policy. Only you read its console so far, so reports disclose addresses: remove
/// that before others can read it.
const POLICY: Policy = Policy::new().with_disclosure(Disclosure::Disclose);

landfall::entry!(main, secondary = second, policy = &POLICY);

/// The hart that boots.
fn main(landing: &'static Landing) -> ! {
    landfall::print!("{}", landing.report());
    landfall::println!("Hello from {}.", landing.mode());
    // The line by which `cargo landfall run` knows that the kernel has landed.
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}

/// Every other hart, on a stack of its own.
fn second(_landing: &'static Landing, _hart: HartIndex) -> ! {
    loop {
        landfall::wait_for_interrupt();
    }
}
