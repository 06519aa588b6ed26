//! An audit as a picture: what page tables map, by which leaves, and what is wrong with it.
//!
//! ```text
//! findings   the codes that were found, and their numbers
//! region     one region: its parts, its leaves, its splits
//! ```
//!
//! Each code that was found has a number. The number and the code in letters stand beside each
//! region and each part that has such a finding. So no finding is marked by a color alone.

mod findings;
mod region;

use landfall_audit::{Audit, LeafCounts, RootAudit};
use landfall_paging::LeafSize;

use super::canvas::{Area, Canvas, LEFT};
use super::{linear, rows, style, text};
use findings::Marks;

/// Roots, and regions of each, at most.
const MOST_ROOTS: usize = 4;
const MOST_REGIONS: usize = 16;

/// Draws an audit as a document of its own, as [`draw`](super::draw) does.
///
/// However much there is in `audit`, the document stays below a megabyte: what does not fit is
/// counted instead.
///
/// ```
/// use landfall_audit::memory::Raw;
/// use landfall_audit::{Origin, Phys, Request, Root, audit};
/// use landfall_predict::svg::draw_audit;
///
/// // One table in sv39, whose entry 256 is a leaf of 1 GiB: V, R, W, X, G, A and D.
/// let mut table = vec![0; 4096];
/// table[256 * 8..][..8].copy_from_slice(&0x2000_00ef_u64.to_le_bytes());
/// let mut memory = Raw::new(std::io::Cursor::new(table), Phys(0x8020_0000))?;
/// let roots = vec![(Root::from_satp(8 << 60 | 0x80200)?, Origin::Given)];
/// let picture = draw_audit(&audit(&mut memory, &Request { roots, ..Request::default() }));
/// assert!(picture.contains("leaf-wx"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn draw(audit: &Audit) -> String {
    let mut canvas = Canvas::default();
    let marks = Marks::of(audit);
    let title = title(audit);
    canvas.y = 50;
    canvas.text("h1", LEFT, canvas.y, &title);
    canvas.y += 6;
    canvas.paragraph(&format!(
        "Everything that page tables map: {}. Read were {} tables, {}.",
        mapped(audit),
        audit.cost.tables,
        text::size(audit.cost.bytes.into())
    ));
    legend(&mut canvas, audit);
    findings::draw(&mut canvas, audit, &marks);
    let (shown, hidden) = audit.roots.split_at(audit.roots.len().min(MOST_ROOTS));
    for (number, root) in shown.iter().enumerate() {
        draw_root(&mut canvas, number, root, &marks);
    }
    if !hidden.is_empty() {
        canvas.paragraph(&format!("… and {} more roots", hidden.len()));
    }
    canvas.finish(&(style::sheet() + style::of_audit()), &title, &description(audit, &marks))
}

fn title(audit: &Audit) -> String {
    match &audit.roots[..] {
        [root] => format!("Mappings in {}", root.root.mode),
        roots => format!("Mappings of {} roots", roots.len()),
    }
}

fn mapped(audit: &Audit) -> String {
    let bytes: u128 = regions(audit).map(|region| u128::from(region.mapped)).sum();
    format!("{} in {} regions", text::size(bytes), regions(audit).count())
}

fn regions(audit: &Audit) -> impl Iterator<Item = &landfall_audit::region::Region> {
    audit.roots.iter().flat_map(|root| &root.regions)
}

/// Returns the number of leaves of a size.
fn count(leaves: LeafCounts, size: LeafSize) -> u64 {
    let own = landfall_audit::LeafSize::ALL.into_iter().find(|own| own.bytes() == size.bytes());
    own.map_or(0, |own| leaves[own])
}

/// The meanings of colors and of marks.
fn legend(canvas: &mut Canvas, audit: &Audit) {
    canvas.y += 14;
    let permissions = [
        ("RX", "R-X execute"),
        ("R", "R-- read only"),
        ("RW", "RW- write"),
        ("RWX", "RWX write and execute"),
        (style::UNMAPPED, "not mapped"),
    ];
    for line in permissions.chunks(3) {
        let mut x = LEFT;
        for (class, words) in line {
            canvas.rect(class, Area { x, y: canvas.y, width: 26, height: 20 });
            canvas.text("note", x + 34, canvas.y + 15, words);
            x += if line.len() == 3 { 172 } else { 258 };
        }
        canvas.y += 30;
    }
    canvas.text("note", LEFT, canvas.y + 17, "leaves, by size:");
    let mut x = LEFT + 124;
    let present = |size: &LeafSize| regions(audit).any(|region| count(region.leaves, *size) != 0);
    for size in LeafSize::ALL.into_iter().filter(present) {
        x += rows::chip(canvas, x, canvas.y + 2, size, size.name()) + 8;
    }
    canvas.y += 24;
}

fn draw_root(canvas: &mut Canvas, number: usize, root: &RootAudit, marks: &Marks) {
    let RootAudit { regions, tables, inherited, .. } = root;
    canvas.heading(
        &format!("Root {number}, {}, at {}", root.root.mode, root.root.table),
        &format!(
            "{}. Tables: {tables}. High addresses on top. Left: the permission. Right of it, in violet: the leaves. → is \
             the place in physical memory.",
            root.origin
        ),
    );
    if !regions.is_empty() {
        linear::coverage(canvas, |size| count(root.leaves(), size));
    }
    let (low, hidden, high) = rows::elide(regions, MOST_REGIONS);
    let draw = |canvas: &mut Canvas, regions: &[landfall_audit::region::Region]| {
        for own in regions.iter().rev() {
            region::draw(canvas, number, own, marks);
        }
    };
    draw(canvas, high);
    if !hidden.is_empty() {
        canvas.paragraph(&format!("… and {} more regions", hidden.len()));
        canvas.y += 14;
    }
    draw(canvas, low);
    let shared: u128 = inherited.iter().map(|own| u128::from(own.size)).sum();
    if shared != 0 {
        canvas.paragraph(&format!("An earlier root maps {} by the same tables.", text::size(shared)));
    }
}

/// Returns regions and findings in words, for those who do not see the picture.
fn description(audit: &Audit, marks: &Marks) -> String {
    let all: Vec<_> = regions(audit).collect();
    let (first, hidden, last) = rows::elide(&all, MOST_REGIONS);
    let mut words: Vec<String> = Vec::new();
    for region in first.iter().chain(last) {
        let name = text::shorten(&region.name, 40);
        words.push(format!("{name} at {}, {} mapped", region.start, text::size(region.mapped.into())));
    }
    if !hidden.is_empty() {
        words.push(format!("and {} more", hidden.len()));
    }
    format!("From low to high addresses: {}. Findings: {}.", words.join("; "), marks.in_words(audit))
}

#[cfg(test)]
mod tests;
