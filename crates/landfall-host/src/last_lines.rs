//! The end of a console, as the tail of an error message.

/// The end of a console's transcript, as the tail of an error message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastLines(Vec<String>);

impl LastLines {
    /// The number of lines that a message shows.
    const COUNT: usize = 12;

    /// Returns the last of `lines`.
    #[must_use]
    pub fn of(lines: &[String]) -> Self {
        Self(lines[lines.len().saturating_sub(Self::COUNT)..].to_vec())
    }
}

impl std::fmt::Display for LastLines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            return write!(f, "\nthe console is empty");
        }
        write!(f, "\nthe console's last lines:")?;
        self.0.iter().try_for_each(|line| write!(f, "\n  | {line}"))
    }
}
