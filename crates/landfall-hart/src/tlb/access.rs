//! Accesses as translation caches see them.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

/// The purpose of an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A fetch of an instruction.
    Fetch,
    /// A load.
    Load,
    /// A store, an AMO, or a store-conditional.
    Store,
}

/// The size of a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeafSize {
    /// 4 KiB.
    K4,
    /// 64 KiB: 16 entries with Svnapot's bit.
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
    /// All sizes.
    pub const ALL: [Self; 6] = [Self::K4, Self::K64, Self::M2, Self::G1, Self::G512, Self::T256];

    /// Returns the number of bits of an offset in the leaf.
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::K4 => 12,
            Self::K64 => 16,
            Self::M2 => 21,
            Self::G1 => 30,
            Self::G512 => 39,
            Self::T256 => 48,
        }
    }
}

/// The most levels of a page table.
const LEVELS: usize = 5;

/// A page-table walk: the entries that it reads, and the leaf that it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walk {
    reads: [u64; LEVELS],
    count: usize,
    leaf: LeafSize,
    is_global: bool,
}

impl Walk {
    /// Returns a walk. `reads` are the physical addresses of its entries, the root's first and the
    /// leaf last.
    ///
    /// # Panics
    /// Panics if there is no entry, or if there are more than five.
    #[must_use]
    pub fn new(reads: &[u64], leaf: LeafSize, is_global: bool) -> Self {
        assert!((1..=LEVELS).contains(&reads.len()), "a walk reads 1 to {LEVELS} entries");
        let mut all = [0; LEVELS];
        all[..reads.len()].copy_from_slice(reads);
        Self { reads: all, count: reads.len(), leaf, is_global }
    }

    /// Returns the physical addresses of the entries, the root's first and the leaf last.
    #[must_use]
    pub fn reads(&self) -> &[u64] {
        &self.reads[..self.count]
    }

    /// Returns the size of the leaf.
    #[must_use]
    pub const fn leaf(&self) -> LeafSize {
        self.leaf
    }

    /// Returns true if the leaf is global.
    #[must_use]
    pub const fn is_global(&self) -> bool {
        self.is_global
    }
}

/// A translated access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// The virtual address.
    pub address: u64,
    /// Its purpose.
    pub kind: Kind,
    /// The walk that translates it.
    pub walk: Walk,
}

/// An `sfence.vma`, or the fence of a call of the firmware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fence {
    /// The address, or all addresses.
    pub address: Option<u64>,
    /// The ASID, or all address spaces and the global entries.
    pub asid: Option<u64>,
}

/// An observer of the accesses of a machine.
pub trait Observer: fmt::Debug {
    /// Looks at a translated access of the hart with an index.
    fn access(&mut self, hart: usize, access: &Access);

    /// Looks at a fence of translations that the hart with an index has executed.
    fn fence(&mut self, hart: usize, fence: Fence);
}

/// A machine owns its observer; another owner reads the result.
impl<T: Observer> Observer for Rc<RefCell<T>> {
    fn access(&mut self, hart: usize, access: &Access) {
        self.borrow_mut().access(hart, access);
    }

    fn fence(&mut self, hart: usize, fence: Fence) {
        self.borrow_mut().fence(hart, fence);
    }
}
