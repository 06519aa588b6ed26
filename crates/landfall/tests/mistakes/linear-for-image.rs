//! error: expected `ImageAddr`, found `LinearAddr`
#![no_std]
#![no_main]
use landfall::address::{ImageAddr, LinearAddr, PhysAddr};
landfall::entry!(main);
fn code_at(_address: ImageAddr) {}
fn main(_landing: &'static landfall::Landing) -> ! {
    code_at(LinearAddr::from_phys(PhysAddr::new(0x8020_0000)));
    landfall::power_off()
}
