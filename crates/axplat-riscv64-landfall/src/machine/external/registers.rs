//! Registers of a controller: words of 32 bits.

use landfall::address::VirtAddr;

/// The registers of a controller, which are mapped.
#[derive(Clone, Copy, Debug)]
pub(super) struct Registers(VirtAddr);

impl Registers {
    pub(super) const fn new(first: VirtAddr) -> Self {
        Self(first)
    }

    fn register(self, offset: u64) -> *mut u32 {
        core::ptr::with_exposed_provenance_mut(self.0.wrapping_add(offset).get() as usize)
    }

    pub(super) fn write(self, offset: u64, value: u32) {
        // SAFETY: the tree says that there is such a controller. The offset is one of its
        // specification, within the size that `Candidates::choose` has checked.
        unsafe { self.register(offset).write_volatile(value) };
    }

    pub(super) fn read(self, offset: u64) -> u32 {
        // SAFETY: as above; of all registers only a claim has an effect, which the caller wants.
        unsafe { self.register(offset).read_volatile() }
    }
}
