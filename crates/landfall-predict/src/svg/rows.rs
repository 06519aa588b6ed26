//! Pieces of a region below each other, the highest address on top: permission and leaves of each,
//! its name, its place and its size.

use landfall_paging::LeafSize;

use super::canvas::{Area, Canvas, LEFT, RIGHT, share};
use super::cover::{Extent, Mapped, Piece};
use super::{style, text};

/// Rows of one region at most; what is in the middle is counted.
const MOST_ROWS: usize = 10;
/// The left edges of a row's colors and of its words.
pub(super) const BAND: u32 = LEFT + 26;
pub(super) const WORDS: u32 = BAND + 104;
/// The leftmost edge of the pills.
const CHIPS: u32 = WORDS + 160;
/// The widths of the colors: permission, and leaves.
const PERMISSION: u32 = 50;
const LEAVES: u32 = 38;

/// Draws `pieces`, which are in ascending order, from the highest to the lowest. `name` stands
/// beside them.
pub(super) fn draw(canvas: &mut Canvas, name: &str, pieces: &[Piece<'_>]) {
    let top = canvas.y;
    let (low, hidden, high) = elide(pieces, MOST_ROWS);
    for piece in high.iter().rev() {
        row(canvas, piece);
    }
    if !hidden.is_empty() {
        more(canvas, hidden);
    }
    for piece in low.iter().rev() {
        row(canvas, piece);
    }
    bracket(canvas, name, top);
}

/// A row for a stretch without pieces: a low one if nothing may ever be mapped there.
pub(super) fn empty(canvas: &mut Canvas, class: &str, name: &str, piece: &Piece<'_>) {
    let height = if class == style::UNMAPPED { 32 } else { 54 };
    let area = Area { x: BAND, y: canvas.y, width: PERMISSION + LEAVES, height };
    canvas.rect_with_tip(class, area, &tip(name, piece));
    words(canvas, area, name, piece.extent);
    canvas.y += height;
}

/// Items from both ends of a list, as many as `limit`, and those between them.
pub(super) fn elide<T>(items: &[T], limit: usize) -> (&[T], &[T], &[T]) {
    if items.len() <= limit {
        return (items, &[], &[]);
    }
    let (first, rest) = items.split_at(limit / 2);
    let (hidden, last) = rest.split_at(rest.len() - limit / 2);
    (first, hidden, last)
}

/// Returns a leaf's size as a pill with its upper left corner at `x` and `y`; gives its width.
pub(super) fn chip(canvas: &mut Canvas, x: u32, y: u32, size: LeafSize, label: &str) -> u32 {
    let (class, width) = (style::leaf(size), chip_width(label));
    canvas.rect(&class, Area { x, y, width, height: 20 });
    canvas.text(&format!("tag on-{class}"), x + width / 2, y + 15, label);
    width
}

/// Draws pills for the sizes of leaves, with their counts, that end at `RIGHT`, in as many lines as
/// they need. Returns the position of the last line.
pub(super) fn chips(canvas: &mut Canvas, mut y: u32, count: impl Fn(LeafSize) -> u64) -> u32 {
    let mut right = RIGHT;
    for size in LeafSize::ALL.into_iter().filter(|size| count(*size) > 0) {
        let label = format!("{}×{size}", count(size));
        let width = chip_width(&label);
        if right < CHIPS + width {
            (right, y) = (RIGHT, y + 23);
        }
        chip(canvas, right.saturating_sub(width), y, size, &label);
        right = right.saturating_sub(width + 6);
    }
    y
}

/// Returns the tooltip of a piece.
pub(super) fn tip(name: &str, piece: &Piece<'_>) -> String {
    let (extent, last) = (piece.extent, piece.extent.end.saturating_sub(1));
    let mapped = piece.mapped().map_or(String::new(), |mapped| {
        format!(", {}, physical {}", mapped.access.name(), text::address(mapped.physical))
    });
    let range = format!("{} to {}", text::address(extent.start), text::address(last));
    format!("{range}: {}, {}{mapped}", text::shorten(name, 80), text::size(extent.size()))
}

fn chip_width(label: &str) -> u32 {
    u32::try_from(label.chars().count()).unwrap_or(0).saturating_mul(9) + 10
}

fn row(canvas: &mut Canvas, piece: &Piece<'_>) {
    let Some(Mapped { what, physical, access, leaves }) = piece.mapped() else {
        return empty(canvas, style::UNMAPPED, piece.name(), piece);
    };
    let row = Row {
        class: style::access(access),
        access: access.name(),
        what,
        extent: piece.extent,
        physical,
        attributes: "",
        tip: tip(what, piece),
        bands: gradation(piece),
    };
    mapped(canvas, &row, |size| leaves[size].into());
}

/// A stretch of a region with one permission.
pub(super) struct Row<'a> {
    /// The class of its permission, and the permission in letters.
    pub(super) class: &'a str,
    pub(super) access: &'a str,
    /// Its name.
    pub(super) what: &'a str,
    pub(super) extent: Extent,
    /// Its first physical address, and further attributes in letters.
    pub(super) physical: u128,
    pub(super) attributes: &'a str,
    pub(super) tip: String,
    /// Its leaves, the highest first.
    pub(super) bands: Vec<Band>,
}

