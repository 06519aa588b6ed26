//! The passages of Markdown text.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Stands for a span of code, which counts as one word.
pub const CODE: char = '\u{FFFC}';

/// The comment that exempts the next list, table or paragraph, for enumerations that cannot be cut.
const EXEMPTION: &str = "<!-- prose: list -->";

/// A paragraph, a heading, an item or a cell, without markup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passage {
    /// The line on which it begins.
    pub line: usize,
    /// The words, with single spaces, and [`CODE`] for each span of code.
    pub text: String,
    /// Its spans of code.
    pub code: Vec<String>,
    /// Set by `<!-- prose: list -->` before the block: its sentences may have any length.
    pub is_exempt: bool,
}

/// The options under which all Markdown of the project is read.
#[must_use]
pub fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES
}

/// Returns the passages of `text`, whose n-th line has the number `lines[n]`.
#[must_use]
pub fn passages(text: &str, lines: &[usize]) -> Vec<Passage> {
    let mut reader = Reader { text, lines, ..Reader::default() };
    for (event, range) in Parser::new_ext(text, options()).into_offset_iter() {
        reader.take(&event, range.start);
    }
    reader.finish();
    reader.found
}

#[derive(Default)]
struct Reader<'a> {
    text: &'a str,
    lines: &'a [usize],
    found: Vec<Passage>,
    open: Passage,
    in_code_block: bool,
    /// An exemption was read, and its block has not begun.
    exempts_next: bool,
    /// The number of open lists and tables inside the exempt one, itself included.
    exempt_depth: usize,
    /// The exempt block is a paragraph, and it is open.
    in_exempt_paragraph: bool,
}

impl Reader<'_> {
    fn take(&mut self, event: &Event<'_>, offset: usize) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(*tag),
            Event::Text(_) if self.in_code_block => {}
            Event::Text(text) => self.push(text, offset),
            Event::Code(code) => {
                self.push(&CODE.to_string(), offset);
                self.open.code.push(code.to_string());
            }
            Event::SoftBreak | Event::HardBreak => self.push(" ", offset),
            Event::Html(html) => self.exempts_next |= html.trim() == EXEMPTION,
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. } => return,
            Tag::CodeBlock(_) => self.in_code_block = true,
            Tag::List(_) | Tag::Table(_) if self.exempts_next || self.exempt_depth > 0 => {
                self.finish();
                self.exempts_next = false;
                self.exempt_depth += 1;
            }
            Tag::Paragraph => self.in_exempt_paragraph = std::mem::take(&mut self.exempts_next),
            _ => {}
        }
        self.finish();
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image => {
                return;
            }
            TagEnd::CodeBlock => self.in_code_block = false,
            TagEnd::Paragraph => {
                self.finish();
                self.in_exempt_paragraph = false;
            }
            TagEnd::List(_) | TagEnd::Table if self.exempt_depth > 0 => {
                self.finish();
                self.exempt_depth -= 1;
            }
            _ => {}
        }
        self.finish();
    }

    fn push(&mut self, text: &str, offset: usize) {
        if self.open.text.is_empty() {
            let index = self.text.get(..offset).unwrap_or_default().matches('\n').count();
            self.open.line = self.lines.get(index).copied().unwrap_or_default();
            self.open.is_exempt = self.exempt_depth > 0 || self.in_exempt_paragraph;
        }
        self.open.text.push_str(text);
    }

    fn finish(&mut self) {
        let passage = std::mem::take(&mut self.open);
        let text = passage.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            self.found.push(Passage { text, ..passage });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(usize, String)> {
        let lines: Vec<usize> = (1..=text.lines().count()).collect();
        passages(text, &lines).into_iter().map(|passage| (passage.line, passage.text)).collect()
    }

    #[test]
    fn paragraphs_headings_items_and_cells_are_passages() {
        let text = "# A\n\nb *c*\n`d` e\n- f\n- g\n  - h\n\n| i | j |\n|---|---|\n| k | l |\n";
        let wanted = [
            (1, "A"),
            (3, "b c \u{FFFC} e"),
            (5, "f"),
            (6, "g"),
            (7, "h"),
            (9, "i"),
            (9, "j"),
            (11, "k"),
            (11, "l"),
        ];
        assert_eq!(read(text), wanted.map(|(line, text)| (line, text.to_owned())));
    }

    #[test]
    fn blocks_of_code_are_no_prose() {
        assert_eq!(read("a\n\n```rust\nfn b() {}\n```\n\n    c\n"), [(1, "a".to_owned())]);
    }

    #[test]
    fn lines_have_the_numbers_that_were_given() {
        assert_eq!(passages("a\n\nb\n", &[7, 9, 20])[1].line, 20);
    }

    #[test]
    fn an_exemption_covers_one_paragraph() {
        let text = "<!-- prose: list -->\n\na\n\nb\n\n- c\n";
        let lines: Vec<usize> = (1..=text.lines().count()).collect();
        let exempt: Vec<_> = passages(text, &lines).iter().map(|passage| passage.is_exempt).collect();
        assert_eq!(exempt, [true, false, false]);
    }

    #[test]
    fn an_exemption_covers_one_list_with_those_in_it() {
        let text = "<!-- prose: list -->\n\n- a\n  - b\n- c\n\nd\n\n- e\n";
        let lines: Vec<usize> = (1..=text.lines().count()).collect();
        let exempt: Vec<_> = passages(text, &lines).iter().map(|passage| passage.is_exempt).collect();
        assert_eq!(exempt, [true, true, true, false, false]);
    }
}
