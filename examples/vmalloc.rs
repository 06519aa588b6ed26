//! Maps memory at addresses of its own, writes to it, and unmaps it. Each mapping has a guard below
//! and one above, and the place of the next one is random if the landing had entropy.

#![no_std]
#![no_main]
#![expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits here")]

use landfall::Landing;
use landfall::address::{PAGE_SIZE, PhysRange};
use landfall::space::{DataAccess, Placing, Region, SpaceOptions, Withdrawal};
use landfall_examples::FreeFrames;

landfall::entry!(main);

fn main(landing: &'static Landing) -> ! {
    let Some(tables) = landing.take_tables() else { panic!("nothing else takes the tables") };
    // SAFETY: nothing else in this kernel uses free memory.
    let mut free = unsafe { FreeFrames::of(landing) };
    let memory = free.memory(1000);
    let placing = match landing.take_entropy() {
        Some(entropy) => Placing::Random(*entropy.bytes()),
        None => Placing::FirstFit,
    };
    let space = match tables.into_space(free, &SpaceOptions { placing, pools: &[] }) {
        Ok(space) => space,
        Err(error) => panic!("the tables cannot be taken over: {error}"),
    };

    let area = match space.map(memory, DataAccess::ReadWrite, Region::Dynamic) {
        Ok(area) => area,
        Err(refused) => panic!("the memory cannot be mapped: {refused}"),
    };
    let (first, pages) = (area.range().start(), area.range().size() / PAGE_SIZE);
    for page in 0..pages {
        let word = core::ptr::with_exposed_provenance_mut::<u64>((first.get() + page * PAGE_SIZE) as usize);
        // SAFETY: the area maps this memory, readable and writable, for this kernel alone.
        unsafe { word.write_volatile(page) };
    }
    // A trap handler explains addresses so.
    landfall::println!("{pages} pages: {}", space.what_is(first));
    landfall::println!("a byte before: {}", space.what_is(first.wrapping_sub(1)));

    // The memory is returned after every hart has executed the fence, and not before.
    let memory = match space.unmap(area).map(Withdrawal::complete) {
        Ok(Ok(memory)) => PhysRange::size(memory.into_range()),
        Ok(Err(error)) => panic!("{error}"),
        Err(refused) => panic!("{refused}"),
    };
    landfall::println!("{} pages returned: {}", memory / PAGE_SIZE, space.what_is(first));
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}
