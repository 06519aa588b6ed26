//! All free memory as pages.

use landfall::Landing;
use landfall::address::{LinearAddr, PAGE_SIZE, PhysAddr, PhysRange};
use landfall::space::Memory;

use crate::edits::{self, Edits};
use crate::free::Free;

/// The most ranges of free memory that are used.
const RANGES: usize = 16;
/// The bytes that are kept for mappings and their tables.
const KEPT: u64 = 4 << 20;

/// All free memory, besides what mappings and tables take. Even pages are the table's, odd ones are
/// for copies.
#[derive(Debug)]
pub(crate) struct Grounds {
    ranges: [PhysRange; RANGES],
}

/// Takes all free memory: the grounds, and the mappings.
///
/// # Safety
/// Nothing else uses free memory of the landing. The function is called once.
pub(crate) unsafe fn of(landing: &'static Landing) -> (Grounds, Edits) {
    let mut ranges = [PhysRange::EMPTY; RANGES];
    for (place, range) in ranges.iter_mut().zip(landing.free_memory()) {
        *place = range;
    }
    let Some(largest) = ranges.iter_mut().max_by_key(|range| range.size()) else {
        panic!("no memory is free")
    };
    assert!(largest.size() > 2 * KEPT, "too little memory is free");
    let middle = PhysAddr::new(largest.end().get() - KEPT);
    let kept = PhysRange::between(middle, largest.end());
    *largest = PhysRange::between(largest.start(), middle);
    let pages = PhysRange::new(middle, edits::PAGES * PAGE_SIZE);
    // SAFETY: nothing else uses these pages, as the caller promises.
    let memory = unsafe { Memory::new(pages) };
    let edits = Edits::new(landing, memory, Free::new(PhysRange::between(pages.end(), kept.end())));
    (Grounds { ranges }, edits)
}

impl Grounds {
    /// Returns the number of pairs of pages.
    pub(crate) fn pages(&self) -> u64 {
        self.ranges.iter().map(|range| pairs(*range)).sum()
    }

    /// Returns a page of the table's.
    pub(crate) fn table_page(&self, number: u64) -> *mut u64 {
        LinearAddr::from_phys(self.pair(number)).as_ptr()
    }

    /// Returns a page for copies.
    pub(crate) fn copy_page(&self, number: u64) -> *mut u64 {
        LinearAddr::from_phys(self.pair(number).wrapping_add(PAGE_SIZE)).as_ptr()
    }

    fn pair(&self, number: u64) -> PhysAddr {
        let mut number = number;
        for range in &self.ranges {
            let count = pairs(*range);
            if number < count {
                return range.start().wrapping_add(2 * PAGE_SIZE * number);
            }
            number -= count;
        }
        panic!("there is no such page")
    }
}

const fn pairs(range: PhysRange) -> u64 {
    range.size() / (2 * PAGE_SIZE)
}
