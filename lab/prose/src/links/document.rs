//! The links and headings of a Markdown document.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::anchors::Anchors;
use crate::markdown::options;

/// A link or a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// The line that names it.
    pub(super) line: usize,
    /// The address, as written.
    pub(super) target: String,
}

/// A document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Document {
    /// Its links, in order.
    pub(super) links: Vec<Link>,
    /// The anchors of its headings.
    pub(super) anchors: Vec<String>,
}

impl Document {
    /// Reads a document.
    pub(super) fn read(text: &str) -> Self {
        let mut links = Vec::new();
        let mut anchors = Anchors::default();
        let mut heading: Option<String> = None;
        for (event, range) in Parser::new_ext(text, options()).into_offset_iter() {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    let before = text.get(..range.start).unwrap_or_default();
                    let line = before.matches('\n').count() + 1;
                    links.push(Link { line, target: dest_url.into_string() });
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => anchors.add(&heading.take().unwrap_or_default()),
                Event::Text(part) | Event::Code(part) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&part);
                    }
                }
                _ => {}
            }
        }
        Self { links, anchors: anchors.into_vec() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_pictures_and_headings_are_read() {
        let document = Document::read("# A `b`\n\nc [d](e.md)\n![f](g.svg)\n\n[h]\n\n[h]: i.md#j\n");
        let links: Vec<_> = document.links.iter().map(|link| (link.line, link.target.as_str())).collect();
        assert_eq!(links, [(3, "e.md"), (4, "g.svg"), (6, "i.md#j")]);
        assert_eq!(document.anchors, ["a-b"]);
    }
}
