//! error: cannot assign
#![no_std]
#![no_main]
landfall::entry!(main);
fn main(landing: &'static landfall::Landing) -> ! {
    landing.facts().timebase = 1;
    landfall::power_off()
}
