//! The code of a source file: no comments, no layout, no unit tests.

use ra_ap_rustc_lexer::{FrontmatterAllowed, TokenKind, tokenize};

/// Returns the tokens of a Rust file, each on a line.
pub(crate) fn of(text: &str) -> String {
    let (mut code, mut rest) = (String::new(), without_tests(text));
    for token in tokenize(rest, FrontmatterAllowed::No) {
        let (word, after) = rest.split_at(token.len as usize);
        let ignored = matches!(
            token.kind,
            TokenKind::LineComment { .. } | TokenKind::BlockComment { .. } | TokenKind::Whitespace
        );
        if !ignored {
            code.push_str(word);
            code.push('\n');
        }
        rest = after;
    }
    code
}

/// Unit tests are the last module of a file.
fn without_tests(text: &str) -> &str {
    let starts = ["\n#[cfg(test)]\nmod tests", "\n#[cfg(test)]\npub(crate) mod tests"];
    starts.iter().filter_map(|start| text.find(start)).min().map_or(text, |end| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn comments_and_layout_are_no_code_and_strings_are() {
        let code = of("/// A.\nfn a() { \"// b\" } // c\n");
        assert_eq!(code, of("fn a()\n{\n    \"// b\"\n}\n#[cfg(test)]\nmod tests { }\n"));
        assert_ne!(code, of("fn a() { \"// c\" }"));
        assert_ne!(of("ab"), of("a b"));
    }
}
