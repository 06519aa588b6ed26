//! Conversions as landfall has them: the offsets are immediates in the code.

use landfall::address::{ImageAddr, LinearAddr, PhysAddr, VirtAddr, virt_to_phys};

#[inline(always)]
#[expect(clippy::inline_always, reason = "loops hold the conversion itself, not a call")]
pub(crate) fn to_phys(virt: u64) -> u64 {
    LinearAddr::from_virt(VirtAddr::new(virt)).to_phys().get()
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "as above")]
pub(crate) fn either(virt: u64) -> u64 {
    virt_to_phys(VirtAddr::new(virt)).get()
}

#[unsafe(no_mangle)]
#[inline(never)]
pub(crate) extern "C" fn patched_linear_to_virt(phys: u64) -> u64 {
    LinearAddr::from_phys(PhysAddr::new(phys)).virt().get()
}

#[unsafe(no_mangle)]
#[inline(never)]
pub(crate) extern "C" fn patched_linear_to_phys(virt: u64) -> u64 {
    to_phys(virt)
}

#[unsafe(no_mangle)]
#[inline(never)]
pub(crate) extern "C" fn patched_image_to_virt(phys: u64) -> u64 {
    ImageAddr::from_phys(PhysAddr::new(phys)).virt().get()
}

#[unsafe(no_mangle)]
#[inline(never)]
pub(crate) extern "C" fn patched_image_to_phys(virt: u64) -> u64 {
    ImageAddr::from_virt(VirtAddr::new(virt)).to_phys().get()
}

#[unsafe(no_mangle)]
#[inline(never)]
pub(crate) extern "C" fn patched_either_to_phys(virt: u64) -> u64 {
    either(virt)
}
