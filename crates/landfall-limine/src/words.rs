//! 64-bit words in bytes, little-endian.

/// Bytes of a word.
pub(crate) const WORD: usize = 8;

/// Returns the word at an offset.
pub(crate) fn word(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Writes a word at an offset. Returns `None` if it lies outside.
#[must_use]
pub(crate) fn set_word(bytes: &mut [u8], at: usize, value: u64) -> Option<()> {
    *bytes.get_mut(at..)?.first_chunk_mut()? = value.to_le_bytes();
    Some(())
}

/// Returns true if these words begin at an offset.
pub(crate) fn begins_with(bytes: &[u8], at: usize, words: &[u64]) -> bool {
    words.iter().enumerate().all(|(index, wanted)| word(bytes, at + index * WORD) == Some(*wanted))
}