/// Draws a row for it. `count` returns the number of leaves of a size.
pub(super) fn mapped(canvas: &mut Canvas, row: &Row<'_>, count: impl Fn(LeafSize) -> u64) {
    let last = chips(canvas, canvas.y + 28, count);
    let height = (last + 22 - canvas.y).max(72);
    let area = Area { x: BAND, y: canvas.y, width: PERMISSION, height };
    canvas.rect_with_tip(row.class, area, &row.tip);
    canvas.text(&format!("tag on-{}", row.class), BAND + PERMISSION / 2, area.y + 41, row.access);
    stack(canvas, Area { x: BAND + PERMISSION, width: LEAVES, ..area }, &row.bands);
    words(canvas, area, row.what, row.extent);
    let words = format!("→ {}  {}", text::address(row.physical), row.attributes);
    canvas.text("mono muted", WORDS, area.y + 61, words.trim_end());
    canvas.path("lines", &format!("M{BAND} {}h{}", area.y + area.height, PERMISSION + LEAVES));
    canvas.y += area.height;
}

/// Returns the leaves that map a piece.
fn gradation(piece: &Piece<'_>) -> Vec<Band> {
    let runs = piece.runs().into_iter().rev().map(|run| {
        let leaves = run.extent.size() / u128::from(run.leaf.bytes());
        let tip = format!("{leaves} × {} from {}", run.leaf, text::address(run.extent.start));
        Band { class: style::leaf(run.leaf), bytes: run.extent.size(), tip }
    });
    runs.collect()
}

/// A color in a stack of them.
pub(super) struct Band {
    /// The class of its style.
    pub(super) class: String,
    /// The bytes that it stands for.
    pub(super) bytes: u128,
    /// Its tooltip.
    pub(super) tip: String,
}

/// Draws bands from the top of `area` to its bottom. The height of each follows the logarithm of
/// its bytes.
pub(super) fn stack(canvas: &mut Canvas, area: Area, bands: &[Band]) {
    let weight = |bytes: u128| u128::from((bytes >> 11).checked_ilog2().unwrap_or(0)) + 1;
    let total: u128 = bands.iter().map(|band| weight(band.bytes)).sum();
    let mut done = 0;
    for Band { class, bytes, tip } in bands {
        let top = share(done, total, area.height);
        done += weight(*bytes);
        let height = share(done, total, area.height) - top;
        canvas.rect_with_tip(class, Area { y: area.y + top, height, ..area }, tip);
    }
}

/// Name and size, and the first address at the lower edge of what is not mapped, or below the name.
fn words(canvas: &mut Canvas, area: Area, name: &str, extent: Extent) {
    let (start, size) = (text::address(extent.start), text::size(extent.size()));
    let bottom = area.y + area.height;
    canvas.path("tick", &format!("M{BAND} {bottom}H{RIGHT}"));
    if area.height < 40 {
        canvas.text("note", WORDS, area.y + 21, &text::shorten(name, 32));
        canvas.text("end note", RIGHT, area.y + 21, &size);
        return;
    }
    canvas.text("name", WORDS, area.y + 22, &text::shorten(name, 30));
    canvas.text("end", RIGHT, area.y + 22, &size);
    canvas.text("mono", WORDS, area.y + 42, &start);
}

fn more(canvas: &mut Canvas, hidden: &[Piece<'_>]) {
    let bytes: u128 =
        hidden.iter().filter(|piece| piece.mapped().is_some()).map(|piece| piece.extent.size()).sum();
    let words = format!("… and {} more like these, {} mapped", hidden.len(), text::size(bytes));
    canvas.text("note", WORDS, canvas.y + 25, &words);
    canvas.y += 40;
    canvas.path("tick", &format!("M{BAND} {}H{RIGHT}", canvas.y));
}

/// A line over everything since `top`, with a name beside it.
pub(super) fn bracket(canvas: &mut Canvas, name: &str, top: u32) {
    let (x, middle) = (LEFT + 18, top.midpoint(canvas.y));
    canvas.path("edge", &format!("M{} {}H{x}V{}h5", x + 5, top + 2, canvas.y - 2));
    canvas.upright("mid", LEFT + 10, middle, name);
}
