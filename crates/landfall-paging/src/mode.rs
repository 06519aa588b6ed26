//! Paging modes and the `satp` register.

use core::fmt;

use crate::addr::{PhysAddr, VirtAddr};
use crate::leaf::LeafSize;

/// A paging mode of RV64. Each implies those before it (privileged specification, `satp`: Sv57
/// implies Sv48 implies Sv39).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Mode {
    /// Three levels, 39-bit virtual addresses.
    Sv39 = 8,
    /// Four levels, 48-bit virtual addresses.
    Sv48 = 9,
    /// Five levels, 57-bit virtual addresses.
    Sv57 = 10,
}

impl Mode {
    /// All modes, the best first: the order in which to probe.
    pub const BEST_FIRST: [Self; 3] = [Self::Sv57, Self::Sv48, Self::Sv39];

    /// Levels of tables, the root included.
    #[must_use]
    pub const fn levels(self) -> usize {
        self as usize - 5
    }

    /// Bits of a virtual address.
    #[must_use]
    pub const fn virtual_bits(self) -> u32 {
        12 + 9 * (self as u32 - 5)
    }

    /// The first address of the upper half, where kernels live.
    #[must_use]
    pub const fn upper_half(self) -> VirtAddr {
        VirtAddr::new(u64::MAX << (self.virtual_bits() - 1))
    }

    /// Bytes in one half of the address space.
    #[must_use]
    pub const fn half_size(self) -> u64 {
        1 << (self.virtual_bits() - 1)
    }

    /// Returns true if `address` has all upper bits equal to its highest translated bit. Others
    /// fault.
    #[must_use]
    pub const fn is_canonical(self, address: VirtAddr) -> bool {
        address.get() < self.half_size() || address.get() >= self.upper_half().get()
    }

    /// The largest leaf: an entry of the root.
    #[must_use]
    pub const fn largest_leaf(self) -> LeafSize {
        LeafSize::BY_LEVEL[self.levels() - 1]
    }

    /// The mode of this name: `sv39`, `sv48` or `sv57`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::BEST_FIRST.into_iter().find(|mode| mode.name() == name)
    }

    /// The mode's name in device trees (without `riscv,`) and in the field.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sv39 => "sv39",
            Self::Sv48 => "sv48",
            Self::Sv57 => "sv57",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A value of the `satp` register. Bits 63 to 60 are MODE, 59 to 44 the ASID, and 43 to 0 the
/// root's page number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Satp(u64);

impl Satp {
    /// The value that makes a hart translate through the table at `root`, with ASID 0.
    #[must_use]
    pub const fn new(mode: Mode, root: PhysAddr) -> Self {
        Self((mode as u64) << 60 | root.get() >> 12)
    }

    /// Returns the value with this ASID. A hart may have fewer than 16 bits for it.
    #[must_use]
    pub const fn with_asid(self, asid: u16) -> Self {
        Self(self.0 & !(0xffff << 44) | (asid as u64) << 44)
    }

    /// Returns the ASID.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the ASID is the register's bits 59 to 44")]
    pub const fn asid(self) -> u16 {
        (self.0 >> 44) as u16
    }

    /// Returns the register's bits.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Returns the paging mode.
    #[must_use]
    pub const fn mode(self) -> Mode {
        match self.0 >> 60 {
            8 => Mode::Sv39,
            9 => Mode::Sv48,
            _ => Mode::Sv57,
        }
    }

    /// Returns the address of the root table, a multiple of 4 KiB.
    #[must_use]
    pub const fn root(self) -> PhysAddr {
        PhysAddr::new((self.0 & ((1 << 44) - 1)) << 12)
    }
}
