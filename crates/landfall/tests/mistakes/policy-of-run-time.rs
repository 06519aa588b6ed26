//! error: cannot call non-const function `policy` in statics
#![no_std]
#![no_main]
landfall::entry!(main, policy = &policy());
fn policy() -> landfall::Policy {
    landfall::Policy::new()
}
fn main(_landing: &'static landfall::Landing) -> ! {
    landfall::power_off()
}
