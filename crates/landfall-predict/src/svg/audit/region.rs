//! One region: its parts, the leaves that map them, its splits and its findings.

use landfall_audit::region::{Part, Region, Split};
use landfall_audit::{Attributes, Bytes, LeafCounts, Span};
use landfall_paging::LeafSize;

use super::count;
use super::findings::Marks;
use crate::svg::canvas::{Area, Canvas, LEFT, RIGHT};
use crate::svg::cover::Extent;
use crate::svg::rows::{self, Band, Row};
use crate::svg::{style, text};

/// Parts of a region at most; those in the middle are counted.
const MOST_PARTS: usize = 10;
/// Splits of a region at most.
const MOST_SPLITS: usize = 3;
/// The room of a letter of a name beside its rows.
const LETTER: u32 = 9;

/// Draws a region of the `root`th root.
pub(super) fn draw(canvas: &mut Canvas, root: usize, region: &Region, marks: &Marks) {
    canvas.y += 26;
    canvas.text("name", LEFT, canvas.y, &text::shorten(&region.name, 40));
    let mapped = format!("{} mapped, tables {}", text::size(region.mapped.into()), region.tables);
    canvas.text("end note", RIGHT, canvas.y, &mapped);
    canvas.y += 10;
    let top = canvas.y;
    let (low, hidden, high) = rows::elide(&region.parts, MOST_PARTS);
    // Parts that the audit does not list lie above those that it lists.
    let unlisted = region.part_count.saturating_sub(region.parts.len() as u64);
    more(canvas, unlisted);
    draw_parts(canvas, (root, region), high, marks);
    more(canvas, hidden.len() as u64);
    draw_parts(canvas, (root, region), low, marks);
    // The name reads upwards, in letters that are at most so high.
    let letters = usize::try_from((canvas.y - top) / LETTER).unwrap_or(0);
    rows::bracket(canvas, &text::shorten(region.kind.name(), letters), top);
    splits(canvas, region);
}

fn more(canvas: &mut Canvas, parts: u64) {
    if parts != 0 {
        canvas.text("note", rows::WORDS, canvas.y + 25, &format!("… and {parts} more parts"));
        canvas.y += 40;
    }
}

/// Draws parts, in ascending order, from the highest to the lowest, with the gaps between them.
fn draw_parts(canvas: &mut Canvas, (root, region): (usize, &Region), parts: &[Part], marks: &Marks) {
    let mut above: Option<&Part> = None;
    for part in parts.iter().rev() {
        let end = Span::new(part.virt, part.size).end();
        let gap = above.map_or(0, |above| u128::from(above.virt.0).saturating_sub(end));
        if gap != 0 {
            let area = Area { x: rows::BAND, y: canvas.y, width: 88, height: 32 };
            let tip = format!("{} from {} are not mapped", text::size(gap), text::address(end));
            canvas.rect_with_tip(style::UNMAPPED, area, &tip);
            canvas.text("note", rows::WORDS, canvas.y + 21, "not mapped");
            canvas.text("end note", RIGHT, canvas.y + 21, &text::size(gap));
            canvas.y += 32;
        }
        draw_part(canvas, &region.name, part);
        let top = canvas.y;
        canvas.y += 4;
        marks.draw(canvas, rows::WORDS, root, Span::new(part.virt, part.size));
        if canvas.y == top + 4 {
            canvas.y = top;
        }
        above = Some(part);
    }
}

fn draw_part(canvas: &mut Canvas, region: &str, part: &Part) {
    let Part { virt, phys, size, attributes, leaves, name } = part;
    let extent = Extent::new(virt.0, *size);
    let access = attributes.access();
    let others = format!("{} {}", attributes.flags(), memory(*attributes));
    let row = Row {
        class: class(*attributes),
        access: &access,
        what: name.as_deref().unwrap_or(region),
        extent,
        physical: phys.0.into(),
        attributes: &others,
        tip: format!(
            "{virt} to {}: {}, {attributes}, physical {phys}",
            text::address(extent.end.saturating_sub(1)),
            Bytes(*size)
        ),
        bands: bands(*leaves),
    };
    rows::mapped(canvas, &row, |size| count(*leaves, size));
}

/// Returns the memory type, if it is not that of the physical address.
fn memory(attributes: Attributes) -> String {
    match attributes.memory() {
        landfall_audit::MemoryType::Default => String::new(),
        other => other.to_string(),
    }
}

fn class(attributes: Attributes) -> &'static str {
    match (attributes.writable(), attributes.executable()) {
        (true, true) => "RWX",
        (true, false) => "RW",
        (false, true) => "RX",
        (false, false) => "R",
    }
}

/// Returns a band for each size of leaf, the largest on top.
fn bands(leaves: LeafCounts) -> Vec<Band> {
    let sizes = LeafSize::ALL.into_iter().rev().filter(|size| count(leaves, *size) != 0);
    let band = |size: LeafSize| {
        let leaves = count(leaves, size);
        let bytes = u128::from(leaves) * u128::from(size.bytes());
        Band { class: style::leaf(size), bytes, tip: format!("{leaves} × {size}: {}", text::size(bytes)) }
    };
    sizes.map(band).collect()
}

/// Lists larger leaves that could be there, and what prevents them.
fn splits(canvas: &mut Canvas, region: &Region) {
    let listed = &region.splits.listed;
    for Split { start, blocks, leaf, causes } in listed.iter().take(MOST_SPLITS) {
        let causes: Vec<_> = causes.iter().map(ToString::to_string).collect();
        let words = format!("{blocks} × {leaf} from {start} could be: {}", causes.join("; "));
        canvas.paragraph(&words);
    }
    if listed.len() > MOST_SPLITS {
        canvas.paragraph(&format!("… and {} more larger leaves", listed.len() - MOST_SPLITS));
    }
    canvas.y += 8;
}
