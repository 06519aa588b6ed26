//! The kernel's command line.

use core::fmt::{self, Write};

/// A command line: words of any bytes between ASCII white space. Boot loaders promise no encoding.
///
/// ```
/// use landfall_plan::facts::CommandLine;
///
/// let line = CommandLine::new(b"hold name=caf\xe9");
/// assert!(line.has("hold") && !line.has("name"));
/// assert_eq!(line.value_of("name"), Some(&b"caf\xe9"[..]));
/// assert_eq!(line.as_str(), None);
/// assert_eq!(line.to_string(), "hold name=caf\\xe9");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CommandLine<'a>(&'a [u8]);

impl<'a> CommandLine<'a> {
    /// Returns the command line in these bytes.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes, without a final zero.
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// The text; `None` if it is not UTF-8.
    #[must_use]
    pub const fn as_str(self) -> Option<&'a str> {
        match core::str::from_utf8(self.0) {
            Ok(text) => Some(text),
            Err(_) => None,
        }
    }

    /// The words, in order.
    pub fn words(self) -> impl Iterator<Item = &'a [u8]> + Clone {
        self.0.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
    }

    /// Returns true if `word` is one of the words.
    #[must_use]
    pub fn has(self, word: impl AsRef<[u8]>) -> bool {
        self.words().any(|own| own == word.as_ref())
    }

    /// Returns what follows `KEY=` in the last word that begins so.
    #[must_use]
    pub fn value_of(self, key: impl AsRef<[u8]>) -> Option<&'a [u8]> {
        let value = |word: &'a [u8]| word.strip_prefix(key.as_ref())?.strip_prefix(b"=");
        self.words().filter_map(value).last()
    }
}

/// The text; bytes that are not UTF-8 as `\xNN`, control characters as `\u{N}`.
impl fmt::Display for CommandLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for letter in chunk.valid().chars() {
                if letter.is_control() {
                    write!(f, "{}", letter.escape_unicode())?;
                } else {
                    f.write_char(letter)?;
                }
            }
            chunk.invalid().iter().try_for_each(|byte| write!(f, "\\x{byte:02x}"))?;
        }
        Ok(())
    }
}
