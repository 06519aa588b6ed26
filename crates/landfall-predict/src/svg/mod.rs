//! An address space as a picture: one SVG document, a column of panels that a phone shows as well
//! as a wide screen.
//!
//! ```text
//! legend     what the colours mean
//! overview   the upper half: every region
//! own        the kernel's own regions, piece by piece
//! linear     the linear map: which leaves cover how much of it, and its pieces
//! splits     each leaf of the linear map that could not be, cell by cell
//!
//! small      a picture of the upper half alone
//! audit      an audit: what page tables map, and what is wrong with it
//!
//! rows       pieces of a region below each other
//! grid       the cells of one leaf
//! cover      which leaf maps which address
//! canvas     SVG elements
//! style      colours and type
//! text       words and numbers
//! ```
//!
//! ```
//! use landfall_predict::case::Outcome;
//! use landfall_predict::facts_file::FactsFile;
//! use landfall_predict::{svg, view};
//!
//! let facts = include_bytes!("../../tests/records/facts-2.json");
//! let Outcome::Lands(prediction) = FactsFile::parse(facts)?.case(None).predict() else {
//!     panic!("the kernel of these facts has landed")
//! };
//! let picture = svg::draw(&view::address_space(&prediction));
//! assert!(picture.starts_with("<svg") && picture.trim_end().ends_with("</svg>"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod audit;
mod canvas;
mod cover;
mod grid;
mod legend;
mod linear;
mod overview;
mod own;
mod rows;
mod small;
mod splits;
mod style;
mod text;

#[cfg(test)]
mod random;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

pub use self::audit::draw as draw_audit;
use self::canvas::{Canvas, LEFT};
use self::cover::Extent;
pub use self::small::draw as draw_small;
use crate::space::{AddressSpace, Kind};

/// Draws `space` as a document of its own: no scripts, no fonts from elsewhere, for light and for
/// dark screens.
///
/// However much there is in `space`, the document stays below a megabyte: what does not fit is
/// counted instead.
#[must_use]
pub fn draw(space: &AddressSpace) -> String {
    let mut canvas = Canvas::default();
    header(&mut canvas, space);
    legend::draw(&mut canvas, space);
    overview::draw(&mut canvas, space);
    own::draw(&mut canvas, space);
    if let Some(region) = space.regions.iter().find(|region| region.kind == Kind::LinearMap) {
        linear::draw(&mut canvas, region);
        splits::draw(&mut canvas, region);
    }
    let title = format!("Address space in {}", space.mode);
    canvas.finish(&style::sheet(), &title, &description(space))
}

fn header(canvas: &mut Canvas, space: &AddressSpace) {
    let first = u128::from(space.mode.upper_half().get());
    canvas.y = 50;
    canvas.text("h1", LEFT, canvas.y, &format!("Address space in {}", space.mode));
    canvas.y += 6;
    canvas.paragraph(&format!(
        "The upper half is {}, from {} to {}. Page tables take {} at physical {}.",
        text::size(space.mode.half_size().into()),
        text::address(first),
        text::address(u64::MAX.into()),
        text::size(space.tables.size.into()),
        text::address(space.tables.physical.into()),
    ));
}

/// Returns the regions in words, for those who do not see the picture.
fn description(space: &AddressSpace) -> String {
    let (first, hidden, last) = rows::elide(&space.regions, overview::MOST_ROWS);
    let mut words: Vec<String> = Vec::new();
    for region in first.iter().chain(last) {
        let extent = Extent::new(region.start, region.size);
        words.push(format!(
            "{} at {}, {}",
            style::name(region.kind),
            text::address(extent.start),
            text::size(extent.size())
        ));
    }
    if !hidden.is_empty() {
        words.push(format!("and {} more", hidden.len()));
    }
    format!("From low to high addresses: {}.", words.join("; "))
}
