//! The kernel `hello` with the features of the crate landfall as its own.
//!
//! With all of them it is `hello`. Without `report` it prints its mode in a line of its own.

#![no_std]
#![no_main]

use landfall::policy::Disclosure;
use landfall::{HartIndex, Landing, Policy};

const POLICY: Policy = Policy::new().with_disclosure(Disclosure::Disclose);

#[cfg(feature = "moving-policy")]
landfall::entry!(
    main,
    secondary = second,
    policy = &POLICY.with_physical_placement(landfall::policy::PhysicalPlacement::Random)
);
#[cfg(not(feature = "moving-policy"))]
landfall::entry!(main, secondary = second, policy = &POLICY);

fn main(landing: &'static Landing) -> ! {
    report(landing);
    if landing.command_line().has("hold") {
        sleep();
    }
    landfall::exit(0)
}

#[cfg(feature = "report")]
fn report(landing: &Landing) {
    landfall::print!("{}", landing.report());
    landfall::println!("landfall: report {}", landing.report().json());
}

#[cfg(not(feature = "report"))]
fn report(landing: &Landing) {
    landfall::println!("features: landed in {}", landing.mode());
}

fn second(_: &'static Landing, _: HartIndex) -> ! {
    sleep()
}

fn sleep() -> ! {
    loop {
        landfall::wait_for_interrupt();
    }
}
