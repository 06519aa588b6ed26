//! Memory that no mapping holds. Each page of it has a poison, so a write through a translation
//! that should be gone shows when the memory is taken again.

use core::ops::RangeInclusive;

use landfall::address::{LinearAddr, PAGE_SIZE, PhysAddr, PhysRange};
use landfall::space::Memory;
use spin::Mutex;

use crate::random::Random;

const CHUNKS: usize = 96;

/// Pages of each chunk, in this order from the pool's start on: large ones first, so that they are
/// aligned for large leaves.
const LARGE: [u64; 3] = [512, 512, 1024];
const SMALL: [u64; 16] = [16, 1, 2, 3, 1, 5, 17, 1, 16, 2, 33, 1, 4, 1, 64, 1];

static STORE: Mutex<[Option<Memory>; CHUNKS]> = Mutex::new([const { None }; CHUNKS]);

/// Puts all of the pool into the store.
///
/// # Safety
/// Nothing else uses the pool, which is free memory.
pub(crate) unsafe fn fill(pool: PhysRange) {
    // SAFETY: the caller's.
    let mut left = unsafe { Memory::new(pool) };
    for pages in LARGE.into_iter().chain(SMALL.into_iter().cycle()).take(CHUNKS - 1) {
        let Ok((chunk, rest)) = left.split(pages * PAGE_SIZE) else { panic!("the pool is too small") };
        give_back(chunk);
        left = rest;
    }
    // The rest is not used.
    let _ = left.into_range();
}

/// Takes memory of so many pages. `None` if nothing is there at this moment.
pub(crate) fn take(random: &mut Random, pages: RangeInclusive<u64>) -> Option<Memory> {
    let first = random.below(CHUNKS as u64) as usize;
    let memory = {
        let mut store = STORE.lock();
        let fits = |memory: &Option<Memory>| {
            memory.as_ref().is_some_and(|memory| pages.contains(&(memory.range().size() / PAGE_SIZE)))
        };
        let index = (0..CHUNKS).map(|step| (first + step) % CHUNKS).find(|index| fits(&store[*index]))?;
        store[index].take()?
    };
    for page in pages_of(memory.range()) {
        let word = LinearAddr::from_phys(page).as_ptr::<u64>();
        // SAFETY: the memory is this hart's now, and the linear map holds it.
        let found = unsafe { word.read_volatile() };
        assert_eq!(found, poison(page), "memory was written to that no mapping holds: {page}");
    }
    Some(memory)
}

/// Puts memory into the store, which no hart translates to any more.
pub(crate) fn give_back(memory: Memory) {
    for page in pages_of(memory.range()) {
        // SAFETY: the memory is this hart's, and the linear map holds it.
        unsafe { LinearAddr::from_phys(page).as_ptr::<u64>().write_volatile(poison(page)) };
    }
    match STORE.lock().iter_mut().find(|place| place.is_none()) {
        Some(place) => *place = Some(memory),
        None => panic!("the store is full"),
    }
}

pub(crate) fn pages_of(range: PhysRange) -> impl Iterator<Item = PhysAddr> {
    (0..range.size() / PAGE_SIZE).map(move |page| range.start().wrapping_add(page * PAGE_SIZE))
}

const fn poison(page: PhysAddr) -> u64 {
    0xdead_0000_0000_0000 ^ page.get()
}
