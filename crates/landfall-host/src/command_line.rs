//! A command of ours, as a user types it again.

use crate::kernel::Selection;

/// A command line that is written word by word.
#[derive(Clone, Debug)]
pub(crate) struct CommandLine(String);

impl CommandLine {
    /// Begins the command of a verb that takes a kernel.
    pub(crate) fn new(verb: &str, kernel: &Selection) -> Self {
        let mut line = Self(format!("cargo landfall {verb}"));
        kernel.words().iter().for_each(|word| line.add(word));
        line
    }

    /// Adds a word.
    pub(crate) fn add(&mut self, word: &str) {
        self.0.push(' ');
        self.0.push_str(&quoted(word));
    }

    /// Adds an option with its value.
    pub(crate) fn option(&mut self, name: &str, value: &dyn ToString) {
        self.add(name);
        self.add(&value.to_string());
    }

    /// Returns the line.
    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,@+%".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_for_a_shell() {
        for (word, line) in [("a-b/c.d", "a-b/c.d"), ("", "''"), ("a b", "'a b'"), ("it's", r"'it'\''s'")] {
            assert_eq!(quoted(word), line);
        }
    }
}
