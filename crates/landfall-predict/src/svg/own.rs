//! The kernel's own regions: image, near region and stacks.

use super::canvas::Canvas;
use super::cover::pieces;
use super::{rows, style};
use crate::space::{AddressSpace, Kind};

/// Regions at most that are drawn here.
const MOST_REGIONS: usize = 12;

pub(super) fn draw(canvas: &mut Canvas, space: &AddressSpace) {
    let regions: Vec<_> = space.regions.iter().filter(|region| is_own(region.kind)).collect();
    if regions.is_empty() {
        return;
    }
    canvas.heading(
        "The kernel's own regions",
        "Left: what the kernel may do there. Right of it, in violet: the leaves that map it. → is where it lies in \
         physical memory.",
    );
    let (regions, hidden) = regions.split_at(regions.len().min(MOST_REGIONS));
    if !hidden.is_empty() {
        canvas.paragraph(&format!("… and {} more regions above these", hidden.len()));
        canvas.y += 8;
    }
    for region in regions.iter().rev() {
        let pieces = pieces(region);
        match &pieces[..] {
            [piece] if region.parts.is_empty() => {
                rows::empty(canvas, style::empty(region.kind), style::name(region.kind), piece);
            }
            _ => rows::draw(canvas, style::name(region.kind), &pieces),
        }
    }
}

const fn is_own(kind: Kind) -> bool {
    matches!(kind, Kind::Near | Kind::Kernel | Kind::Stacks)
}
