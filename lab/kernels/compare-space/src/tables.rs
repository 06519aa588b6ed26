//! Page tables, and memory, through the linear map.

use landfall::address::{LinearAddr, PhysAddr};
use landfall_paging::{Entry, TableMemory, TableReader};

/// Memory through the linear map. Every store is volatile, so each entry is one store of 64 bits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinearMap {
    _private: (),
}

impl LinearMap {
    /// # Safety
    /// The value goes to one owner of this kernel's tables, or to readers.
    pub(crate) const unsafe fn new() -> Self {
        Self { _private: () }
    }
}

/// Returns the pointer to memory.
pub(crate) fn linear<T>(at: PhysAddr) -> *mut T {
    LinearAddr::from_phys(at).as_ptr()
}

impl TableReader for LinearMap {
    fn read(&self, at: PhysAddr) -> Entry {
        // SAFETY: only entries of tables and of frames for them are read (`new`).
        Entry::from_bits(unsafe { linear::<u64>(at).read_volatile() })
    }
}

impl TableMemory for LinearMap {
    fn write_run(&mut self, at: PhysAddr, first: Entry, step: u64, count: usize) {
        let place = linear::<u64>(at);
        let mut bits = first.bits();
        for index in 0..count {
            // SAFETY: as above. The owner writes to its tables and to its frames alone.
            unsafe { place.wrapping_add(index).write_volatile(bits) };
            bits = bits.wrapping_add(step);
        }
    }
}
