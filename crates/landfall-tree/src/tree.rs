//! A tree that can be walked.
//!
//! The checks are those on which walking depends, and nothing about taste. The specification limits
//! names to 31 characters; trees of real boards have longer ones, and Linux does not mind them.

use landfall_plan::Refusal;

use super::blocks::{Blocks, HEADER, damaged};
use super::walk::{MAX_DEPTH, Walk};

/// A flattened device tree that was validated.
#[derive(Clone, Copy, Debug)]
pub struct Tree<'a> {
    bytes: &'a [u8],
    blocks: Blocks<'a>,
}

impl<'a> Tree<'a> {
    /// The most bytes in a tree. Linux has the same limit.
    pub const MAX_SIZE: usize = 2 << 20;
    /// The most levels of nodes, the root included.
    pub const MAX_DEPTH: usize = MAX_DEPTH;

    /// Returns the size in bytes that the tree states in its first eight bytes.
    ///
    /// # Errors
    /// Rule 6: fewer than a header has, or more than [`Tree::MAX_SIZE`].
    pub fn stated_size(header: [u8; 8]) -> Result<usize, Refusal> {
        let [_, _, _, _, size @ ..] = header;
        match u32::from_be_bytes(size) as usize {
            0..HEADER => damaged(4, "its totalsize is below 40, the size of its header"),
            size if size > Tree::MAX_SIZE => damaged(4, "its totalsize is above 0x200000 (2 MiB)"),
            size => Ok(size),
        }
    }

    /// The tree in `bytes`, all of them.
    ///
    /// # Errors
    /// Rule 6: it cannot be walked safely.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let blocks = Blocks::find(bytes)?;
        let mut walk = Walk::new(&blocks, blocks.structure);
        if walk.child()?.is_some() {
            walk.properties(|_, _| {})?;
            walk.skip_children()?;
        }
        walk.finish()?;
        Ok(Self { bytes, blocks })
    }

    /// The bytes.
    #[must_use]
    pub const fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    pub(crate) const fn blocks(self) -> Blocks<'a> {
        self.blocks
    }
}
