//! The meanings of the colors.

use landfall_paging::{Access, LeafSize};

use super::canvas::{Area, Canvas, LEFT};
use super::{rows, style};
use crate::space::{AddressSpace, Kind};

/// The distance from one color to the next.
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
        permissions.map(|(access, may)| Entry {
            class: style::access(access),
            words: format!("{} {may}", access.name()),
        }),
    );
    let free = style::empty(Kind::Dynamic);
    let empty =
        [(style::UNMAPPED, "not mapped"), (free, "kept for later"), (style::empty(Kind::Unused), "unused")];
    line(canvas, empty.map(|(class, words)| Entry { class, words: words.to_owned() }));
}

/// A color and its meaning.
struct Entry {
    class: &'static str,
    words: String,
}

fn line(canvas: &mut Canvas, entries: [Entry; 3]) {
    let mut x = LEFT;
    for Entry { class, words } in entries {
        canvas.rect(class, Area { x, y: canvas.y, width: 26, height: 20 });
        canvas.text("note", x + 34, canvas.y + 15, &words);
        x += COLUMN;
    }
    canvas.y += 30;
}
