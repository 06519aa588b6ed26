//! The upper half from its highest address down: to scale in a narrow strip, and beside it so that
//! every region can be read.

use super::canvas::{Area, Canvas, LEFT, RIGHT, share};
use super::cover::{Extent, Piece, pieces};
use super::rows::{self, Band};
use super::{style, text};
use crate::space::{AddressSpace, Kind, Region};

/// Regions at most; what is in the middle is counted.
pub(super) const MOST_ROWS: usize = 24;
/// The left edges of the regions and of their names.
const BAND: u32 = LEFT + 66;
const BAND_WIDTH: u32 = 92;
const WORDS: u32 = BAND + BAND_WIDTH + 14;
/// The strip to scale.
const STRIP_WIDTH: u32 = 20;

pub(super) fn draw(canvas: &mut Canvas, space: &AddressSpace) {
    canvas.heading(
        "The upper half",
        "High addresses on top; the first address of a region is at its foot. The strip on the left is to scale. Beside \
         it heights grow with the logarithm of sizes, and a torn band is 1 GiB or more.",
    );
    let (low, hidden, high) = rows::elide(&space.regions, MOST_ROWS);
    let whole = u128::from(space.mode.half_size());
    let top = canvas.y;
    let more = if hidden.is_empty() { 0 } else { 40 };
    let height = low.iter().chain(high).map(row_height).sum::<u32>() + more;
    let strip = Area { x: LEFT, y: top, width: STRIP_WIDTH, height };
    canvas.rect(style::empty(Kind::Unused), strip);
    for region in high.iter().rev() {
        row(canvas, region, strip, whole);
    }
    if !hidden.is_empty() {
        let bytes = hidden.iter().map(|region| u128::from(region.size)).sum();
        let words = format!("… and {} more regions, {}", hidden.len(), text::size(bytes));
        canvas.text("note", WORDS, canvas.y + 25, &words);
        canvas.y += more;
    }
    for region in low.iter().rev() {
        row(canvas, region, strip, whole);
    }
    for (x, width) in [(LEFT, STRIP_WIDTH), (BAND, BAND_WIDTH)] {
        canvas.path("edge", &format!("M{x} {top}h{width}V{}h-{width}Z", top + height));
    }
}

fn row_height(region: &Region) -> u32 {
    let doublings = (region.size >> 21).checked_ilog2().unwrap_or(0);
    if region.kind == Kind::Guard { 28 } else { 50 + (4 * doublings).min(140) }
}

fn row(canvas: &mut Canvas, region: &Region, strip: Area, whole: u128) {
    let extent = Extent::new(region.start, region.size);
    let (name, size) = (style::name(region.kind), text::size(extent.size()));
    let (address, last) = (text::address(extent.start), text::address(extent.end.saturating_sub(1)));
    let tip = format!("{name}, {address} to {last}, {size}");
    let area = Area { x: BAND, y: canvas.y, width: BAND_WIDTH, height: row_height(region) };
    let bottom = area.y + area.height;

    funnel(canvas, region, area, strip, whole);
    bands(canvas, region, area, &tip);
    if region.size >> 30 != 0 {
        tear(canvas, area);
    }
    canvas.path("tick", &format!("M{BAND} {bottom}H{RIGHT}"));
    if region.kind == Kind::Guard {
        canvas.text("note", WORDS, bottom - 9, name);
        canvas.text("mono muted", WORDS + 48, bottom - 9, &address);
        canvas.text("end note", RIGHT, bottom - 9, &size);
    } else {
        let middle = area.y + area.height / 2 - 4;
        let class = if region.kind == Kind::Unused { "muted" } else { "name" };
        canvas.text(class, WORDS, middle, name);
        canvas.text("end", RIGHT, middle, &size);
        canvas.text("mono", WORDS, bottom - 8, &address);
    }
    canvas.y = bottom;
}

/// Draws the region to scale, and lines from there to its readable part.
fn funnel(canvas: &mut Canvas, region: &Region, area: Area, strip: Area, whole: u128) {
    let extent = Extent::new(region.start, region.size);
    // The strip ends at 2^64.
    let y = |address: u128| strip.y + share((1 << 64_u32) - address.min(1 << 64_u32), whole, strip.height);
    let (top, bottom) = (y(extent.end), y(extent.start));
    if matches!(region.kind, Kind::Unused | Kind::Guard) {
        return;
    }
    // A mapped region that is too small for the scale is drawn nevertheless.
    let (class, least) =
        if region.parts.is_empty() { (style::empty(region.kind), 0) } else { (main_class(region), 2) };
    let height = (bottom - top).max(least).min(strip.y + strip.height - top);
    canvas.rect(class, Area { y: top, height, ..strip });
    let (right, low) = (strip.x + strip.width, area.y + area.height);
    canvas.path("funnel", &format!("M{right} {top}L{BAND} {}V{low}L{right} {}Z", area.y, top + height));
}

/// Draws the content of a region, by permission: at most eight bands, else one.
pub(super) fn bands(canvas: &mut Canvas, region: &Region, area: Area, tip: &str) {
    let pieces = pieces(region);
    let band = |pieces: &[Piece<'_>]| {
        let bytes = pieces.iter().map(|piece| piece.extent.size()).sum();
        Band { class: class(region, &pieces[0]).to_owned(), bytes, tip: tip.to_owned() }
    };
    let same = |a: &Piece<'_>, b: &Piece<'_>| class(region, a) == class(region, b);
    let mut bands: Vec<_> = pieces.chunk_by(same).rev().map(band).collect();
    if bands.len() > 8 {
        let class = main_class(region).to_owned();
        bands = vec![Band { class, bytes: region.size.into(), tip: tip.to_owned() }];
    }
    rows::stack(canvas, area, &bands);
}

/// Returns the color of a piece of a region.
fn class(region: &Region, piece: &Piece<'_>) -> &'static str {
    match piece.mapped() {
        Some(mapped) => style::access(mapped.access),
        None if region.parts.is_empty() => style::empty(region.kind),
        None => style::UNMAPPED,
    }
}

/// Returns the color of most of a region.
fn main_class(region: &Region) -> &'static str {
    let largest = pieces(region)
        .into_iter()
        .filter(|piece| piece.mapped().is_some())
        .max_by_key(|piece| piece.extent.size());
    largest.map_or(style::UNMAPPED, |piece| class(region, &piece))
}

/// A zigzag across a band that is higher in truth.
fn tear(canvas: &mut Canvas, area: Area) {
    let y = area.y + area.height / 3;
    let mut path = format!("M{} {y}", area.x.saturating_sub(2));
    for _ in 0..area.width.div_ceil(16) {
        path.push_str("l8 -6l8 6");
    }
    canvas.path("rim", &path);
    canvas.path("tear", &path);
}
