//! The words of a structure block (devicetree specification v0.4, 5.4.1): four big-endian bytes.

use bytemuck::Pod;

/// Begins a node: its name follows.
pub(crate) const BEGIN_NODE: u32 = 1_u32.to_be();
/// Ends a node.
pub(crate) const END_NODE: u32 = 2_u32.to_be();
/// Begins a property: its size, the offset of its name and its value follow.
pub(crate) const PROP: u32 = 3_u32.to_be();
/// Means nothing.
pub(crate) const NOP: u32 = 4_u32.to_be();
/// Ends the block.
pub(crate) const END: u32 = 9_u32.to_be();

/// A word where it lies. One instruction loads a `u32`, at a multiple of 4. Four bytes may lie at
/// any address.
pub(crate) trait Word: Pod {
    /// Returns the bytes as one load gets them, to compare tokens.
    fn raw(&self) -> u32;
    /// Returns the number.
    fn number(&self) -> usize;
}

impl Word for u32 {
    #[inline]
    fn raw(&self) -> u32 {
        *self
    }

    #[inline]
    fn number(&self) -> usize {
        // Without Zbb a swap of four bytes takes twice the instructions, and few numbers need it.
        let little = u32::from_le(*self) as usize;
        if little.trailing_zeros() >= 16 {
            little >> 24 | little >> 8 & 0xff00
        } else {
            u32::from_be(*self) as usize
        }
    }
}

impl Word for [u8; 4] {
    #[inline]
    fn raw(&self) -> u32 {
        u32::from_ne_bytes(*self)
    }

    #[inline]
    fn number(&self) -> usize {
        // LLVM makes a little-endian load of `from_be_bytes`, and a swap: twice the instructions.
        self.iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
    }
}

/// Splits a node's name off: its words, with the final zero, and the words behind them. Returns
/// `None` if these words are not ASCII, or the name does not end.
#[inline]
pub(crate) fn split_name<W: Word>(words: &[W]) -> Option<(&[u8], &[W])> {
    const LOW: u32 = 0x0101_0101;
    const HIGH: u32 = 0x8080_8080;
    for (index, word) in words.iter().enumerate() {
        // The difference has a high bit if a byte is zero, or none of its bytes are ASCII.
        if (word.raw() | word.raw().wrapping_sub(LOW)) & HIGH != 0 {
            let (name, rest) = words.split_at_checked(index + 1).filter(|_| word.raw() & HIGH == 0)?;
            return Some((bytemuck::must_cast_slice(name), rest));
        }
    }
    None
}

/// Splits a property's value off the words behind its header: the value, and the words behind it
/// and its padding. Returns `None` if the words end before the value does.
#[inline]
pub(crate) fn split_value<W: Word>(words: &[W], size: usize) -> Option<(&[u8], &[W])> {
    let (value, rest) = words.split_at_checked(size.div_ceil(4))?;
    Some((bytemuck::must_cast_slice::<W, u8>(value).get(..size)?, rest))
}
