//! The required mappings of each part of the address space.

use crate::Permission;
use crate::model::Span;

use super::Seen;
use crate::image::{Image, Segment, Use};
use crate::intervals::Interval;
use crate::policy::{Alias, Placement};

/// Returns all memory that may be mapped. A kernel in a region of its own has its text and
/// constants there read-only, or not at all. One in the linear map has them with their own
/// permissions.
pub(super) fn linear_map(seen: &Seen<'_>, mapped: &[Interval], offset: u64) -> Vec<Span> {
    let Seen { image, policy, base, .. } = *seen;
    let text = image.segments.iter().find(|segment| segment.use_for == Use::Text);
    let text = text.map_or(0, |text| text.size);
    let borders = [base, base + text, base + image.read_only()];
    let [of_text, of_constants] = match (policy.placement, policy.alias) {
        (Placement::OwnRegion, Alias::ReadOnly) => [Some(Permission::READ); 2],
        (Placement::OwnRegion, Alias::Absent) => [None; 2],
        (Placement::LinearMap, _) => [Some(Permission::READ_EXECUTE), Some(Permission::READ)],
    };
    let permissions = [Some(Permission::READ_WRITE), of_text, of_constants, Some(Permission::READ_WRITE)];
    let mut spans = Vec::new();
    for range in mapped {
        let [first, second, third] = borders.map(|border| border.clamp(range.start, range.end));
        let cuts = [range.start, first, second, third, range.end];
        for (cut, permission) in cuts.windows(2).zip(permissions) {
            spans.extend(permission.map(|permission| Span {
                virt: cut[0].wrapping_add(offset),
                phys: cut[0],
                size: cut[1] - cut[0],
                permission,
            }));
        }
    }
    spans
}

/// The segments of a kernel in a region of its own, but for what only the landing uses.
pub(super) fn kernel_image(image: &Image, base: u64, kernel: u64) -> Vec<Span> {
    let permission = |use_for| match use_for {
        Use::Text => Some(Permission::READ_EXECUTE),
        Use::Constants => Some(Permission::READ),
        Use::Data => Some(Permission::READ_WRITE),
        Use::Early => None,
    };
    let span = |segment: &Segment| {
        let permission = permission(segment.use_for)?;
        let (virt, phys) = (kernel + segment.offset, base + segment.offset);
        Some(Span { virt, phys, size: segment.size, permission })
    };
    image.segments.iter().filter_map(span).collect()
}
