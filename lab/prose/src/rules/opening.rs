//! Only a question begins with a question word.

use super::quoted;

const OPENINGS: [&str; 5] = ["what", "where", "how", "whether", "who"];

/// Returns the fault of a sentence that begins with a question word and is no question.
#[must_use]
pub fn fault(sentence: &str) -> Option<String> {
    let is_letter = |character: char| character.is_alphabetic() || character == '-';
    let start = sentence
        .trim_start_matches(|character: char| !character.is_alphanumeric() && character != '\u{FFFC}');
    let end = start.find(|character| !is_letter(character)).unwrap_or(start.len());
    let first = &start[..end];
    let is_question =
        sentence.trim_end_matches(|character: char| ")\"'”*_".contains(character)).ends_with('?');
    (OPENINGS.contains(&&*first.to_lowercase()) && !is_question)
        .then(|| format!("the sentence begins with \"{first}\" and is no question: {}", quoted(sentence)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_question_word_is_found_in_any_case() {
        for sentence in ["What it does.", "(where it is)", "How: by name", "Whether it is", "who's there"] {
            assert!(fault(sentence).is_some(), "{sentence}");
        }
    }

    #[test]
    fn questions_and_longer_words_are_permitted() {
        for sentence in
            ["What is it?", "How-to guides", "However it is", "\u{FFFC} what", "It is where it was."]
        {
            assert_eq!(fault(sentence), None, "{sentence}");
        }
    }
}
