//! error: expected fn pointer `fn(&'static Landing)
#![no_std]
#![no_main]
landfall::entry!(main);
fn main() -> ! {
    landfall::power_off()
}
