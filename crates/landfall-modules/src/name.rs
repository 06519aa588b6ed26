//! Names from inside a file, for messages.

use core::fmt::{self, Write};

/// A name from a file, as much of it as fits. It is untrusted: its display escapes what is not
/// printable ASCII.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Name {
    bytes: [u8; Self::MOST],
    length: u8,
    cut: bool,
}

impl Name {
    /// The most bytes that are kept.
    pub const MOST: usize = 54;

    /// Returns the first bytes of a name.
    #[must_use]
    pub fn new(name: &[u8]) -> Self {
        let length = name.len().min(Self::MOST);
        let mut bytes = [0; Self::MOST];
        bytes[..length].copy_from_slice(&name[..length]);
        Self { bytes, length: u8::try_from(length).unwrap_or_default(), cut: name.len() > length }
    }

    /// Returns the bytes that are kept.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.as_bytes().escape_ascii() {
            f.write_char(char::from(byte))?;
        }
        f.write_str(if self.cut { "…" } else { "" })
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}
