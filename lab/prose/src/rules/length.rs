//! A sentence has at most 25 words.

use super::quoted;
use crate::sentence::words;

/// The most words in a sentence.
pub const WORDS: usize = 25;

/// Returns the fault of a sentence that is too long.
#[must_use]
pub fn fault(sentence: &str) -> Option<String> {
    let count = words(sentence).count();
    (count > WORDS).then(|| format!("a sentence of {count} words, at most {WORDS}: {}", quoted(sentence)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_twenty_fifth_word_is_the_last() {
        let sentence = |count: usize| vec!["a"; count].join(" ");
        assert_eq!(fault(&sentence(25)), None);
        assert!(fault(&sentence(26)).is_some_and(|fault| fault.contains("26 words")));
    }
}
