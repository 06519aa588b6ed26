//! The comments of source code.

mod plain;
mod rust;
mod script;

use crate::markdown::{self, Passage};

/// A language whose comments are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Rust: `//`, `///`, `//!` and block comments.
    Rust,
    /// GNU assembly for RISC-V: `#`, `//` and block comments.
    Assembly,
    /// Linker scripts: block comments.
    LinkerScript,
    /// JavaScript and TypeScript: `//` and block comments.
    Script,
}

/// A run of comment lines that are read as one text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comment {
    /// The lines, top to bottom.
    pub lines: Vec<Line>,
}

/// One line of a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The number of the line in the file, from 1.
    pub number: usize,
    /// The column behind the comment's last character: the width of the line up to there.
    pub end: usize,
    /// The text without the comment's marks and one space behind them.
    pub text: String,
}

impl Comment {
    /// Returns the passages of the comment, read as Markdown.
    #[must_use]
    pub fn passages(&self) -> Vec<Passage> {
        let numbers: Vec<usize> = self.lines.iter().map(|line| line.number).collect();
        let texts: Vec<&str> = self.lines.iter().map(|line| line.text.as_str()).collect();
        let text = texts.join("\n");
        markdown::passages(&text, &numbers)
    }
}

/// Returns the comments of a source file.
#[must_use]
pub fn of(language: Language, text: &str) -> Vec<Comment> {
    match language {
        Language::Rust => rust::comments(text),
        Language::Assembly => plain::comments(text, &["#", "//"], &['"']),
        Language::LinkerScript => plain::comments(text, &[], &['"']),
        Language::Script => script::comments(text),
    }
}

/// A comment as it lies in the file.
#[derive(Clone, Copy, Debug)]
struct Piece<'a> {
    /// Its first byte in the file.
    start: usize,
    /// All of it, with its marks.
    text: &'a str,
    /// The marks that begin each of its lines, such as `///`, or `/*` for a block.
    mark: &'a str,
}

/// Joins pieces into comments: pieces of one mark, each alone on its line, on adjacent lines.
fn join(file: &str, pieces: &[Piece<'_>]) -> Vec<Comment> {
    let mut comments: Vec<Comment> = Vec::new();
    let mut previous: Option<(usize, &str)> = None;
    for piece in pieces {
        let before = file.get(..piece.start).unwrap_or_default();
        let number = before.matches('\n').count() + 1;
        let indent = before.rsplit('\n').next().unwrap_or_default();
        let is_alone = indent.trim().is_empty();
        let lines = lines(piece, number, indent.chars().count());
        let continues = is_alone && previous == Some((number - 1, piece.mark));
        match comments.last_mut().filter(|_| continues) {
            Some(comment) => comment.lines.extend(lines),
            None => comments.push(Comment { lines }),
        }
        let joins_next = is_alone && piece.mark != "/*";
        previous = joins_next.then_some((number, piece.mark));
    }
    comments
}

fn lines(piece: &Piece<'_>, number: usize, indent: usize) -> Vec<Line> {
    let is_block = piece.mark == "/*";
    let mut lines = Vec::new();
    for (index, line) in piece.text.lines().enumerate() {
        let end = line.trim_end().chars().count() + if index == 0 { indent } else { 0 };
        let text = if is_block { of_block(line) } else { line.strip_prefix(piece.mark).unwrap_or(line) };
        let text = text.strip_prefix(' ').unwrap_or(text).trim_end();
        let text = if is_table_row(piece.mark, text) { String::new() } else { text.to_owned() };
        lines.push(Line { number: number + index, end, text });
    }
    lines
}

/// Returns true for a line that is no part of a sentence. In assembly and linker scripts, rows of
/// registers, offsets or sections are such lines, and a routine's inputs and outputs.
fn is_table_row(mark: &str, text: &str) -> bool {
    let is_interface = ["in: ", "out: ", "clobbers ", "fn "].iter().any(|word| text.starts_with(word));
    (mark == "#" || mark == "/*") && (text.starts_with("  ") || is_interface)
}

/// Returns a line of a block comment without marks and indentation.
fn of_block(line: &str) -> &str {
    let bare = line.trim();
    let bare = bare.trim_start_matches('/').trim_start_matches(['*', '!']);
    bare.strip_suffix('/').map_or(bare, |bare| bare.trim_end_matches('*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_registers_are_no_sentences() {
        let comment = "# The stub.\n#\n#   a0  the addend\n# in: t0 = where\n# clobbers t1\n";
        let read: Vec<_> = of(Language::Assembly, comment).into_iter().flat_map(|c| c.lines).collect();
        let texts: Vec<_> = read.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["The stub.", "", "", "", ""]);
    }

    fn texts(language: Language, text: &str) -> Vec<Vec<(usize, usize, String)>> {
        let lines = |comment: Comment| {
            comment.lines.into_iter().map(|line| (line.number, line.end, line.text)).collect()
        };
        of(language, text).into_iter().map(lines).collect()
    }

    #[test]
    fn adjacent_lines_of_one_mark_are_one_comment() {
        let found = texts(Language::Rust, "//! a\n\n/// b\n///   c\n// d\nfn x() {}\n    // e\n");
        let line = |number, end, text: &str| (number, end, text.to_owned());
        assert_eq!(
            found,
            [
                vec![line(1, 5, "a")],
                vec![line(3, 5, "b"), line(4, 7, "  c")],
                vec![line(5, 4, "d")],
                vec![line(7, 8, "e")],
            ]
        );
    }

    #[test]
    fn a_comment_behind_code_is_one_of_its_own() {
        let found = texts(Language::Assembly, "    nop     # a\n    nop     # b\n");
        assert_eq!(found.len(), 2);
        assert_eq!(found[1], [(2, 15, "b".to_owned())]);
    }

    #[test]
    fn strings_are_no_comments() {
        assert!(texts(Language::Rust, "const A: &str = \"// a\"; const B: &str = r#\"/* b\"#;").is_empty());
        assert!(texts(Language::Assembly, "    .ascii \"# a \\\" // b\"\n").is_empty());
        assert!(texts(Language::LinkerScript, "ASSERT(a, \"/* b */\")\n").is_empty());
        assert!(texts(Language::Script, "f('// a', \"/* b */\", `c\n// d`);\n").is_empty());
    }

    #[test]
    fn block_comments_lose_their_marks() {
        let line = |number, end, text: &str| (number, end, text.to_owned());
        let wanted = [vec![line(1, 4, "a"), line(2, 7, "b")]];
        for language in [Language::Rust, Language::Assembly, Language::LinkerScript] {
            assert_eq!(texts(language, "/* a\n * b */\n"), wanted);
        }
    }

    #[test]
    fn types_in_comments_are_no_sentences() {
        let comment = "/**\n * Adds a box. @param {Box} box\n * @param {{ a: string,\n *     b: Box }} more\n */\n// A note.\n";
        let read: Vec<_> = of(Language::Script, comment).into_iter().flat_map(|c| c.lines).collect();
        let texts: Vec<_> =
            read.iter().map(|line| line.text.trim()).filter(|text| !text.is_empty()).collect();
        assert_eq!(texts, ["Adds a box.", "A note."]);
        assert_eq!(read[1].end, 31, "the margin counts the types too");
    }

    #[test]
    fn a_comment_without_an_end_ends_with_the_file() {
        for language in [Language::Rust, Language::Assembly, Language::LinkerScript] {
            assert_eq!(texts(language, "/* a"), [[(1, 4, "a".to_owned())]]);
        }
    }
}
