//! The same conversions by static variables, which are written once and then read at each
//! conversion: as Linux keeps its offsets in `kernel_map`.

/// The offsets, and the lowest address of the kernel's own zone.
#[repr(C)]
struct Offsets {
    linear: u64,
    image: u64,
    border: u64,
}

/// A name of its own, so that whatever else is linked could change it: the compiler may not take it
/// for a constant.
#[unsafe(no_mangle)]
static mut COMPARE_OFFSETS: Offsets = Offsets { linear: 0, image: 0, border: 0 };

/// Writes them.
pub(crate) fn set(linear: u64, image: u64, border: u64) {
    let offsets = Offsets { linear, image, border };
    // SAFETY: one hart, before any conversion.
    unsafe { (&raw mut COMPARE_OFFSETS).write(offsets) };
}

macro_rules! offset {
    ($field:ident) => {
        // SAFETY: no code writes it again.
        unsafe { (&raw const COMPARE_OFFSETS.$field).read() }
    };
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "loops hold the conversion itself, not a call")]
pub(crate) fn to_phys(virt: u64) -> u64 {
    virt.wrapping_sub(offset!(linear))
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "as above")]
pub(crate) fn either(virt: u64) -> u64 {
    virt.wrapping_sub(if virt >= offset!(border) { offset!(image) } else { offset!(linear) })
}

#[unsafe(no_mangle)]
#[inline(never)]
pub(crate) extern "C" fn variable_linear_to_virt(phys: u64) -> u64 {
    phys.wrapping_add(offset!(linear))
}

#[unsafe(no_mangle)]
#[inline(never)]
pub(crate) extern "C" fn variable_linear_to_phys(virt: u64) -> u64 {
    to_phys(virt)
}

#[unsafe(no_mangle)]
#[inline(never)]
pub(crate) extern "C" fn variable_image_to_virt(phys: u64) -> u64 {
    phys.wrapping_add(offset!(image))
}

#[unsafe(no_mangle)]
#[inline(never)]
pub(crate) extern "C" fn variable_image_to_phys(virt: u64) -> u64 {
    virt.wrapping_sub(offset!(image))
}

#[unsafe(no_mangle)]
#[inline(never)]
pub(crate) extern "C" fn variable_either_to_phys(virt: u64) -> u64 {
    either(virt)
}
