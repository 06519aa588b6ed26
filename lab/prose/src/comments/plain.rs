//! The comments of languages with quoted strings, line comments and C's block comments.

use super::{Comment, Piece, join};

/// Returns the comments of a file. `marks` begin a comment up to the line's end, and `quotes` begin
/// and end a string.
pub(super) fn comments(file: &str, marks: &[&'static str], quotes: &[char]) -> Vec<Comment> {
    let mut pieces = Vec::new();
    let mut start = 0;
    while let Some(rest) = file.get(start..).filter(|rest| !rest.is_empty()) {
        let line_mark = marks.iter().find(|mark| rest.starts_with(**mark));
        let length = if rest.starts_with("/*") {
            let length = rest.find("*/").map_or(rest.len(), |end| end + 2);
            pieces.push(Piece { start, text: &rest[..length], mark: "/*" });
            length
        } else if let Some(mark) = line_mark {
            let length = rest.find('\n').unwrap_or(rest.len());
            pieces.push(Piece { start, text: &rest[..length], mark });
            length
        } else if let Some(quote) = quotes.iter().find(|quote| rest.starts_with(**quote)) {
            quoted(rest, *quote)
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        start += length;
    }
    join(file, &pieces)
}

/// Returns the length of the string that `rest` begins with. A string ends with its line at last,
/// unless it is a template of JavaScript.
fn quoted(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (index, character) in rest.char_indices().skip(1) {
        match character {
            '\n' if quote != '`' => return index,
            _ if character == quote && !is_escaped => return index + 1,
            _ => is_escaped = character == '\\' && !is_escaped,
        }
    }
    rest.len()
}
