//! A test kernel that lands and then fails: by a panic, or, with a word on its command line, in
//! another way.
//!
//! - `trap`: a load from an address that nothing maps.
//! - `overflow`: recursion into the guard below the stack.

#![no_std]
#![no_main]

use core::hint::black_box;

use landfall::Landing;

landfall::entry!(main);

fn main(landing: &'static Landing) -> ! {
    match landing.command_line().as_bytes() {
        b"trap" => {
            let nowhere = core::ptr::with_exposed_provenance::<u64>(0x1000);
            // SAFETY: none. This is the fault under test: the lower half is not mapped.
            let value = unsafe { nowhere.read_volatile() };
            panic!("the lower half reads as {value}")
        }
        b"overflow" => panic!("the stack has no end: {}", recurse(1)),
        _ => panic!("on purpose"),
    }
}

#[expect(unconditional_recursion, reason = "the fault under test")]
fn recurse(depth: u64) -> u64 {
    let frame = black_box([depth; 64]);
    recurse(frame[0] + 1) + black_box(frame)[63]
}
