//! The words of a structure block (devicetree specification v0.4, 5.4.1), each in 4 big-endian
//! bytes.

/// Begins a node: its name follows.
pub(crate) const BEGIN_NODE: [u8; 4] = [0, 0, 0, 1];
/// Ends a node.
pub(crate) const END_NODE: [u8; 4] = [0, 0, 0, 2];
/// Begins a property: its size, the offset of its name and its value follow.
pub(crate) const PROP: [u8; 4] = [0, 0, 0, 3];
/// Means nothing.
pub(crate) const NOP: [u8; 4] = [0, 0, 0, 4];
/// Ends the block.
pub(crate) const END: [u8; 4] = [0, 0, 0, 9];

/// Words of a structure block.
pub(crate) type Words<'a> = &'a [[u8; 4]];

/// Splits a node's name off: its words, with the final zero, and the words behind them. Returns
/// `None` if these words are not ASCII, or the name does not end.
pub(crate) fn split_name(words: Words<'_>) -> Option<(&[u8], Words<'_>)> {
    for (index, word) in words.iter().enumerate() {
        // As a signed number, a byte that is not ASCII is below zero.
        if word.iter().any(|byte| byte.cast_signed() <= 0) {
            let (name, rest) = words.split_at_checked(index + 1).filter(|_| word.is_ascii())?;
            return Some((name.as_flattened(), rest));
        }
    }
    None
}

/// Splits a property's value off the words behind its header: the value, and the words behind it
/// and its padding. Returns `None` if the words end before the value does.
pub(crate) fn split_value(words: Words<'_>, size: usize) -> Option<(&[u8], Words<'_>)> {
    let (value, rest) = words.split_at_checked(size.div_ceil(4))?;
    Some((value.as_flattened().get(..size)?, rest))
}

/// Returns the number in a word.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "by value, LLVM loads the word as one number")]
pub(crate) fn number(word: &[u8; 4]) -> usize {
    // LLVM makes a little-endian load of `from_be_bytes`, and a swap: twice the instructions.
    word.iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
}
