//! Tables as a landed kernel reaches them: through the linear map.

use core::cell::UnsafeCell;

use landfall::address::{ImageAddr, LinearAddr, PhysAddr};
use landfall_paging::{Entry, Frames, TableMemory, TableReader};

/// Memory by the linear map. Every store is volatile, so each entry is one store of 64 bits.
pub(crate) struct LinearMap {
    _private: (),
}

impl LinearMap {
    /// # Safety
    /// The value goes to one editor of this kernel's tables, and nowhere else.
    pub(crate) const unsafe fn new() -> Self {
        Self { _private: () }
    }
}

impl TableReader for LinearMap {
    fn read(&self, at: PhysAddr) -> Entry {
        // SAFETY: an editor of this kernel's tables reads their entries (`new`), which the linear
        // map holds.
        Entry::from_bits(unsafe { LinearAddr::from_phys(at).as_ptr::<u64>().read_volatile() })
    }
}

impl TableMemory for LinearMap {
    fn write_run(&mut self, at: PhysAddr, first: Entry, step: u64, count: usize) {
        let place = LinearAddr::from_phys(at).as_ptr::<u64>();
        let mut bits = first.bits();
        for index in 0..count {
            // SAFETY: as above. It writes to these tables and to the frames of its pool alone.
            unsafe { place.wrapping_add(index).write_volatile(bits) };
            bits = bits.wrapping_add(step);
        }
    }
}

const FRAMES: usize = 8;

#[repr(C, align(4096))]
struct Memory(UnsafeCell<[[u64; 512]; FRAMES]>);

// SAFETY: only the one editor at a time gets at it, by its physical address.
unsafe impl Sync for Memory {}

static MEMORY: Memory = Memory(UnsafeCell::new([[0; 512]; FRAMES]));

/// Frames of the kernel's own.
pub(crate) struct Pool {
    free: [PhysAddr; FRAMES],
    left: usize,
}

impl Pool {
    /// Returns the pool of all frames.
    ///
    /// # Safety
    /// No table lies in these frames any more that an earlier pool has returned. This hart is the
    /// only one, and fences after each operation of an editor that has the pool.
    pub(crate) unsafe fn new() -> Self {
        let first = ImageAddr::from_ptr(MEMORY.0.get()).to_phys();
        Self { free: core::array::from_fn(|frame| first.wrapping_add(frame as u64 * 4096)), left: FRAMES }
    }
}

// SAFETY: the frames are this kernel's own static, each is in the pool once, and a fence follows
// every operation (`new`).
unsafe impl Frames for Pool {
    fn take(&mut self) -> Option<PhysAddr> {
        self.left = self.left.checked_sub(1)?;
        self.free.get(self.left).copied()
    }

    fn give_back(&mut self, frame: PhysAddr) {
        if let Some(place) = self.free.get_mut(self.left) {
            *place = frame;
            self.left += 1;
        }
    }
}
