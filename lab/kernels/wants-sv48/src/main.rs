//! A test kernel whose policy asks for sv48 or better: where there is only sv39 it refuses to land.

#![no_std]
#![no_main]

use landfall::paging::Mode;
use landfall::policy::Disclosure;
use landfall::{Landing, Policy};

const POLICY: Policy =
    Policy::new().with_modes(Mode::Sv48..=Mode::Sv57).with_disclosure(Disclosure::Disclose);

landfall::entry!(main, policy = &POLICY);

fn main(landing: &'static Landing) -> ! {
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}
