//! error: expected `&Policy`, found `Policy`
#![no_std]
#![no_main]
landfall::entry!(main, policy = landfall::Policy::new());
fn main(_landing: &'static landfall::Landing) -> ! {
    landfall::power_off()
}
