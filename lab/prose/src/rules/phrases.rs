//! The field's verbs and nouns: returns, fails, reports; caller, user, loader.

use super::quoted;

/// Phrases of the project's old dialect, and the words that take their place.
const PHRASES: [(&str, &str); 17] = [
    ("tells", "returns, reports or states"),
    ("told", "returned, reported or stated"),
    ("says so", "reports it"),
    ("say so", "report it"),
    ("said so", "reported it"),
    ("is none", "is missing or invalid"),
    ("are none", "are missing or invalid"),
    ("comes back", "returns"),
    ("come back", "return"),
    ("given up", "skipped"),
    ("gives up", "skips or stops"),
    ("nobody", "no caller, user or reader"),
    ("somebody", "a caller, user or author"),
    ("anybody", "a caller, user or author"),
    ("whoever", "a caller, user or author"),
    ("comes aboard", "is ported"),
    ("come aboard", "are ported"),
];

/// Returns the fault of a sentence with one of the phrases.
#[must_use]
pub fn fault(sentence: &str) -> Option<String> {
    let words = sentence.split(|character: char| !character.is_alphabetic() && character != '\u{FFFC}');
    let bare = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").to_lowercase();
    let padded = format!(" {bare} ");
    let found = PHRASES.iter().find(|(phrase, _)| padded.contains(&format!(" {phrase} ")))?;
    Some(format!("\"{}\"; the field's words are {}: {}", found.0, found.1, quoted(sentence)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_found_as_whole_words() {
        for sentence in ["It says so.", "Nobody reads it", "(it tells)", "one that is none"] {
            assert!(fault(sentence).is_some(), "{sentence}");
        }
        for sentence in ["It retells it", "It is nonetheless here", "essays so"] {
            assert_eq!(fault(sentence), None, "{sentence}");
        }
    }
}
