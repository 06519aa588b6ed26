//! Load options as a command line.

use landfall_tree::Tree;

/// The options with which an image was started: UCS-2, whose end firmware may have left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadOptions<'a> {
    bytes: &'a [u8],
}

impl<'a> LoadOptions<'a> {
    /// The most bytes of options that are read: as many characters as a device tree has bytes at
    /// most. So a longer line is refused with its tree (rule 6).
    pub const MOST: usize = 2 * Tree::MAX_SIZE;

    /// Returns the line in `bytes`; `None` without one.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let line = Self { bytes };
        line.chars().next().is_some().then_some(line)
    }

    /// Returns its characters, up to its end. Invalid UTF-16 becomes U+FFFD.
    pub fn chars(self) -> impl Iterator<Item = char> + Clone + 'a {
        let (units, _) = self.bytes.as_chunks::<2>();
        let units = units.iter().map(|unit| u16::from_le_bytes(*unit)).take_while(|unit| *unit != 0);
        char::decode_utf16(units).map(|decoded| decoded.unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// Bytes that it takes in UTF-8.
    #[must_use]
    pub fn size(self) -> usize {
        self.chars().map(char::len_utf8).sum()
    }
}
