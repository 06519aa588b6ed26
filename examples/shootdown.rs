//! Harts map and unmap at the same time. No memory is used again before the fence of every hart.

#![no_std]
#![no_main]
#![expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits here")]

use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use landfall::space::{DataAccess, LiveSpace, Memory, Placing, Region, SpaceOptions};
use landfall::{HartIndex, Landing};
use landfall_examples::FreeFrames;
use spin::{Mutex, Once};

landfall::entry!(main, secondary = second);

const ROUNDS: u64 = 20;
static SPACE: Once<LiveSpace<FreeFrames>> = Once::new();
/// Memory that any hart may map next.
static POOL: [Mutex<Option<Memory>>; 8] = [const { Mutex::new(None) }; 8];
static DONE: AtomicUsize = AtomicUsize::new(0);

fn main(landing: &'static Landing) -> ! {
    let tables = landing.take_tables().expect("nothing else takes the tables");
    // SAFETY: nothing else in this kernel uses free memory.
    let mut free = unsafe { FreeFrames::of(landing) };
    for place in &POOL {
        *place.lock() = Some(free.memory(64));
    }
    let options = SpaceOptions { placing: Placing::FirstFit, pools: &[] };
    work(SPACE.call_once(|| tables.into_space(free, &options).expect("frames")), HartIndex::BOOT);
    let harts = landing.online_harts().len();
    while DONE.load(Ordering::Acquire) != harts {}
    landfall::println!("{harts} harts mapped and unmapped {ROUNDS} times");
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}

fn second(_landing: &'static Landing, hart: HartIndex) -> ! {
    work(SPACE.wait(), hart);
    loop {
        landfall::wait_for_interrupt();
    }
}

fn work(space: &LiveSpace<FreeFrames>, hart: HartIndex) {
    for round in 0..ROUNDS {
        let taken = |place: &'static Mutex<Option<Memory>>| Some((place, place.lock().take()?));
        let Some((place, memory)) = POOL.iter().find_map(taken) else { continue };
        let area = space.map(memory, DataAccess::ReadWrite, Region::Dynamic).expect("free addresses");
        let at = core::ptr::with_exposed_provenance_mut(area.range().start().get() as usize);
        // SAFETY: the area maps this memory, readable and writable, for this hart alone.
        let word = unsafe { AtomicU64::from_ptr(at) };
        word.store(hart.get() << 32 | round, Ordering::Relaxed);
        assert_eq!(word.load(Ordering::Relaxed), hart.get() << 32 | round, "another hart has written here");
        let withdrawal = space.unmap(area).expect("a mapped area");
        *place.lock() = Some(withdrawal.complete().expect("a fence on every hart"));
    }
    DONE.fetch_add(1, Ordering::Release);
}
