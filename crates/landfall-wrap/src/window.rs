//! The addresses of movable kernels.

use landfall_paging::{VirtAddr, VirtRange};
use landfall_plan::randomness::PlaceCount;

use crate::refusal::Refusal;

/// The first address that no kernel takes: the last 2 MiB hold error-pointer values.
pub const LAST: VirtAddr = VirtAddr::new(0xffff_ffff_ffe0_0000);

/// The addresses of movable kernels: the last 2 GiB without the last 2 MiB.
pub const WINDOW: VirtRange = VirtRange::between(VirtAddr::new(0xffff_ffff_8000_0000), LAST);

/// Checks that a movable kernel has places.
pub(crate) fn check_places(span: VirtRange, align: u64) -> Result<(), Refusal> {
    places(span, align).map(|_| ()).ok_or(Refusal::Span { size: span.size(), align })
}

/// Returns the lowest place of a movable kernel, and their number. `align` is a power of two.
pub(crate) fn places(span: VirtRange, align: u64) -> Option<(VirtAddr, PlaceCount)> {
    let above = span.start().wrapping_offset_from(WINDOW.start()) & (align - 1);
    let room = WINDOW.size().checked_sub(above)?.checked_sub(span.size())?;
    Some((WINDOW.start().wrapping_add(above), PlaceCount::new(room / align + 1)))
}
