//! Physical memory with one owner.

use landfall_paging::{PAGE_SIZE, PhysRange};

/// Whole pages of RAM that nothing else uses. A mapping takes the value, and the end of the mapping
/// returns it, after the fence. So no memory is mapped twice, and none is reused too early.
///
/// Dropping it, or a mapping that holds it, loses the memory: nothing uses it again.
#[derive(Debug)]
#[must_use = "the memory is lost with the value"]
pub struct Memory {
    range: PhysRange,
}

impl Memory {
    /// Returns the memory of `range`.
    ///
    /// # Safety
    /// - The range is RAM in whole pages that the linear map holds, readable and writable. Crash
    ///   memory, which it does not hold, may be mapped as [data](crate::DataAccess) alone.
    /// - Until the value is given back ([`Memory::into_range`]), nothing else uses this memory or
    ///   creates another `Memory` of it: no object, no table, no device.
    pub const unsafe fn new(range: PhysRange) -> Self {
        Self { range }
    }

    /// Returns the physical addresses.
    #[must_use]
    pub const fn range(&self) -> PhysRange {
        self.range
    }

    /// Returns the memory as a range, which the caller owns from here on.
    #[must_use]
    pub const fn into_range(self) -> PhysRange {
        self.range
    }

    /// Splits the memory behind its first `size` bytes.
    ///
    /// # Errors
    /// The memory as it was, if `size` is no multiple of 4 KiB, or leaves one part empty.
    pub const fn split(self, size: u64) -> Result<(Self, Self), Self> {
        if size == 0 || size >= self.range.size() || !size.is_multiple_of(PAGE_SIZE) {
            return Err(self);
        }
        let middle = self.range.start().wrapping_add(size);
        let front = Self { range: PhysRange::between(self.range.start(), middle) };
        Ok((front, Self { range: PhysRange::between(middle, self.range.end()) }))
    }
}
