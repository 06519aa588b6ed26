//! Conversions of addresses, each a function of its own, so that a test can read its instructions
//! in the built kernel.

use landfall::address::{ImageAddr, LinearAddr, PhysAddr, VirtAddr, virt_to_phys};

#[unsafe(no_mangle)]
#[inline(never)]
pub(crate) extern "C" fn linear_to_virt(phys: u64) -> u64 {
    LinearAddr::from_phys(PhysAddr::new(phys)).virt().get()
}

#[unsafe(no_mangle)]
#[inline(never)]
pub(crate) extern "C" fn linear_to_phys(virt: u64) -> u64 {
    LinearAddr::from_virt(VirtAddr::new(virt)).to_phys().get()
}

#[unsafe(no_mangle)]
#[inline(never)]
pub(crate) extern "C" fn image_to_virt(phys: u64) -> u64 {
    ImageAddr::from_phys(PhysAddr::new(phys)).virt().get()
}

#[unsafe(no_mangle)]
#[inline(never)]
pub(crate) extern "C" fn image_to_phys(virt: u64) -> u64 {
    ImageAddr::from_virt(VirtAddr::new(virt)).to_phys().get()
}

#[unsafe(no_mangle)]
#[inline(never)]
pub(crate) extern "C" fn either_to_phys(virt: u64) -> u64 {
    virt_to_phys(VirtAddr::new(virt)).get()
}
