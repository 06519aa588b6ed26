//! A column of SVG elements that grows downwards. All text goes through here, where it is escaped;
//! all numbers are whole.

use std::fmt::Write;

use super::text;

/// The picture's width. A phone of 400 pixels still shows a text of 14 at 10 pixels.
pub(super) const WIDTH: u32 = 560;
/// The left edge of the content.
pub(super) const LEFT: u32 = 24;
/// The right edge of the content.
pub(super) const RIGHT: u32 = WIDTH - LEFT;
/// Characters in the longest tooltip.
const LONGEST_TIP: usize = 240;

/// A rectangle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// Elements, and where the next ones go.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    /// The height of the content so far.
    pub(super) y: u32,
    body: String,
}

impl Canvas {
    /// A rectangle without a tooltip.
    pub(super) fn rect(&mut self, class: &str, area: Area) {
        let Area { x, y, width, height } = area;
        self.push(format_args!("<rect class='{class}' x='{x}' y='{y}' width='{width}' height='{height}'/>"));
    }

    /// A rectangle that says more when it is pointed at.
    pub(super) fn rect_with_tip(&mut self, class: &str, area: Area, tip: &str) {
        let Area { x, y, width, height } = area;
        let tip = text::escape(&text::shorten(tip, LONGEST_TIP));
        self.push(format_args!(
            "<rect class='{class}' x='{x}' y='{y}' width='{width}' height='{height}'><title>{tip}</title></rect>"
        ));
    }

    /// A path without a tooltip.
    pub(super) fn path(&mut self, class: &str, path: &str) {
        self.push(format_args!("<path class='{class}' d='{path}'/>"));
    }

    /// A path that says more when it is pointed at.
    pub(super) fn path_with_tip(&mut self, class: &str, path: &str, tip: &str) {
        let tip = text::escape(&text::shorten(tip, LONGEST_TIP));
        self.push(format_args!("<path class='{class}' d='{path}'><title>{tip}</title></path>"));
    }

    /// A line of text on the baseline `y`.
    pub(super) fn text(&mut self, class: &str, x: u32, y: u32, text: &str) {
        let text = text::escape(text);
        self.push(format_args!("<text class='{class}' x='{x}' y='{y}'>{text}</text>"));
    }

    /// Text that reads upwards, with its middle at `y`.
    pub(super) fn upright(&mut self, class: &str, x: u32, y: u32, text: &str) {
        let text = text::escape(text);
        self.push(format_args!(
            "<text class='{class}' x='{x}' y='{y}' transform='rotate(-90 {x} {y})'>{text}</text>"
        ));
    }

    /// A panel's heading, with a line above it and a sentence below it.
    pub(super) fn heading(&mut self, heading: &str, sentence: &str) {
        self.y += 26;
        self.path("rule", &format!("M{LEFT} {}H{RIGHT}", self.y));
        self.text("h2", LEFT, self.y + 34, heading);
        self.y += 36;
        self.paragraph(sentence);
        self.y += 12;
    }

    /// Small text over the whole width, four lines at most.
    pub(super) fn paragraph(&mut self, text: &str) {
        for line in text::wrap(text, 69, 4) {
            self.y += 20;
            self.text("note", LEFT, self.y, &line);
        }
    }

    /// Returns the document. A viewer without style sheets shows it in its own size; the style
    /// sheet fits it to the width there is.
    pub(super) fn finish(self, style: &str, title: &str, description: &str) -> String {
        let Self { y, body } = self;
        let (height, title, description) = (y + LEFT, text::escape(title), text::escape(description));
        format!(
            "<svg xmlns='http://www.w3.org/2000/svg' class='landfall' role='graphics-document' width='{WIDTH}' height='{height}' \
             viewBox='0 0 {WIDTH} {height}'>\n<title>{title}</title>\n<desc>{description}</desc>\n{style}\n\
             <rect class='paper' width='{WIDTH}' height='{height}'/>\n{body}</svg>\n"
        )
    }

    fn push(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.body, "{element}");
    }
}

/// Returns the share of `length` that belongs to `part` of `whole`.
pub(super) fn share(part: u128, whole: u128, length: u32) -> u32 {
    let exact = part.saturating_mul(length.into()).checked_div(whole).unwrap_or(0);
    u32::try_from(exact).map_or(length, |share| share.min(length))
}
