//! A leaf that could not be, as a grid of the entries of the table in its place.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::ops::Range;

use landfall_paging::Access;

use super::canvas::{Canvas, LEFT};
use super::cover::{Extent, Run, within};
use super::{style, text};
use crate::space::Split;

/// Entries of a table.
const ENTRIES: u64 = 512;
/// The smallest page.
const PAGE: u64 = 4096;
/// Cells in a row, and the width and height of each.
const COLUMNS: u32 = 32;
const CELL: u32 = 16;
const HIGH: u32 = 13;

/// Stretches of equal cells at most that have a tooltip each.
const MOST_TIPS: usize = 64;

/// The content of an entry of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    /// A leaf, or a part of one.
    Leaf(Run),
    /// A table: smaller leaves of one permission, or a mixture.
    Table(Option<Access>),
    /// Nothing.
    Nothing,
}

/// Returns the bytes of a cell.
pub(super) fn cell_size(split: &Split) -> u64 {
    (split.leaf.bytes() / ENTRIES).max(PAGE)
}

/// Draws what stands in the place of `split`; `runs` are those of the whole region, in ascending
/// order. A cell whose own card is among `cards` has its number.
pub(super) fn draw(canvas: &mut Canvas, split: &Split, runs: &[Run], cards: &[&Split]) {
    let size = u128::from(cell_size(split));
    let count = u32::try_from(u128::from(split.leaf.bytes()) / size).unwrap_or(0);
    let extent = |cells: Range<u32>| {
        let address = |index: u32| u128::from(split.start) + u128::from(index) * size;
        Extent { start: address(cells.start), end: address(cells.end) }
    };
    let mut first = 0;
    let cells: Vec<Cell> = (0..count).map(|index| cell(runs, extent(index..index + 1))).collect();
    let same: Vec<Patch> = cells
        .chunk_by(|a, b| a == b)
        .map(|same| {
            let cells = first..first + u32::try_from(same.len()).unwrap_or(0);
            first = cells.end;
            Patch { cell: same[0], cells }
        })
        .collect();
    let large = |patch: &Patch| matches!(patch.cell, Cell::Leaf(run) if u128::from(run.leaf.bytes()) > size);
    let (large, same): (Vec<_>, Vec<_>) = same.into_iter().partition(large);
    let height = count.div_ceil(COLUMNS) * HIGH;
    fill(canvas, "", &same, extent);
    canvas.path("lines", &lines(canvas.y, height));
    // No lines within them.
    fill(canvas, " leaf", &large, extent);
    canvas.path("split", &outlines(canvas.y, &same, |cell| matches!(cell, Cell::Table(_))));
    for (card, number) in cards.iter().zip(1_u32..) {
        let distance = card.start.checked_sub(split.start).map(|distance| u128::from(distance) / size);
        let index = distance.and_then(|index| u32::try_from(index).ok()).filter(|index| *index < count);
        if let Some(index) = index.filter(|_| u128::from(card.leaf.bytes()) == size) {
            let (x, y) = (LEFT + index % COLUMNS * CELL, canvas.y + index / COLUMNS * HIGH);
            canvas.text("digit on-RW", x + CELL / 2, y + HIGH - 2, &number.to_string());
        }
    }
    canvas.y += height;
}

/// Neighboring cells with the same content.
struct Patch {
    cell: Cell,
    /// Their numbers.
    cells: Range<u32>,
}

/// Draws the cells' colors, with tooltips unless they would be most of the picture.
fn fill(canvas: &mut Canvas, more: &str, same: &[Patch], extent: impl Fn(Range<u32>) -> Extent) {
    let top = canvas.y;
    if same.len() <= MOST_TIPS {
        for Patch { cell, cells } in same {
            let tip = tip(*cell, extent(cells.clone()), cells.len());
            canvas.path_with_tip(&format!("{}{more}", class(*cell)), &outline(top, cells), &tip);
        }
        return;
    }
    let classes: BTreeSet<&str> = same.iter().map(|patch| class(patch.cell)).collect();
    for colour in classes {
        canvas.path(&format!("{colour}{more}"), &outlines(top, same, |cell| class(cell) == colour));
    }
}

fn cell(runs: &[Run], extent: Extent) -> Cell {
    let within = || within(runs, extent);
    let Some(first) = within().next() else { return Cell::Nothing };
    let covered: u128 = within().filter_map(|run| run.extent.clip(extent)).map(Extent::size).sum();
    let whole = covered == extent.size();
    let leaf = u128::from(first.leaf.bytes());
    if whole && leaf >= extent.size() && within().count() == 1 {
        // A leaf that is larger than a cell is distinguished from its neighbors.
        let start = if leaf > extent.size() { extent.start / leaf * leaf } else { 0 };
        return Cell::Leaf(Run { extent: Extent { start, end: start }, ..*first });
    }
    Cell::Table(Some(first.access).filter(|access| whole && within().all(|run| run.access == *access)))
}

fn class(cell: Cell) -> &'static str {
    match cell {
        Cell::Leaf(Run { access, .. }) | Cell::Table(Some(access)) => style::access(access),
        Cell::Table(None) => "mixed",
        Cell::Nothing => style::UNMAPPED,
    }
}

fn tip(cell: Cell, extent: Extent, count: usize) -> String {
    let what = match cell {
        Cell::Leaf(Run { access, leaf, .. }) => format!("{leaf} leaves, {}", access.name()),
        Cell::Table(Some(access)) => format!("smaller leaves, {}", access.name()),
        Cell::Table(None) => "smaller leaves that differ".to_owned(),
        Cell::Nothing => "not mapped".to_owned(),
    };
    let (last, cells) = (extent.end.saturating_sub(1), if count == 1 { "cell" } else { "cells" });
    format!("{} to {}: {count} {cells}, {what}", text::address(extent.start), text::address(last))
}

/// Returns the outlines of all cells of which `wanted` is true.
fn outlines(top: u32, same: &[Patch], wanted: impl Fn(Cell) -> bool) -> String {
    same.iter().filter(|patch| wanted(patch.cell)).map(|patch| outline(top, &patch.cells)).collect()
}

/// Returns the outline of cells that follow each other, over as many rows as they take.
fn outline(top: u32, cells: &Range<u32>) -> String {
    let last = cells.end.saturating_sub(1);
    let (x, y) = (|column: u32| LEFT + column * CELL, |row: u32| top + row * HIGH);
    let (from, to) = (x(cells.start % COLUMNS), x(last % COLUMNS + 1));
    let (upper, lower) = (cells.start / COLUMNS, last / COLUMNS);
    if upper == lower {
        return format!("M{from} {}H{to}V{}H{from}Z", y(upper), y(upper + 1));
    }
    let (left, right) = (x(0), x(COLUMNS));
    if upper + 1 == lower && to <= from {
        // Two ends that do not touch.
        return format!(
            "M{from} {}H{right}V{2}H{from}ZM{left} {2}H{to}V{}H{left}Z",
            y(upper),
            y(lower + 1),
            y(lower)
        );
    }
    format!("M{from} {}H{right}V{}H{to}V{}H{left}V{}H{from}Z", y(upper), y(lower), y(lower + 1), y(upper + 1))
}

/// Returns the lines between cells.
fn lines(top: u32, height: u32) -> String {
    let mut path = String::new();
    for row in 1..height / HIGH {
        let _ = write!(path, "M{LEFT} {}h{}", top + row * HIGH, COLUMNS * CELL);
    }
    for column in 1..COLUMNS {
        let _ = write!(path, "M{} {top}v{height}", LEFT + column * CELL);
    }
    path
}
