//! The codes that were found, and the numbers that mark them in the picture.

use landfall_audit::{Audit, Code, Span, Virt};

use crate::svg::canvas::{Area, Canvas, LEFT, RIGHT};
use crate::svg::text;

/// Places of one code that are listed.
const MOST_PLACES: usize = 3;
/// Codes that are marked beside one region or part.
const MOST_MARKS: usize = 4;
/// The size of a mark.
const WIDTH: u32 = 28;
const HEIGHT: u32 = 20;

/// The places of findings, and the number of each code.
pub(super) struct Marks {
    codes: Vec<Code>,
    /// Root, addresses, and the index of the code.
    places: Vec<(usize, Span<Virt>, usize)>,
}

impl Marks {
    pub(super) fn of(audit: &Audit) -> Self {
        let codes: Vec<_> = audit.findings.codes().collect();
        let index = |code| codes.iter().position(|own| *own == code).unwrap_or(0);
        let places = audit.findings.kept().iter();
        let places = places.map(|finding| (finding.root, finding.span, index(finding.code))).collect();
        Self { codes, places }
    }

    /// Draws marks for the findings in these addresses, one below another. Nothing without any.
    pub(super) fn draw(&self, canvas: &mut Canvas, x: u32, root: usize, span: Span<Virt>) {
        let is_in = |place: &&(usize, Span<Virt>, usize)| place.0 == root && place.1.overlaps(&span);
        let mut found: Vec<_> = self.places.iter().filter(is_in).map(|place| place.2).collect();
        found.sort_unstable();
        found.dedup();
        for index in found.iter().take(MOST_MARKS) {
            self.mark(canvas, x, *index);
            canvas.text("mono", x + WIDTH + 8, canvas.y + 15, self.codes[*index].name());
            canvas.y += HEIGHT + 4;
        }
        if found.len() > MOST_MARKS {
            let words = format!("… and {} more codes", found.len() - MOST_MARKS);
            canvas.text("note", x, canvas.y + 15, &words);
            canvas.y += HEIGHT + 4;
        }
    }

    fn mark(&self, canvas: &mut Canvas, x: u32, index: usize) {
        let title = self.codes[index].explanation().title;
        canvas.rect_with_tip("badge", Area { x, y: canvas.y, width: WIDTH, height: HEIGHT }, title);
        canvas.text("tag on-badge", x + WIDTH / 2, canvas.y + 15, &(index + 1).to_string());
    }

    /// Returns the codes with their numbers of findings.
    pub(super) fn in_words(&self, audit: &Audit) -> String {
        let count = |code: &Code| format!("{} {code}", audit.findings.count(*code));
        let words: Vec<_> = self.codes.iter().map(count).collect();
        if words.is_empty() { "none".to_owned() } else { words.join(", ") }
    }
}

/// Draws the list of codes, each with its first places.
pub(super) fn draw(canvas: &mut Canvas, audit: &Audit, marks: &Marks) {
    if marks.codes.is_empty() {
        canvas.heading("No findings", "Nothing is wrong with these mappings, as far as they were checked.");
        return;
    }
    canvas.heading("Findings", "The same numbers mark regions and their parts below.");
    for (index, code) in marks.codes.iter().enumerate() {
        marks.mark(canvas, LEFT, index);
        canvas.text("mono", LEFT + WIDTH + 8, canvas.y + 15, code.name());
        let count = audit.findings.count(*code);
        canvas.text("end", RIGHT, canvas.y + 15, &format!("{count}×"));
        canvas.y += HEIGHT;
        canvas.paragraph(code.explanation().title);
        let mut places = marks.places.iter().filter(|place| place.2 == index);
        for (root, span, _) in places.by_ref().take(MOST_PLACES) {
            canvas.y += 20;
            let words = format!("root {root}, {}, {}", span.start, text::size(span.size.into()));
            canvas.text("mono", LEFT + 16, canvas.y, &words);
        }
        let more = count.saturating_sub(MOST_PLACES as u64);
        if more != 0 {
            canvas.paragraph(&format!("… and {more} more"));
        }
        canvas.y += 16;
    }
}
