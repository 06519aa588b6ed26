//! The smallest landfall kernel: it prints its landing report and powers off.
//!
//! With the word `hold` on its command line it stays, so that a debugger can look.

#![no_std]
#![no_main]

use landfall::policy::Disclosure;
use landfall::{HartIndex, Landing, Policy};

/// `hello` has no secrets: its report states the addresses.
const POLICY: Policy = Policy::new().with_disclosure(Disclosure::Disclose);

landfall::entry!(main, secondary = second, policy = &POLICY);

fn main(landing: &'static Landing) -> ! {
    landfall::print!("{}", landing.report());
    landfall::println!("landfall: report {}", landing.report().json());
    if landing.command_line().has("hold") {
        sleep();
    }
    landfall::exit(0)
}

fn second(_: &'static Landing, _: HartIndex) -> ! {
    sleep()
}

fn sleep() -> ! {
    loop {
        landfall::wait_for_interrupt();
    }
}
