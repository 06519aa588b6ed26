//! The panic handler: one line on the SBI console, then power-off with failure.

use core::panic::PanicInfo;

use landfall_image::console::{PANIC, REFUSED};

use super::land::has_landed;
use super::power_off_after_failure;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    if has_landed() {
        crate::println!("{PANIC}{info}");
    } else {
        crate::println!("{REFUSED}R17: a panic before landing, which is a fault of landfall: {info}");
    }
    power_off_after_failure()
}
