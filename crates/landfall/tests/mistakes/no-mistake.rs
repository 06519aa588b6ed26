//! error:
#![no_std]
#![no_main]
landfall::entry!(main);
fn main(_landing: &'static landfall::Landing) -> ! {
    landfall::power_off()
}
