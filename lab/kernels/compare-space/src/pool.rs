//! Frames for tables, and memory to map.

use core::sync::atomic::{AtomicU64, Ordering};

use landfall::Landing;
use landfall::address::{PAGE_SIZE, PhysAddr, PhysRange};
use landfall::paging::Frames;

/// The frames for tables. Every design takes them here. A frame that is given back is not used
/// again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pool;

static NEXT: AtomicU64 = AtomicU64::new(0);
static END: AtomicU64 = AtomicU64::new(0);

/// Bytes of the frames.
const FRAMES: u64 = 256 * PAGE_SIZE;
const LARGE: u64 = 2 << 20;

// SAFETY: `Grounds::of` sets free memory aside, which the linear map holds. Each page of it is
// returned once, by the one hart that changes tables.
unsafe impl Frames for Pool {
    fn take(&mut self) -> Option<PhysAddr> {
        let frame = NEXT.load(Ordering::Relaxed);
        if frame == END.load(Ordering::Relaxed) {
            return None;
        }
        NEXT.store(frame + PAGE_SIZE, Ordering::Relaxed);
        Some(PhysAddr::new(frame))
    }

    fn give_back(&mut self, _: PhysAddr) {}
}

/// Memory to map. One design after the other uses it.
#[derive(Debug)]
pub(crate) struct Grounds {
    /// 8 MiB, aligned to 2 MiB.
    range: PhysRange,
}

impl Grounds {
    /// Sets free memory aside for mappings and for tables.
    ///
    /// # Safety
    /// Nothing else uses free memory of the landing. The function is called once.
    pub(crate) unsafe fn of(landing: &Landing) -> Self {
        let Some(free) = landing.free_memory().max_by_key(|range| range.size()) else {
            panic!("no memory is free")
        };
        let range = PhysRange::new(PhysAddr::new(free.start().get().next_multiple_of(LARGE)), 4 * LARGE);
        assert!(range.end().get() + FRAMES <= free.end().get(), "too little memory is free");
        NEXT.store(range.end().get(), Ordering::Relaxed);
        END.store(range.end().get() + FRAMES, Ordering::Relaxed);
        Self { range }
    }

    /// Returns the address of the memory at an offset.
    pub(crate) const fn at(&self, offset: u64) -> PhysAddr {
        self.range.start().wrapping_add(offset)
    }
}
