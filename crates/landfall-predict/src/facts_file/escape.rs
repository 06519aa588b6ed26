//! Bytes as text that reads well and leads back to the same bytes: UTF-8 as it is, other bytes as
//! `\xNN`, and `\` doubled.

use crate::hex::unhex;

/// Returns the bytes as text.
pub(super) fn escape(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(&chunk.valid().replace('\\', "\\\\"));
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}

/// Returns the bytes of such a text; `None` if a `\` begins nothing that [`escape`] writes.
pub(super) fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.split('\\');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    while let Some(part) = parts.next() {
        if part.is_empty() {
            bytes.push(b'\\');
            bytes.extend(parts.next()?.bytes());
        } else {
            let (digits, rest) = part.strip_prefix('x')?.split_at_checked(2)?;
            bytes.extend(unhex(digits)?);
            bytes.extend(rest.bytes());
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_escaped_and_a_backslash_is_doubled() {
        assert_eq!(escape(b"name=caf\xe9 \\x41"), "name=caf\\xe9 \\\\x41");
        assert_eq!(escape("caf\u{e9}".as_bytes()), "caf\u{e9}");
    }

    #[test]
    fn an_escape_that_nobody_writes_is_an_error() {
        for text in ["\\", "\\x", "\\x4", "\\xg0", "\\x+1", "\\n", "\\\\\\"] {
            assert_eq!(unescape(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(unescape(&escape(&bytes)), Some(bytes));
        }

        #[test]
        fn any_text_is_read_without_panic(text in any::<String>()) {
            let _ = unescape(&text);
        }
    }
}
