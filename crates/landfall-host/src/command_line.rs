//! A command of ours, as a user types it again.

use landfall_predict::shell::quoted;

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
