//! NUL-terminated strings, one after the other. Empty ones are padding between the parts of several
//! object files.

use crate::subject::Subject;
use crate::units::Address;

/// A string of a section of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'data> {
    pub(super) at: Address,
    /// Its bytes; none if they are not UTF-8, or have no end.
    pub(super) text: Option<&'data str>,
}

impl<'data> Line<'data> {
    /// Returns the text before and after the first `=`.
    pub(super) fn pair(self) -> Option<(&'data str, &'data str)> {
        self.text?.split_once('=').filter(|(key, _)| !key.is_empty())
    }
}

/// Returns the strings of the section of this name.
pub(super) fn lines<'data>(subject: &Subject<'data>, section: &str) -> Vec<Line<'data>> {
    let Some(section) = subject.section(section) else { return Vec::new() };
    let size = usize::try_from(section.size).unwrap_or(usize::MAX);
    of_bytes(subject.bytes(section.address, size).unwrap_or_default(), section.address)
}

fn of_bytes(bytes: &[u8], start: Address) -> Vec<Line<'_>> {
    let mut offset = 0;
    let mut lines = Vec::new();
    let mut parts = bytes.split(|&byte| byte == 0).peekable();
    while let Some(part) = parts.next() {
        let ends = parts.peek().is_some();
        if !part.is_empty() {
            let text = std::str::from_utf8(part).ok().filter(|_| ends);
            lines.push(Line { at: start.wrapping_add(offset), text });
        }
        offset += part.len() as u64 + 1;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_skipped_and_an_open_end_is_no_text() {
        let lines = of_bytes(b"\0a=b\0\0\0=c\0\xff\0d=", Address(0x10));
        let found: Vec<_> = lines.iter().map(|line| (line.at.0, line.text, line.pair())).collect();
        assert_eq!(
            found,
            [
                (0x11, Some("a=b"), Some(("a", "b"))),
                (0x17, Some("=c"), None),
                (0x1a, None, None),
                (0x1c, None, None),
            ]
        );
        assert_eq!(of_bytes(b"", Address(0)), []);
    }
}
