//! The linear map: which leaves cover how much of it, and the pieces that it consists of.

use landfall_paging::LeafSize;

use super::canvas::{Area, Canvas, LEFT, RIGHT, share};
use super::cover::pieces;
use super::{rows, style, text};
use crate::space::Region;

pub(super) fn draw(canvas: &mut Canvas, region: &Region) {
    let pieces = pieces(region);
    let mapped = || pieces.iter().filter_map(|piece| piece.mapped().map(|mapped| (piece, mapped)));
    let bytes: u128 = mapped().map(|(piece, _)| piece.extent.size()).sum();
    let count = |size| mapped().map(|(_, mapped)| u64::from(mapped.leaves[size])).sum::<u64>();
    let total: u64 = LeafSize::ALL.into_iter().map(count).sum();
    canvas.heading(
        "The linear map",
        &format!(
            "All RAM that may be mapped: {} in {total} leaves. How much leaves of each size cover:",
            text::size(bytes)
        ),
    );
    coverage(canvas, count);
    rows::draw(canvas, "linear map", &pieces);
}

/// Returns a bar of the bytes that leaves of each size cover, and the same in numbers.
pub(super) fn coverage(canvas: &mut Canvas, count: impl Fn(LeafSize) -> u64) {
    let covered = |size: LeafSize| u128::from(count(size)) * u128::from(size.bytes());
    let whole: u128 = LeafSize::ALL.into_iter().map(covered).sum();
    let present = || LeafSize::ALL.into_iter().rev().filter(|size| count(*size) > 0);
    let (mut done, mut x) = (0, LEFT);
    for size in present() {
        done += covered(size);
        // So little that it would not be seen gets a sliver, if there is room for it.
        let end = (LEFT + share(done, whole, RIGHT - LEFT)).max(x + 4).min(RIGHT);
        let tip = format!("{} × {size}: {}", count(size), text::size(covered(size)));
        canvas.rect_with_tip(&style::leaf(size), Area { x, y: canvas.y, width: end - x, height: 30 }, &tip);
        x = end;
    }
    canvas.y += 38;
    for size in present() {
        rows::chip(canvas, LEFT, canvas.y, size, &format!("{}×{size}", count(size)));
        canvas.text("end", LEFT + 330, canvas.y + 16, &text::size(covered(size)));
        canvas.text("end", RIGHT, canvas.y + 16, &text::percent(covered(size), whole));
        canvas.y += 26;
    }
    canvas.y += 14;
}
