//! The panic handler: one line on the SBI console, then power-off with failure.

use core::panic::PanicInfo;

use landfall_image::console::{PANIC, REFUSED};

use super::land::has_landed;
use super::power_off_after_failure;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    // One line, so that what reads the console gets all of it.
    let message = info.message();
    if has_landed() {
        crate::print!("{PANIC}{message}");
    } else {
        crate::print!("{REFUSED}R17: a panic before landing, which is a fault of landfall: {message}");
    }
    match info.location() {
        Some(place) => crate::println!(", at {place}"),
        None => crate::println!(),
    }
    power_off_after_failure()
}
