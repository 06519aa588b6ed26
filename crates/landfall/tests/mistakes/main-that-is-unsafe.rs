//! error: expected safe fn, found unsafe fn
#![no_std]
#![no_main]
landfall::entry!(main);
/// # Safety
/// It must not be called.
unsafe fn main(_landing: &'static landfall::Landing) -> ! {
    landfall::power_off()
}
