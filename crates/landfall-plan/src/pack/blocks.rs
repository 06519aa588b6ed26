//! Blocks: what a larger leaf could map.

use landfall_paging::{LeafFormat, LeafSize, Mode};

/// The sizes of blocks, and what a whole one saves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blocks {
    sizes: [(LeafSize, i64); 5],
    len: usize,
}

impl Blocks {
    /// `offset` is the linear map's: a block is one leaf only where the offset is a multiple of its
    /// size.
    pub(super) fn new(mode: Mode, format: LeafFormat, offset: u64) -> Self {
        let mut blocks = Self { sizes: [(LeafSize::K64, 15); 5], len: 0 };
        let napot = format == LeafFormat::Napot;
        let sizes = LeafSize::ALL.into_iter().filter(|size| match size {
            LeafSize::K4 => false,
            LeafSize::K64 => napot,
            _ => size.level() < mode.levels() && offset & (size.bytes() - 1) == 0,
        });
        for (slot, size) in blocks.sizes.iter_mut().zip(sizes) {
            let saved = match size {
                LeafSize::K64 => 15,
                LeafSize::M2 if napot => 31,
                _ => 511,
            };
            *slot = (size, saved);
            blocks.len += 1;
        }
        blocks
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (LeafSize, i64)> + Clone {
        self.sizes.into_iter().take(self.len)
    }
}

/// Blocks of `size` that lie in a range as a whole.
pub(super) fn whole_blocks(start: u64, end: u64, size: LeafSize) -> i64 {
    let shift = size.bytes().trailing_zeros();
    let whole = (end >> shift).saturating_sub(start.div_ceil(size.bytes()));
    i64::try_from(whole).unwrap_or(i64::MAX >> 16)
}
