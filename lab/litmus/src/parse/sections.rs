//! The sections of a file.

use super::ParseError;

/// The words that begin the sections after the code.
const ENDINGS: [&str; 5] = ["exists", "~exists", "forall", "locations", "filter"];

/// The sections of a file, without comments.
#[derive(Debug)]
pub(super) struct Sections {
    /// The test's name.
    pub(super) name: String,
    /// The initial state, without its braces.
    pub(super) state: String,
    /// The rows of instructions.
    pub(super) code: String,
    /// All from the final condition on.
    pub(super) condition: String,
}

impl Sections {
    /// Returns the sections of a file.
    pub(super) fn of(text: &str) -> Result<Self, ParseError> {
        let (first, rest) = text.trim_start().split_once('\n').ok_or(ParseError::Missing("name"))?;
        let (architecture, name) = first.trim().split_once(' ').ok_or(ParseError::Missing("name"))?;
        if architecture != "RISCV" {
            return Err(ParseError::Architecture(architecture.to_owned()));
        }
        // The lines before the state are for readers and generators; comments there may lack an
        // end.
        let start = line_offset(rest, &["{"]).ok_or(ParseError::Missing("initial state"))?;
        let rest = without_comments(&rest[start..]);
        let (_, rest) = rest.split_once('{').ok_or(ParseError::Missing("initial state"))?;
        let (state, rest) = rest.split_once('}').ok_or(ParseError::Missing("initial state"))?;
        let end = line_offset(rest, &ENDINGS).ok_or(ParseError::Missing("final condition"))?;
        Ok(Self {
            name: name.trim().to_owned(),
            state: state.to_owned(),
            code: rest[..end].to_owned(),
            condition: rest[end..].to_owned(),
        })
    }
}

/// Returns the offset of the first line that begins with one of the words.
fn line_offset(text: &str, words: &[&str]) -> Option<usize> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if words.iter().any(|word| line.trim_start().starts_with(word)) {
            return Some(offset);
        }
        offset += line.len();
    }
    None
}

/// Returns the text without its comments, which nest.
fn without_comments(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut depth = 0_usize;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if rest.starts_with("(*") {
            depth += 1;
            rest = &rest[2..];
        } else if depth > 0 && rest.starts_with("*)") {
            depth -= 1;
            rest = &rest[2..];
        } else {
            if depth == 0 {
                result.push(first);
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_nest_and_vanish() {
        assert_eq!(without_comments("a(* b (* c *) d *)e"), "ae");
    }

    #[test]
    fn a_test_of_another_architecture_is_refused() {
        let error = Sections::of("AArch64 MP\n{}\n").expect_err("another architecture");
        assert_eq!(error, ParseError::Architecture("AArch64".to_owned()));
    }
}
