//! Text of a foreign file, tree or console, made safe to print: the one place that escapes.
//!
//! A symbol's name may hold terminal control sequences, line ends, or Unicode marks that reorder
//! the text around them. Printed raw, it clears a screen or fakes a verdict. [`Escaped`] is for a
//! word within a line of ours. [`Lines`] is for a whole text that has lines of its own.

use std::fmt::{self, Display, Formatter, Write};

/// Displays foreign text as one line that changes nothing around it.
///
/// Printable characters stay unchanged. Escaped are control characters (C0, DEL, C1), line and
/// paragraph separators, and private and unassigned characters. Format characters such as the
/// bidirectional overrides, and bytes that are not UTF-8, are escaped too. Escapes are those of
/// Rust below U+0080 and for bytes (`\n`, `\x1b`, `\xff`), and those of JSON above (`\u202e`).
///
/// ```
/// use landfall_inspect::Escaped;
///
/// assert_eq!(Escaped::new("\x1b[2Jmain\nOK\u{202e}").to_string(), r"\x1b[2Jmain\nOK\u202e");
/// assert_eq!(Escaped::new(b"caf\xe9").to_string(), r"caf\xe9");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Escaped<'a>(&'a [u8]);

impl<'a> Escaped<'a> {
    /// Wraps a string, or bytes that may be one.
    pub fn new(text: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self(text.as_ref())
    }
}

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            Filter { to: f, keeps: |_| false }.write_str(chunk.valid())?;
            chunk.invalid().iter().try_for_each(|byte| write!(f, r"\x{byte:02x}"))?;
        }
        Ok(())
    }
}

/// Displays a text of several lines, escaped as by [`Escaped`] but for line feeds and tabs.
///
/// JSON stays the same JSON: its strings hold no raw control character below U+0020, and the
/// escapes above are its own.
///
/// ```
/// use landfall_inspect::escape::Lines;
///
/// assert_eq!(Lines("a\n\tb\r\x1b[31m\u{9b}").to_string(), "a\n\tb\\r\\x1b[31m\\u009b");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines<T>(pub T);

impl<T: Display> Display for Lines<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(Filter { to: f, keeps: |letter| matches!(letter, '\n' | '\t') }, "{}", self.0)
    }
}

/// Passes on what is printable or kept, and escapes everything else.
struct Filter<'a, 'b> {
    to: &'a mut Formatter<'b>,
    keeps: fn(char) -> bool,
}

impl Write for Filter<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut clean = 0;
        for (at, letter) in text.char_indices() {
            if is_printable(letter) || (self.keeps)(letter) {
                continue;
            }
            self.to.write_str(&text[clean..at])?;
            clean = at + letter.len_utf8();
            escape(self.to, letter)?;
        }
        self.to.write_str(&text[clean..])
    }
}

/// Returns true if a terminal shows `letter` as itself, beside its neighbors.
fn is_printable(letter: char) -> bool {
    if letter.is_ascii() {
        return !letter.is_ascii_control();
    }
    // The standard library knows Unicode's categories, and shows them only by escaping. Behind
    // another letter it keeps combining marks, as a terminal does.
    let (before, mut room) = ('a', [0; 5]);
    before.encode_utf8(&mut room);
    let size = 1 + letter.encode_utf8(&mut room[1..]).len();
    std::str::from_utf8(&room[..size]).is_ok_and(|pair| pair.escape_debug().nth(2).is_none())
}

fn escape(f: &mut Formatter<'_>, letter: char) -> fmt::Result {
    match letter {
        '\n' => f.write_str(r"\n"),
        '\r' => f.write_str(r"\r"),
        '\t' => f.write_str(r"\t"),
        '\0'..='\x1f' => write!(f, r"\x{:02x}", u32::from(letter)),
        _ => letter.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(f, r"\u{unit:04x}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printable_text_stays_as_it_is() {
        for text in
            ["", "hello::TABLE+0x3", "C:\\tmp", "\"quoted\" 'too'", "größe", "漢字 🦀", "e\u{301}", "กำ"]
        {
            assert_eq!(Escaped::new(text).to_string(), text);
            assert_eq!(Lines(text).to_string(), text);
        }
    }

    #[test]
    fn every_control_character_is_escaped() {
        for letter in ('\0'..='\u{9f}').filter(|letter| letter.is_control()) {
            let text = Escaped::new(letter.encode_utf8(&mut [0; 4])).to_string();
            assert!(text.starts_with('\\') && !text.contains(char::is_control), "{letter:?}: {text:?}");
            let line = Lines(letter).to_string();
            assert_eq!(line, if matches!(letter, '\n' | '\t') { letter.to_string() } else { text });
        }
    }

    #[test]
    fn marks_that_reorder_hide_or_break_lines_are_escaped() {
        let marks = "\u{ad}\u{61c}\u{200b}\u{200d}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{2066}\u{2069}\u{feff}\u{fff9}\u{e0041}";
        for mark in marks.chars() {
            let text = Escaped::new(mark.encode_utf8(&mut [0; 4])).to_string();
            assert!(text.starts_with("\\u") && text.is_ascii(), "{mark:?}: {text:?}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_escaped_one_by_one() {
        assert_eq!(Escaped::new(b"a\xff\xc3b\x9b").to_string(), r"a\xff\xc3b\x9b");
    }

    #[test]
    fn escapes_above_ascii_are_those_of_json() {
        let value = "\u{7f}\u{9b}\u{202e}\u{e0041}";
        let json = Lines(format!("\"{value}\"")).to_string();
        assert_eq!(json, r#""\u007f\u009b\u202e\udb40\udc41""#);
    }
}
