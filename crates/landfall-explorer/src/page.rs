//! The page with its documents: one file without any other.

use std::fmt::Write;

use serde_json::json;

use crate::document::Document;
use crate::places::DOCUMENTS;

/// The built page. It is a playground as it is.
const PAGE: &str = include_str!("../dist/explorer.html");

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
    let (head, tail) = PAGE.split_once(DOCUMENTS).unwrap_or((PAGE, ""));
    let mut page = String::with_capacity(PAGE.len() + documents.len());
    page.push_str(head);
    page.push_str("id=\"landfall-documents\">");
    push_inert(&mut page, &documents);
    page.push_str("</script>");
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
    fn the_built_page_has_one_place_for_documents() {
        assert_eq!(PAGE.matches(DOCUMENTS).count(), 1);
        assert_eq!(page(&[]), PAGE);
    }

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
