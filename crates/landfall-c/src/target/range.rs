//! Ranges and bytes, as C has them.

use landfall::address::{PhysAddr, PhysRange, VirtAddr, VirtRange};

/// `struct lf_range`: physical or virtual addresses.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub(super) struct Range {
    start: u64,
    size: u64,
}

impl Range {
    pub(super) const fn phys(self) -> PhysRange {
        PhysRange::new(PhysAddr::new(self.start), self.size)
    }

    pub(super) const fn virt(self) -> VirtRange {
        VirtRange::new(VirtAddr::new(self.start), self.size)
    }
}

impl From<PhysRange> for Range {
    fn from(range: PhysRange) -> Self {
        Self { start: range.start().get(), size: range.size() }
    }
}

impl From<VirtRange> for Range {
    fn from(range: VirtRange) -> Self {
        Self { start: range.start().get(), size: range.size() }
    }
}

/// `struct lf_bytes`: bytes that the caller may read.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct Bytes {
    data: *const u8,
    size: usize,
}

impl Bytes {
    /// Returns the bytes.
    ///
    /// # Safety
    /// They may be read for as long as the caller of the library promises, and do not change.
    pub(super) const unsafe fn get<'a>(self) -> &'a [u8] {
        if self.data.is_null() {
            return &[];
        }
        // SAFETY: the caller vouches for them.
        unsafe { core::slice::from_raw_parts(self.data, self.size) }
    }
}

impl From<&'static [u8]> for Bytes {
    fn from(bytes: &'static [u8]) -> Self {
        Self { data: bytes.as_ptr(), size: bytes.len() }
    }
}

// SAFETY: they are read only.
unsafe impl Send for Bytes {}
// SAFETY: as above.
unsafe impl Sync for Bytes {}
