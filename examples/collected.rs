//! An array that the linker collects: each part of a program adds to it, and none knows of the
//! others. `collected.ld` gives it a place, by one line in `build.rs`.

#![no_std]
#![no_main]

use core::ptr::addr_of;
use core::slice;

use landfall::Landing;

landfall::entry!(main);

type Greeting = &'static str;

#[used]
#[unsafe(link_section = ".greetings")]
static HELLO: Greeting = "hello";

#[used]
#[unsafe(link_section = ".greetings")]
static GOOD_DAY: Greeting = "good day";

fn greetings() -> &'static [Greeting] {
    unsafe extern "C" {
        static _greetings_start: u64;
        static _greetings_end: u64;
    }
    let (start, end) = (addr_of!(_greetings_start), addr_of!(_greetings_end));
    let count = (end.addr() - start.addr()) / size_of::<Greeting>();
    // SAFETY: collected.ld puts nothing but greetings between the two symbols.
    unsafe { slice::from_raw_parts(start.cast(), count) }
}

fn main(landing: &'static Landing) -> ! {
    // They hold pointers, which are right wherever the kernel is.
    for greeting in greetings() {
        landfall::println!("{greeting}");
    }
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}
