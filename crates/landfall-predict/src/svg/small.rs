//! A small picture: the regions of the upper half, each with a band of one height.

use super::canvas::{Area, Canvas, LEFT, RIGHT};
use super::cover::Extent;
use super::{description, legend, overview, rows, style, text};
use crate::space::{AddressSpace, Kind, Region};

/// The width of the bands, and the column of the names beside them.
const BAND_WIDTH: u32 = 100;
const NAMES: u32 = LEFT + BAND_WIDTH + 16;
const ADDRESSES: u32 = NAMES + 146;
const REGION_HEIGHT: u32 = 36;
const UNUSED_HEIGHT: u32 = 24;

/// Returns a picture of the regions of `space`, without guards, as one SVG document.
#[must_use]
pub fn draw(space: &AddressSpace) -> String {
    let mut canvas = Canvas::default();
    canvas.y = 40;
    let title = format!("The upper half in {}", space.mode);
    canvas.text("h2", LEFT, canvas.y, &title);
    canvas.paragraph("Not to scale. Guards of 2 MiB lie between all regions.");
    canvas.y += 14;
    let top = canvas.y;
    regions(&mut canvas, space);
    canvas.path("edge", &format!("M{LEFT} {top}h{BAND_WIDTH}V{}h-{BAND_WIDTH}Z", canvas.y));
    legend::colors(&mut canvas);
    canvas.finish(&style::sheet(), &title, &description(space))
}

fn regions(canvas: &mut Canvas, space: &AddressSpace) {
    let shown: Vec<_> = space.regions.iter().filter(|region| region.kind != Kind::Guard).collect();
    let (low, hidden, high) = rows::elide(&shown, overview::MOST_ROWS);
    for region in high.iter().rev() {
        row(canvas, region);
    }
    if !hidden.is_empty() {
        canvas.text("note", NAMES, canvas.y + 17, &format!("… and {} more regions", hidden.len()));
        canvas.y += UNUSED_HEIGHT;
    }
    for region in low.iter().rev() {
        row(canvas, region);
    }
}

fn row(canvas: &mut Canvas, region: &Region) {
    let is_unused = region.kind == Kind::Unused;
    let height = if is_unused { UNUSED_HEIGHT } else { REGION_HEIGHT };
    let extent = Extent::new(region.start, region.size);
    let (name, size) = (style::name(region.kind), text::size(extent.size()));
    let area = Area { x: LEFT, y: canvas.y, width: BAND_WIDTH, height };
    let line = canvas.y + height / 2 + 5;
    overview::bands(canvas, region, area, &format!("{name}, {size}"));
    if is_unused {
        canvas.text("note", NAMES, line, name);
        canvas.text("end note", RIGHT, line, &size);
    } else {
        canvas.text("name", NAMES, line, name);
        canvas.text("mono", ADDRESSES, line, &text::address(extent.start));
        canvas.text("end", RIGHT, line, &size);
    }
    canvas.y += height;
}
