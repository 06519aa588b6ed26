//! The page with its documents: one file without any other.

use std::fmt::Write;

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

/// Appends JSON in which everything that HTML, JavaScript or a terminal may read as its own is an
/// escape. Such characters occur in strings alone.
fn push_inert(page: &mut String, json: &str) {
    for character in json.chars() {
        if character.is_ascii() && !"<>&\u{7f}".contains(character) {
            page.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            let _ = write!(page, "\\u{unit:04x}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leaves_its_string() {
        let names =
            ["</script><script>alert(1)</script>", "<!--", "&lt;", "\u{2028}", "\u{202e}", "\u{7f}", "😀"];
        for name in names {
            let json = json!({ "what": name }).to_string();
            let mut inert = String::new();
            push_inert(&mut inert, &json);
            assert!(inert.is_ascii() && !inert.contains(['<', '>', '&', '\u{7f}']), "{inert}");
            let value: serde_json::Value = serde_json::from_str(&inert).expect("JSON");
            assert_eq!(value["what"], name);
        }
    }
}
