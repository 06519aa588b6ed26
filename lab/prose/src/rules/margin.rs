//! Comments end within 100 columns.

use super::{Fault, Rule};
use crate::comments::{Comment, Line};

/// The width of a line with a comment, with its indentation and any code before it.
pub const COLUMNS: usize = 100;

/// Returns the lines that are too wide.
///
/// A row of a table and a single word, such as an address, cannot be wrapped.
#[must_use]
pub fn faults(comments: &[Comment]) -> Vec<Fault> {
    let lines = comments.iter().flat_map(|comment| &comment.lines);
    let wide = lines.filter(|line| line.end > COLUMNS && can_be_wrapped(line));
    wide.map(|line| {
        let text = format!("the comment ends in column {}; wrap it at {COLUMNS}", line.end);
        Fault { line: line.number, rule: Rule::Margin, text }
    })
    .collect()
}

fn can_be_wrapped(line: &Line) -> bool {
    let text = line.text.trim();
    !text.starts_with('|') && text.contains(' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comments::{Language, of};

    fn found(text: &str) -> Vec<usize> {
        faults(&of(Language::Rust, text)).iter().map(|fault| fault.line).collect()
    }

    #[test]
    fn the_hundredth_column_is_the_last() {
        let line = |width: usize| format!("// a {}\n", "b".repeat(width - 5));
        assert_eq!(found(&line(100)), [0usize; 0]);
        assert_eq!(found(&line(101)), [1]);
        assert_eq!(found(&format!("{}  {}", line(100), line(99))), [2]);
    }

    #[test]
    fn code_before_a_comment_counts() {
        assert_eq!(found(&format!("const A: u8 = 1; // a {}\n", "b".repeat(90))), [1]);
    }

    #[test]
    fn a_row_and_a_single_word_may_be_wider() {
        assert_eq!(found(&format!("// | {} | b |\n// {}\n", "a".repeat(120), "c".repeat(120))), [0usize; 0]);
    }
}
