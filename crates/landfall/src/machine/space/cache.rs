//! Dropping cached data: Zicbom.

use core::arch::asm;

use landfall_paging::VirtRange;

/// Writes back and drops all cached data of a range that is mapped, in blocks of `block` bytes.
pub(super) fn flush(range: VirtRange, block: u64) {
    order();
    let first = range.start().align_down(block);
    let size = range.size() + range.start().wrapping_offset_from(first);
    for index in 0..size.div_ceil(block) {
        let at = first.get().wrapping_add(index * block);
        // SAFETY: `cbo.flush` changes no data. All harts have it, and the range is mapped.
        unsafe { asm!(".insn i 0x0f, 2, x0, {}, 2", in(reg) at, options(nostack, preserves_flags)) };
    }
    order();
}

/// Orders all accesses to the range before its blocks are dropped, and that before the accesses
/// that follow.
fn order() {
    // SAFETY: it orders, and nothing else.
    unsafe { asm!("fence iorw, iorw", options(nostack, preserves_flags)) };
}
