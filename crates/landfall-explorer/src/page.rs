//! The page with its documents: one file without any other.

use serde_json::json;

use crate::base64;
use crate::document::Document;
use crate::places;

/// The built page. The build tool puts it together from the sources in `page`.
const PAGE: &str = include_str!("../dist/page.html");
/// This crate as WebAssembly.
const ENGINE: &[u8] = include_bytes!("../dist/engine.wasm");

/// Returns the page: with no document a playground, with two a comparison of the first with the
/// second.
///
/// ```
/// let page = landfall_explorer::page::page(&[]);
/// assert!(page.starts_with("<!doctype html>") && page.len() < 3_000_000);
/// ```
#[must_use]
pub fn page(documents: &[Document]) -> String {
    let documents = json!({ "format": 1, "documents": documents }).to_string();
    let mut page = String::with_capacity(PAGE.len() + ENGINE.len() * 2 + documents.len());
    let (head, rest) = PAGE.split_once(places::DOCUMENTS).unwrap_or((PAGE, ""));
    let (middle, tail) = rest.split_once(places::ENGINE).unwrap_or((rest, ""));
    page.push_str(head);
    push_inert(&mut page, &documents);
    page.push_str(middle);
    page.push_str(&base64::encode(ENGINE));
    page.push_str(tail);
    page
}

/// Appends JSON whose every character that HTML or JavaScript may read as its own is an escape.
/// These characters occur in strings alone.
fn push_inert(page: &mut String, json: &str) {
    for character in json.chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                page.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            other => page.push(other),
        }
    }
}
