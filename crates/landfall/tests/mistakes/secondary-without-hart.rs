//! error: expected fn pointer `fn(&'static Landing, HartIndex)
#![no_std]
#![no_main]
landfall::entry!(main, secondary = second);
fn main(_landing: &'static landfall::Landing) -> ! {
    landfall::power_off()
}
fn second(_landing: &'static landfall::Landing) -> ! {
    landfall::power_off()
}
