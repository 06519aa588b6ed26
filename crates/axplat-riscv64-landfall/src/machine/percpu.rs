//! Per-CPU data: one area a CPU, behind the image's other data (preview.ld). All begin as the file
//! has it.

unsafe extern "C" {
    #[link_name = "_percpu_load_start"]
    static START: [u8; 0];
    #[link_name = "_percpu_load_end"]
    static END: [u8; 0];
    #[link_name = "__axplat_percpu_areas"]
    static mut AREAS: [u8; 0];
}

fn size() -> usize {
    (&raw const END).addr() - (&raw const START).addr()
}

fn stride() -> usize {
    size().next_multiple_of(64)
}

/// Returns the base that the crate `percpu` requires (feature `custom-base`).
#[unsafe(no_mangle)]
extern "C" fn _percpu_base_ptr(id: usize) -> *mut u8 {
    area(id)
}

/// The area of CPU `id`.
fn area(id: usize) -> *mut u8 {
    (&raw mut AREAS).cast::<u8>().wrapping_add(id * stride())
}

/// Returns the CPU whose area begins at this address; for another address any number.
#[cfg(feature = "irq")]
pub(super) fn owner(area: usize) -> usize {
    area.wrapping_sub((&raw const AREAS).addr()).checked_div(stride()).unwrap_or(0)
}

/// Fills the areas of `count` CPUs.
///
/// # Safety
/// Once, before anything else uses per-CPU data; there is room for
/// [`MAX_CPU_NUM`](crate::config::plat::MAX_CPU_NUM).
pub(super) unsafe fn fill(count: usize) {
    for id in 0..count {
        // SAFETY: both are symbols of our linker script: a part of the image's data, and room
        // behind it without another user.
        unsafe { area(id).copy_from_nonoverlapping((&raw const START).cast(), size()) };
    }
}
