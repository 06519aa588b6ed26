//! Free memory, and its owners. The landing finds it; from then on this set has it.

use landfall::Landing;
use landfall::address::{LinearAddr, PAGE_SIZE, PhysAddr, PhysRange};
use landfall::memory::PhysRangeSet;
use landfall::paging::Frames;
use landfall::space::{Memory, Refused, SpaceError};
use landfall_modules::Pages;
use spin::Mutex;

/// Whole pages. The set holds 64 ranges; memory in more pieces than that is never used again.
static FREE: Mutex<PhysRangeSet> = Mutex::new(PhysRangeSet::EMPTY);

/// Takes all free memory of the landing, before anything else does. `main` calls this once.
pub(crate) fn take_over(landing: &Landing) {
    landing.free_memory().for_each(|range| insert(range.pages_within()));
}

/// Returns the free memory.
pub(crate) fn free() -> PhysRangeSet {
    FREE.lock().clone()
}

/// Takes pages that follow each other, filled with zeros: they may have been another owner's.
pub(crate) fn take(pages: u64) -> Result<Memory, SpaceError> {
    let range = remove(pages).ok_or(SpaceError::OutOfFrames)?;
    let bytes = LinearAddr::from_phys(range.start()).as_ptr::<u8>();
    // SAFETY: the range has left the set, so nothing else uses it. The linear map holds all RAM.
    unsafe {
        bytes.write_bytes(0, range.size() as usize);
        Ok(Memory::new(range))
    }
}

/// Returns memory. `Memory` has one owner, so none is returned twice.
pub(crate) fn give_back(memory: Memory) {
    insert(memory.into_range());
}

/// Returns the memory of a refused request, and keeps the reason.
pub(crate) fn refused(refused: Refused<Memory>) -> SpaceError {
    refused.returned.into_iter().for_each(give_back);
    refused.error
}

fn remove(pages: u64) -> Option<PhysRange> {
    let size = pages.checked_mul(PAGE_SIZE).filter(|size| *size != 0)?;
    let mut free = FREE.lock();
    let highest = free.iter().filter(|range| range.size() >= size).last()?;
    let range = PhysRange::new(highest.end() - size, size);
    free.remove(range).is_ok().then_some(range)
}

fn insert(range: PhysRange) {
    let _ = FREE.lock().insert(range);
}

/// The free memory, for page tables and for modules.
pub(crate) struct Free;

// SAFETY: a frame leaves the set before it is returned, and the linear map holds it. A frame that
// is given back had been taken, and no table uses it any more.
unsafe impl Frames for Free {
    fn take(&mut self) -> Option<PhysAddr> {
        remove(1).map(PhysRange::start)
    }

    fn give_back(&mut self, frame: PhysAddr) {
        insert(PhysRange::new(frame, PAGE_SIZE));
    }
}

impl Pages for Free {
    fn take(&mut self, pages: u64) -> Option<Memory> {
        take(pages).ok()
    }

    fn give_back(&mut self, memory: Memory) {
        give_back(memory);
    }
}
