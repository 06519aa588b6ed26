//! The sentences of a passage.

use crate::markdown::CODE;

/// Words that end with a period and do not end a sentence.
const ABBREVIATIONS: [&str; 9] = ["e.g.", "i.e.", "cf.", "vs.", "approx.", "sec.", "fig.", "p.", "pp."];

/// Returns the sentences of a passage.
///
/// A sentence ends with `.`, `!` or `?` before a space and a capital letter, a digit or code.
#[must_use]
pub fn sentences(passage: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut from = 0;
    while let Some(space) = passage.get(from..).and_then(|rest| rest.find(' ')) {
        let space = from + space;
        let (before, after) = (&passage[start..space], &passage[space + 1..]);
        if ends(before) && begins(after) {
            found.push(before);
            start = space + 1;
        }
        from = space + 1;
    }
    found.extend(passage.get(start..).filter(|rest| !rest.is_empty()));
    found
}

/// Returns the words of a sentence: what lies between spaces and has a letter, a digit or code.
pub fn words(sentence: &str) -> impl Iterator<Item = &str> {
    let is_word = |character: char| character.is_alphanumeric() || character == CODE;
    sentence.split(' ').filter(move |word| word.contains(is_word))
}

fn ends(text: &str) -> bool {
    let last = text.rsplit(' ').next().unwrap_or_default();
    let is_abbreviation = ABBREVIATIONS.contains(&&*last.trim_start_matches(['(', '"']).to_lowercase());
    let bare = last.trim_end_matches([')', ']', '"', '\'', '”', '’']);
    bare.ends_with(['.', '!', '?']) && !is_abbreviation
}

fn begins(text: &str) -> bool {
    let bare = text.trim_start_matches(['(', '[', '"', '\'', '“', '‘']);
    bare.starts_with(|first: char| first.is_uppercase() || first.is_ascii_digit() || first == CODE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_before_a_capital_a_digit_or_code() {
        let found = sentences("A b. C d? (E f.) \u{FFFC} g! 1 h.");
        assert_eq!(found, ["A b.", "C d?", "(E f.)", "\u{FFFC} g!", "1 h."]);
    }

    #[test]
    fn abbreviations_versions_and_lists_end_no_sentence() {
        for text in ["A tool, e.g. QEMU 8.2 or newer", "It ends. then", "A: B, C; D", "See (i.e. Linux) it"] {
            assert_eq!(sentences(text), [text]);
        }
    }

    #[test]
    fn code_is_a_word_and_a_dash_is_none() {
        assert_eq!(words("a - \u{FFFC}, 4 KiB").count(), 4);
    }
}
