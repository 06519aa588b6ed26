//! The stacks: one a hart.

use landfall_paging::{
    Access, LeafFormat, LeafSize, Mapping, PAGE_SIZE, PhysAddr, PhysRange, VirtAddr, VirtRange,
};

use crate::harts::HartIndex;

/// Bytes below each stack that nothing maps, at least.
///
/// They catch an overflow by every function whose frame is at most half of that. A function and its
/// callee may touch their frames late, and together they stay within the guard. Guards take
/// addresses and no memory.
pub const STACK_GUARD: u64 = 64 << 10;

/// The size in bytes of a hart's overflow stack, at the upper end of its memory for stacks. Traps
/// use it if the hart has left its stack.
pub const OVERFLOW_STACK: u64 = 4 << 10;

/// The stacks, each with at least [`STACK_GUARD`] unmapped bytes below. Only the stacks themselves
/// take memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Stacks {
    /// The first address of the first stack's guard, a multiple of 2 MiB.
    pub virt: VirtAddr,
    /// The first stack's memory; the others follow.
    pub phys: PhysAddr,
    /// Bytes of each.
    pub size: u64,
    /// The number of stacks.
    pub count: u64,
    /// The alignment of each stack in virtual memory, and in physical memory if there is room. It
    /// is 64 KiB if leaves of that size exist and fit.
    pub alignment: u64,
}

impl Stacks {
    pub(crate) fn new(size: u64, count: u64, format: LeafFormat) -> Self {
        let large = LeafSize::K64.bytes();
        let alignment = if format == LeafFormat::Napot && size >= large { large } else { PAGE_SIZE };
        Self { size, count, alignment, ..Self::default() }
    }

    /// Returns the numbers of the harts that have a stack, in ascending order.
    pub fn harts(self) -> impl DoubleEndedIterator<Item = HartIndex> {
        (0..self.count).map(HartIndex::new)
    }

    /// Returns the lowest address of a hart's stack.
    #[must_use]
    pub const fn bottom(&self, hart: HartIndex) -> VirtAddr {
        let first = self.round_up(self.virt.get().wrapping_add(STACK_GUARD));
        VirtAddr::new(first.wrapping_add(hart.get().wrapping_mul(self.virtual_stride())))
    }

    /// Returns the address behind a hart's stacks: its overflow stack ends there.
    #[must_use]
    pub const fn top(&self, hart: HartIndex) -> VirtAddr {
        self.bottom(hart).wrapping_add(self.size)
    }

    /// Returns the hart whose stack, or overflow stack, holds an address or ends there. A stack
    /// pointer that has not moved yet is at the end.
    #[must_use]
    pub const fn hart_of(&self, stack_pointer: u64) -> Option<HartIndex> {
        let first = self.bottom(HartIndex::BOOT).get();
        let stride = self.round_up(self.size + STACK_GUARD);
        let offset = stack_pointer.wrapping_sub(first);
        let hart = offset / stride;
        if hart < self.count && offset % stride <= self.size { Some(HartIndex::new(hart)) } else { None }
    }

    /// Returns the addresses from the first stack's guard to the top of the last stack.
    #[must_use]
    pub const fn range(&self) -> VirtRange {
        VirtRange::new(self.virt, self.virtual_size())
    }

    /// Returns the stack that a hart uses: all but the overflow stack above.
    #[must_use]
    pub const fn usable(&self, hart: HartIndex) -> VirtRange {
        VirtRange::new(self.bottom(hart), self.size.saturating_sub(OVERFLOW_STACK))
    }

    /// Returns a hart's overflow stack.
    #[must_use]
    pub const fn overflow(&self, hart: HartIndex) -> VirtRange {
        VirtRange::new(self.usable(hart).end(), OVERFLOW_STACK)
    }

    /// Returns the bytes of address space from one stack to the next.
    #[must_use]
    pub const fn virtual_stride(&self) -> u64 {
        self.round_up(self.size + STACK_GUARD)
    }

    /// Returns the bytes of physical memory from one stack to the next.
    #[must_use]
    pub const fn physical_stride(&self) -> u64 {
        self.round_up(self.size)
    }

    /// Returns the first byte of the memory of a hart's stack.
    #[must_use]
    pub const fn memory(&self, hart: HartIndex) -> PhysAddr {
        self.phys.wrapping_add(hart.get().wrapping_mul(self.physical_stride()))
    }

    /// Returns the memory of all stacks.
    #[must_use]
    pub const fn all_memory(&self) -> PhysRange {
        PhysRange::new(self.phys, self.count.wrapping_mul(self.physical_stride()))
    }

    /// Returns the bytes of address space that they take from a multiple of 64 KiB on.
    pub(crate) const fn virtual_size(&self) -> u64 {
        STACK_GUARD + (self.count - 1) * self.virtual_stride() + self.size
    }

    /// Returns the mappings of the stacks with these numbers.
    pub(crate) fn mappings(self, numbers: core::ops::Range<u64>) -> impl Iterator<Item = Mapping> {
        numbers.map(HartIndex::new).map(move |hart| Mapping {
            virt: self.bottom(hart),
            phys: self.memory(hart),
            size: self.size,
            access: Access::ReadWrite,
        })
    }

    const fn round_up(&self, size: u64) -> u64 {
        (size.wrapping_add(self.alignment - 1)) & !(self.alignment - 1)
    }
}
