//! The comments of JavaScript and TypeScript, without the types in them.

use super::{Comment, plain};

/// Tags of types, as TypeScript reads them.
const TAGS: [&str; 6] = ["@typedef", "@type", "@param", "@returns", "@template", "@implements"];

/// Returns the comments of a script.
pub(super) fn comments(file: &str) -> Vec<Comment> {
    let mut comments = plain::comments(file, &["//"], &['"', '\'', '`']);
    for line in comments.iter_mut().flat_map(|comment| &mut comment.lines) {
        // A type goes on behind an indentation.
        let end = if line.text.starts_with("    ") { 0 } else { end_of_prose(&line.text) };
        line.text.truncate(end);
    }
    comments
}

/// Returns the length of the text before the first tag.
fn end_of_prose(text: &str) -> usize {
    TAGS.iter().filter_map(|tag| text.find(tag)).min().unwrap_or(text.len())
}
