//! error: stack
#![no_std]
#![no_main]
use landfall::Policy;
const POLICY: Policy = Policy::new().with_stack_size(0);
landfall::entry!(main, policy = &POLICY);
fn main(_landing: &'static landfall::Landing) -> ! {
    landfall::power_off()
}
