//! error: 2 MiB
#![no_std]
#![no_main]
use landfall::policy::Modes;
use landfall::Policy;
use landfall::address::VirtAddr;
const POLICY: Policy = Policy::new().with_kernel_pin(Modes::All, VirtAddr::new(0xffff_ffff_8000_1000));
landfall::entry!(main, policy = &POLICY);
fn main(_landing: &'static landfall::Landing) -> ! {
    landfall::power_off()
}
