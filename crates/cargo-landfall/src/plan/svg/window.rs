//! The kernel's window: the kernel and what moves with it.

use super::canvas::Canvas;
use super::cover::pieces;
use super::{rows, style};
use crate::plan::space::{AddressSpace, Kind, Region};

/// Regions at most that are drawn here.
const MOST_REGIONS: usize = 12;

pub(super) fn draw(canvas: &mut Canvas, space: &AddressSpace) {
    let regions = window(&space.regions);
    if regions.is_empty() {
        return;
    }
    canvas.heading(
        "The kernel and what moves with it",
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

/// What lies from the lowest to the highest region of the kernel's, and the guards at both ends.
fn window(regions: &[Region]) -> &[Region] {
    let moves = |region: &Region| matches!(region.kind, Kind::Near | Kind::Kernel | Kind::Stacks);
    let guard = |index: usize| regions.get(index).is_some_and(|region| region.kind == Kind::Guard);
    let (Some(first), Some(last)) = (regions.iter().position(moves), regions.iter().rposition(moves)) else {
        return &[];
    };
    let first = first.checked_sub(1).filter(|before| guard(*before)).unwrap_or(first);
    let last = if guard(last + 1) { last + 1 } else { last };
    &regions[first..=last]
}
