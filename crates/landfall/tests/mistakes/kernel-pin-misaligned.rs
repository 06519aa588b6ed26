//! error: 2 MiB
#![no_std]
#![no_main]
use landfall::{Modes, Policy, VirtAddr};
const POLICY: Policy = Policy::new().pin_kernel(Modes::All, VirtAddr::new(0xffff_ffff_8000_1000));
landfall::entry!(main, policy = &POLICY);
fn main(_landing: &'static landfall::Landing) -> ! {
    landfall::power_off()
}
