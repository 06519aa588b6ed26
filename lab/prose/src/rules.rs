//! The rules that a tool can check.

pub mod exemption;
pub mod length;
pub mod margin;
pub mod opening;
pub mod phrases;
pub mod spelling;

use std::fmt;

use crate::markdown::Passage;
use crate::sentence::sentences;

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// A comment ends within 100 columns.
    Margin,
    /// A sentence has at most 25 words.
    Length,
    /// Only a question begins with a question word.
    Opening,
    /// The spelling is American.
    Spelling,
    /// The field's verbs and nouns take the place of others.
    Phrases,
    /// An exemption is needed where it stands.
    Exemption,
}

/// A place at which a rule is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line in the file, from 1.
    pub line: usize,
    /// The rule.
    pub rule: Rule,
    /// The value found and the value permitted.
    pub text: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, rule, text } = self;
        write!(f, "{line}: {rule:?}: {text}")
    }
}

/// Returns the faults of passages.
#[must_use]
pub fn of_passages(passages: &[Passage]) -> Vec<Fault> {
    let mut faults = exemption::faults(passages);
    for passage in passages {
        for sentence in sentences(&passage.text) {
            let length = length::fault(sentence).filter(|_| !passage.is_exempt);
            let found = [
                length.map(|text| (Rule::Length, text)),
                opening::fault(sentence).map(|text| (Rule::Opening, text)),
                spelling::fault(sentence).map(|text| (Rule::Spelling, text)),
                phrases::fault(sentence).map(|text| (Rule::Phrases, text)),
            ];
            let fault = |(rule, text)| Fault { line: passage.line, rule, text };
            faults.extend(found.into_iter().flatten().map(fault));
        }
    }
    faults
}

/// Returns the sentence with `…` for code, short enough for one line of a message.
fn quoted(sentence: &str) -> String {
    const LENGTH: usize = 90;
    let shown = sentence.replace(crate::markdown::CODE, "`…`");
    match shown.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("\"{} ...\"", &shown[..end]),
        None => format!("\"{shown}\""),
    }
}
