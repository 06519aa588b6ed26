//! Free memory, as frames, through the linear map.

#![no_std]
#![no_main]

use landfall::Landing;
use landfall::address::{LinearAddr, PhysAddr};

landfall::entry!(main);

const FRAME: u64 = 4096;

/// Every free frame of the machine, in ascending order.
fn frames(landing: &Landing) -> impl Iterator<Item = PhysAddr> {
    landing.free_memory().flat_map(|range| {
        let frames = range.size() / FRAME;
        (0..frames).map(move |index| range.start().wrapping_add(index * FRAME))
    })
}

fn main(landing: &'static Landing) -> ! {
    let mut count = 0_u64;
    for frame in frames(landing) {
        // All RAM is in the linear map, so a frame can be used at once.
        let word: *mut u64 = LinearAddr::from_phys(frame).as_ptr();
        // SAFETY: the frame is free memory and was given to no other owner.
        unsafe { word.write_volatile(count) };
        count += 1;
    }
    landfall::println!("{count} free frames");
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}
