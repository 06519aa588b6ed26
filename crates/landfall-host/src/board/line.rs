//! Lines of a board's console: noise of the line before a text, control sequences of firmware, and
//! bytes of a terminal program between them.

use landfall_image::console::{EXIT, PANIC, PREFIX, REFUSED, REPORT};
use serde_json::Value;

/// The control characters that begin a sequence, and those that end one.
const ESCAPE: char = '\u{1b}';
const BELL: char = '\u{7}';

/// The longest control sequence. A longer one is noise that looks like its beginning.
const LONGEST: usize = 64;

/// Returns the texts of a line. A line for programs begins a text of its own. A kernel prints it at
/// the beginning of a line, and noise may come first.
pub(super) fn texts(line: &str) -> Vec<String> {
    // Some programs write the carriage return behind the line feed.
    let line = line.trim_start_matches('\r');
    let plain = without_sequences(line);
    // Noise may end like the beginning of a sequence, which must not swallow a statement.
    let (before, statement) = match (verdict(line), verdict(&plain)) {
        (Some(start), _) => (without_sequences(&line[..start]), without_sequences(&line[start..])),
        (None, Some(start)) => (plain[..start].to_owned(), plain[start..].to_owned()),
        (None, None) => return vec![plain],
    };
    let statement = whole_report(&statement).unwrap_or(&statement).to_owned();
    if before.is_empty() { vec![statement] } else { vec![before, statement] }
}

/// Returns the place of the first line for programs. Of several reports, it is the first whole one.
fn verdict(line: &str) -> Option<usize> {
    let statements = line
        .match_indices(PREFIX)
        .filter(|(at, _)| [REPORT, REFUSED, PANIC, EXIT].iter().any(|begin| line[*at..].starts_with(begin)));
    let mut places = statements.map(|(at, _)| at).peekable();
    let first = *places.peek()?;
    let is_half = |at: &usize| line[*at..].starts_with(REPORT) && whole_report(&line[*at..]).is_none();
    Some(places.find(|at| !is_half(at)).unwrap_or(first))
}

/// Returns a report without what follows its object.
fn whole_report(text: &str) -> Option<&str> {
    let mut values = serde_json::Deserializer::from_str(text.strip_prefix(REPORT)?).into_iter::<Value>();
    values.next()?.ok()?;
    text.get(..REPORT.len() + values.byte_offset())
}

/// Returns a line without the control sequences of terminals (ECMA-48, 5.4): they move the cursor
/// and set colors.
fn without_sequences(line: &str) -> String {
    let mut kept = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(ESCAPE) {
        kept.push_str(&rest[..at]);
        rest = &rest[at..];
        let size = sequence(rest).unwrap_or(ESCAPE.len_utf8());
        if size == ESCAPE.len_utf8() {
            kept.push(ESCAPE);
        }
        rest = &rest[size..];
    }
    kept.push_str(rest);
    kept
}

/// Returns the bytes of the sequence that `text` begins with.
fn sequence(text: &str) -> Option<usize> {
    let mut letters = text.char_indices().skip(1).take(LONGEST);
    let end = |(at, letter): (usize, char)| at + letter.len_utf8();
    match letters.next()? {
        // Parameters, intermediate bytes, and a final byte.
        (_, '[') => letters
            .find(|(_, letter)| !(' '..='?').contains(letter))
            .filter(|(_, letter)| ('@'..='~').contains(letter))
            .map(end),
        (_, ']') => letters.find(|(_, letter)| *letter == BELL).map(end),
        last @ (_, '0'..='~') => Some(end(last)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_programs_begins_a_text_of_its_own() {
        assert_eq!(texts("plain"), ["plain"]);
        assert_eq!(texts(""), [""]);
        assert_eq!(texts("landfall: exit 0"), ["landfall: exit 0"]);
        assert_eq!(texts("\u{fffd}xlandfall: exit 0"), ["\u{fffd}x", "landfall: exit 0"]);
        assert_eq!(texts("\u{1b}[2J\u{1b}[01;01Hlandfall: refused R7: a"), ["landfall: refused R7: a"]);
        for noise in ["\u{1b}", "\u{1b}[", "\u{1b}]"] {
            assert_eq!(texts(&format!("{noise}landfall: exit 0")), [noise, "landfall: exit 0"]);
        }
        // The words of a panic are the panic's.
        assert_eq!(texts("landfall: panic landfall: exit 0"), ["landfall: panic landfall: exit 0"]);
    }

    #[test]
    fn a_report_ends_with_its_object() {
        assert_eq!(texts("landfall: report {\"a\":1}\u{fffd}garbage"), ["landfall: report {\"a\":1}"]);
        let twice = "landfall: report {\"a\":1landfall: report {\"a\":2} x";
        assert_eq!(texts(twice), ["landfall: report {\"a\":1", "landfall: report {\"a\":2}"]);
        for cut in ["landfall: report ", "landfall: report {\"a\"", "landfall: report {landfall: report ["] {
            assert_eq!(texts(cut), [cut]);
        }
    }

    #[test]
    fn a_hostile_line_takes_little_time() {
        for piece in [
            "landfall: report x",
            "landfall: report [\"",
            "landfall: report {\"a\":",
            "\u{1b}[1",
            "landfall: ",
        ] {
            let line = piece.repeat((1 << 20) / piece.len());
            let started = std::time::Instant::now();
            assert!(!texts(&line).is_empty());
            assert!(started.elapsed().as_secs() < 5, "{piece}");
        }
    }

    #[test]
    fn sequences_vanish_and_what_only_looks_like_one_stays() {
        for (line, kept) in [
            ("\u{1b}[1;32mok\u{1b}[0m", "ok"),
            ("\u{1b}]0;title\u{7}ok", "ok"),
            ("\u{1b}cok\u{1b}=", "ok"),
            ("a\u{1b}", "a\u{1b}"),
            ("a\u{1b}[12", "a\u{1b}[12"),
            ("a\u{1b}[1\u{fffd}m", "a\u{1b}[1\u{fffd}m"),
            ("\u{1b}\u{1b}[mok", "\u{1b}ok"),
        ] {
            assert_eq!(without_sequences(line), kept, "{line:?}");
        }
        let long = format!("\u{1b}[{}m", "1;".repeat(LONGEST));
        assert_eq!(without_sequences(&long), long);
    }
}
