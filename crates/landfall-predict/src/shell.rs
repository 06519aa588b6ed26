//! Words of a command line, as a shell reads them.
//!
//! ```
//! use landfall_predict::shell::quoted;
//!
//! assert_eq!(quoted("window=0xfffffff000000000:16G@sv39"), "window=0xfffffff000000000:16G@sv39");
//! assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
//! ```

/// Returns a word as a shell reads it. Characters that a reader does not see, such as those
/// that reverse the text after them, are escapes in a `$'...'` word.
#[must_use]
pub fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=:.,/@+%".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        word.to_owned()
    } else if word.chars().all(is_visible) {
        format!("'{}'", word.replace('\'', r"'\''"))
    } else {
        format!("$'{}'", word.chars().map(escaped).collect::<String>())
    }
}

/// The standard library knows Unicode's categories, and shows them only by escaping.
fn is_visible(letter: char) -> bool {
    matches!(letter, '\'' | '"' | '\\') || letter.escape_debug().count() == 1
}

fn escaped(letter: char) -> String {
    match letter {
        '\'' | '\\' => format!(r"\{letter}"),
        _ if is_visible(letter) => letter.to_string(),
        _ => format!(r"\U{:08x}", u32::from(letter)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_a_word_as_it_was() {
        for (word, line) in [
            ("window=0xfffffff000000000:16G@sv39", "window=0xfffffff000000000:16G@sv39"),
            ("it's $HOME; rm", r"'it'\''s $HOME; rm'"),
            ("", "''"),
            ("a b", "'a b'"),
            ("é\\\"", "'é\\\"'"),
        ] {
            assert_eq!(quoted(word), line);
        }
    }

    #[test]
    fn a_reader_sees_each_character_of_a_word() {
        assert_eq!(quoted("a'\\\u{202e}b\r"), r"$'a\'\\\U0000202eb\U0000000d'");
        for hidden in ["\n", "\u{7f}", "\u{9b}", "\u{200b}", "\u{2028}", "\u{2066}", "\u{e0041}"] {
            let word = quoted(hidden);
            assert!(word.starts_with("$'") && !word.contains(hidden), "{word}");
        }
    }
}
