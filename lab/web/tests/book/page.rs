//! The links and anchors of an HTML page.

use std::cell::RefCell;
use std::collections::BTreeSet;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Tag, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

/// A page.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// The values of `href` and `src`.
    pub(crate) links: BTreeSet<String>,
    /// The values of `id` and `name`.
    pub(crate) anchors: BTreeSet<String>,
}

impl Page {
    /// Reads a page.
    pub(crate) fn read(text: &str) -> Self {
        let input = BufferQueue::default();
        input.push_back(StrTendril::from(text));
        let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
        let _ = tokenizer.feed(&input);
        tokenizer.end();
        tokenizer.sink.0.into_inner()
    }

    fn take(&mut self, tag: &Tag) {
        for attribute in &tag.attrs {
            let value = attribute.value.to_string();
            match &*attribute.name.local {
                "href" | "src" => _ = self.links.insert(value),
                "id" | "name" => _ = self.anchors.insert(value),
                _ => {}
            }
        }
    }
}

#[derive(Debug, Default)]
struct Sink(RefCell<Page>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        if let Token::TagToken(tag) = token {
            self.0.borrow_mut().take(&tag);
        }
        TokenSinkResult::Continue
    }
}

#[test]
fn links_and_anchors_are_read() {
    let page = Page::read("<h1 id=\"a\">b</h1><a href='c.html#d'>e</a><img src=f.svg><!-- <a href=g> -->");
    assert_eq!(page.links, ["c.html#d".to_owned(), "f.svg".to_owned()].into());
    assert_eq!(page.anchors, ["a".to_owned()].into());
}
