//! error: expected `PhysAddr`, found integer
#![no_std]
#![no_main]
use landfall::address::LinearAddr;
landfall::entry!(main);
fn main(_landing: &'static landfall::Landing) -> ! {
    let _ = LinearAddr::from_phys(0x8020_0000);
    landfall::power_off()
}
