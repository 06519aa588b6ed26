//! What the colours mean.

use landfall_paging::{Access, LeafSize};

use super::canvas::{Area, Canvas, LEFT};
use super::{rows, style};
use crate::space::{AddressSpace, Kind};

/// What stands beside a colour, by columns.
const COLUMN: u32 = 172;

pub(super) fn draw(canvas: &mut Canvas, space: &AddressSpace) {
    colors(canvas);
    canvas.text("note", LEFT, canvas.y + 17, "leaves, by size:");
    let mut x = LEFT + 124;
    for size in LeafSize::ALL.into_iter().filter(|size| *size <= space.mode.largest_leaf()) {
        x += rows::chip(canvas, x, canvas.y + 2, size, size.name()) + 8;
    }
    canvas.y += 24;
}

/// Draws the colors of permissions and of addresses without a mapping.
pub(super) fn colors(canvas: &mut Canvas) {
    canvas.y += 14;
    let permissions =
        [(Access::ReadExecute, "execute"), (Access::ReadOnly, "read only"), (Access::ReadWrite, "write")];
    line(
        canvas,
        permissions.map(|(access, may)| (style::access(access), format!("{} {may}", access.name()))),
    );
    let free = style::empty(Kind::Dynamic);
    let empty =
        [(style::UNMAPPED, "not mapped"), (free, "kept for later"), (style::empty(Kind::Unused), "unused")];
    line(canvas, empty.map(|(class, word)| (class, word.to_owned())));
}

fn line(canvas: &mut Canvas, entries: [(&str, String); 3]) {
    let mut x = LEFT;
    for (class, words) in entries {
        canvas.rect(class, Area { x, y: canvas.y, width: 26, height: 20 });
        canvas.text("note", x + 34, canvas.y + 15, &words);
        x += COLUMN;
    }
    canvas.y += 30;
}
