//! error: mode
#![no_std]
#![no_main]
use landfall::{Mode, Policy};
const POLICY: Policy = Policy::new().modes(Mode::Sv57, Mode::Sv39);
landfall::entry!(main, policy = &POLICY);
fn main(_landing: &'static landfall::Landing) -> ! {
    landfall::power_off()
}
