//! The comments of Rust, found by the compiler's own lexer.

use ra_ap_rustc_lexer::{FrontmatterAllowed, TokenKind, tokenize};

use super::{Comment, Piece, join};

/// Returns the comments of a Rust file.
pub(super) fn comments(file: &str) -> Vec<Comment> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for token in tokenize(file, FrontmatterAllowed::No) {
        let end = start + token.len as usize;
        let text = file.get(start..end).unwrap_or_default();
        match token.kind {
            TokenKind::LineComment { .. } => pieces.push(Piece { start, text, mark: mark(text) }),
            TokenKind::BlockComment { .. } => pieces.push(Piece { start, text, mark: "/*" }),
            _ => {}
        }
        start = end;
    }
    join(file, &pieces)
}

fn mark(text: &str) -> &'static str {
    match text.as_bytes() {
        [_, _, b'/', ..] => "///",
        [_, _, b'!', ..] => "//!",
        _ => "//",
    }
}
