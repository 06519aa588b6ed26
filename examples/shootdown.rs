//! Harts map and unmap at the same time. No hart sees memory of another, because memory and
//! addresses are used again only after every hart has executed the fence.

#![no_std]
#![no_main]
#![expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits here")]

use core::hint::spin_loop;
use core::sync::atomic::{AtomicUsize, Ordering};

use landfall::space::{DataAccess, LiveSpace, Memory, Placing, Region, SpaceOptions, Withdrawal};
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
    let Some(tables) = landing.take_tables() else { panic!("nothing else takes the tables") };
    // SAFETY: nothing else in this kernel uses free memory.
    let mut free = unsafe { FreeFrames::of(landing) };
    for place in &POOL {
        *place.lock() = Some(free.memory(64));
    }
    let space = tables.into_space(free, &SpaceOptions { placing: Placing::FirstFit, pools: &[] });
    let space = SPACE.call_once(|| space.unwrap_or_else(|error| panic!("{error}")));
    work(space, HartIndex::BOOT);
    while DONE.load(Ordering::Acquire) != landing.online_harts().len() {
        spin_loop();
    }
    landfall::println!("{} harts mapped and unmapped {ROUNDS} times", landing.online_harts().len());
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
        let area = match space.map(memory, DataAccess::ReadWrite, Region::Dynamic) {
            Ok(area) => area,
            Err(refused) => panic!("{refused}"),
        };
        let word = core::ptr::with_exposed_provenance_mut::<u64>(area.range().start().get() as usize);
        let mine = hart.get() << 32 | round;
        // SAFETY: the area maps this memory, readable and writable, for this hart alone.
        unsafe { word.write_volatile(mine) };
        // SAFETY: as above.
        assert_eq!(unsafe { word.read_volatile() }, mine, "another hart has written here");
        match space.unmap(area).map(Withdrawal::complete) {
            Ok(Ok(memory)) => *place.lock() = Some(memory),
            Ok(Err(error)) => panic!("{error}"),
            Err(refused) => panic!("{refused}"),
        }
    }
    DONE.fetch_add(1, Ordering::Release);
}
