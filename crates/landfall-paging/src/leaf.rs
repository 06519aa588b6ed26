//! Leaf sizes and their histogram.

use core::fmt;
use core::ops::{Index, IndexMut};

/// The size of what one leaf maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum LeafSize {
    /// 4 KiB, one entry of level 0.
    K4,
    /// 64 KiB, 16 equal entries of level 0 (Svnapot). One leaf for the hart, and counted as one.
    K64,
    /// 2 MiB, level 1.
    M2,
    /// 1 GiB, level 2: the root of sv39.
    G1,
    /// 512 GiB, level 3: the root of sv48.
    G512,
    /// 256 TiB, level 4: the root of sv57.
    T256,
}

impl LeafSize {
    /// All sizes, ascending.
    pub const ALL: [Self; 6] = [Self::K4, Self::K64, Self::M2, Self::G1, Self::G512, Self::T256];

    /// The size that one entry maps, by the level of its table.
    pub const BY_LEVEL: [Self; 5] = [Self::K4, Self::M2, Self::G1, Self::G512, Self::T256];

    /// Bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        // Read from an array: a `match` becomes a table of addresses, which costs all rebases.
        const BITS: [u8; 6] = [12, 16, 21, 30, 39, 48];
        1 << BITS[self as usize]
    }

    /// The level of the tables that hold such leaves.
    #[must_use]
    pub const fn level(self) -> usize {
        // As in `bytes`.
        const LEVELS: [u8; 6] = [0, 0, 1, 2, 3, 4];
        LEVELS[self as usize] as usize
    }

    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::K4 => "4K",
            Self::K64 => "64K",
            Self::M2 => "2M",
            Self::G1 => "1G",
            Self::G512 => "512G",
            Self::T256 => "256T",
        }
    }
}

impl fmt::Display for LeafSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The number of leaves of each size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeafCount([u32; 6]);

impl LeafCount {
    /// No leaf.
    pub const NONE: Self = Self([0; 6]);

    /// Leaves of all sizes together.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.0.iter().sum()
    }

    /// Returns this count minus `earlier`.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self(core::array::from_fn(|size| self.0[size] - earlier.0[size]))
    }
}

impl Index<LeafSize> for LeafCount {
    type Output = u32;

    fn index(&self, size: LeafSize) -> &u32 {
        &self.0[size as usize]
    }
}

impl IndexMut<LeafSize> for LeafCount {
    fn index_mut(&mut self, size: LeafSize) -> &mut u32 {
        &mut self.0[size as usize]
    }
}
