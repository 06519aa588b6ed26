//! The stacks: one a hart.

use landfall_paging::{Access, LeafFormat, LeafSize, Mapping, PAGE_SIZE, PhysAddr, VirtAddr};

/// Bytes below each stack that nothing maps, at least.
///
/// A function whose frame is no larger cannot step over them: the first access beyond the stack faults before one
/// reaches other memory. They take addresses and no memory.
pub const STACK_GUARD: u64 = 64 << 10;

/// The stacks, each with at least [`STACK_GUARD`] unmapped bytes below. Only the stacks themselves take memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stacks {
    /// The first address of the first stack's guard.
    pub virt: VirtAddr,
    /// The first stack's memory; the others follow.
    pub phys: PhysAddr,
    /// Bytes of each.
    pub size: u64,
    /// How many.
    pub count: u64,
    /// Each begins at a multiple of this, in virtual memory; and in physical, where there is room: 64 KiB where leaves of that size exist and fit.
    pub alignment: u64,
}

impl Stacks {
    pub(crate) fn new(size: u64, count: u64, format: LeafFormat) -> Self {
        let large = LeafSize::K64.bytes();
        let alignment = if format == LeafFormat::Napot && size >= large { large } else { PAGE_SIZE };
        Self { size, count, alignment, ..Self::default() }
    }

    /// The lowest address of stack `index`.
    #[must_use]
    pub const fn bottom(&self, index: u64) -> VirtAddr {
        let first = self.round_up(self.virt.get().wrapping_add(STACK_GUARD));
        VirtAddr::new(first.wrapping_add(index * self.round_up(self.size + STACK_GUARD)))
    }

    /// The address behind stack `index`, where its use begins.
    #[must_use]
    pub const fn top(&self, index: u64) -> VirtAddr {
        self.bottom(index).add(self.size)
    }

    /// Bytes of address space that they take at least, the first guard included.
    pub(crate) const fn least_virtual_size(&self) -> u64 {
        STACK_GUARD + (self.count - 1) * self.round_up(self.size + STACK_GUARD) + self.size
    }

    /// Bytes of physical memory from one stack to the next.
    #[must_use]
    pub const fn physical_stride(&self) -> u64 {
        self.round_up(self.size)
    }

    /// The memory of stack `index`.
    #[must_use]
    pub const fn memory(&self, index: u64) -> PhysAddr {
        self.phys.add(index * self.physical_stride())
    }

    /// Bytes of address space that they take at most, wherever they begin.
    pub(crate) const fn virtual_size(&self) -> u64 {
        self.alignment + self.count * self.round_up(self.size + STACK_GUARD)
    }

    pub(crate) fn mappings(self) -> impl Iterator<Item = Mapping> {
        (0..self.count).map(move |index| Mapping {
            virt: self.bottom(index),
            phys: self.memory(index),
            size: self.size,
            access: Access::ReadWrite,
        })
    }

    const fn round_up(&self, size: u64) -> u64 {
        (size.wrapping_add(self.alignment - 1)) & !(self.alignment - 1)
    }
}
