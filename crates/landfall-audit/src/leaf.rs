//! Sizes of leaves, and their numbers.

use std::fmt;
use std::ops::{AddAssign, Index, IndexMut};

use serde::{Serialize, Serializer};

/// The bytes that one leaf maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum LeafSize {
    /// 4 KiB.
    K4,
    /// 64 KiB, by 16 entries (Svnapot).
    K64,
    /// 2 MiB.
    M2,
    /// 1 GiB.
    G1,
    /// 512 GiB.
    G512,
    /// 256 TiB.
    T256,
}

impl LeafSize {
    /// All sizes, in ascending order.
    pub const ALL: [Self; 6] = [Self::K4, Self::K64, Self::M2, Self::G1, Self::G512, Self::T256];

    /// Returns the bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        match self {
            Self::K4 => 1 << 12,
            Self::K64 => 1 << 16,
            Self::M2 => 1 << 21,
            Self::G1 => 1 << 30,
            Self::G512 => 1 << 39,
            Self::T256 => 1 << 48,
        }
    }

    /// Returns the name in text and JSON.
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

    /// Returns the size with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|size| size.name() == name)
    }

    /// The size of a leaf in a table of this level.
    pub(crate) const fn of_level(level: u8) -> Self {
        match level {
            0 => Self::K4,
            1 => Self::M2,
            2 => Self::G1,
            3 => Self::G512,
            _ => Self::T256,
        }
    }
}

impl fmt::Display for LeafSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for LeafSize {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Leaves by size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeafCounts([u64; 6]);

impl LeafCounts {
    /// Returns the number of leaves of all sizes.
    #[must_use]
    pub fn total(self) -> u64 {
        self.0.iter().sum()
    }
}

impl Index<LeafSize> for LeafCounts {
    type Output = u64;

    fn index(&self, size: LeafSize) -> &u64 {
        &self.0[size as usize]
    }
}

impl IndexMut<LeafSize> for LeafCounts {
    fn index_mut(&mut self, size: LeafSize) -> &mut u64 {
        &mut self.0[size as usize]
    }
}

impl AddAssign for LeafCounts {
    fn add_assign(&mut self, other: Self) {
        for (own, other) in self.0.iter_mut().zip(other.0) {
            *own += other;
        }
    }
}

impl fmt::Display for LeafCounts {
    /// `510 x 2M + 928 x 4K`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = LeafSize::ALL.into_iter().rev().filter(|size| self[*size] != 0);
        let words: Vec<_> = sizes.map(|size| format!("{} x {size}", self[size])).collect();
        if words.is_empty() { f.write_str("none") } else { f.write_str(&words.join(" + ")) }
    }
}

impl Serialize for LeafCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(LeafSize::ALL.map(|size| (size.name(), self[size])))
    }
}
