//! error: expected `PhysAddr`, found `VirtAddr`
#![no_std]
#![no_main]
use landfall::address::{LinearAddr, VirtAddr};
landfall::entry!(main);
fn main(_landing: &'static landfall::Landing) -> ! {
    let _ = LinearAddr::from_phys(VirtAddr::new(0xffff_ffff_8000_0000));
    landfall::power_off()
}
