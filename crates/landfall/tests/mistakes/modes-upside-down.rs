//! error: mode
#![no_std]
#![no_main]
use landfall::paging::Mode;
use landfall::Policy;
const POLICY: Policy = Policy::new().with_modes(Mode::Sv57..=Mode::Sv39);
landfall::entry!(main, policy = &POLICY);
fn main(_landing: &'static landfall::Landing) -> ! {
    landfall::power_off()
}
