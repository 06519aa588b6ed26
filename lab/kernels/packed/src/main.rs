//! A test kernel that must not build: `PACKED` holds a pointer at an odd offset, which a RELR table
//! cannot list.

#![no_std]
#![no_main]

use landfall::Landing;

#[repr(C, packed)]
struct Packed {
    byte: u8,
    pointer: &'static u64,
}

static TARGET: u64 = 42;

#[used]
static PACKED: Packed = Packed { byte: 1, pointer: &TARGET };

landfall::entry!(main);

fn main(_: &'static Landing) -> ! {
    let (byte, pointer) = (PACKED.byte, PACKED.pointer);
    landfall::println!("{byte} {pointer}");
    landfall::power_off()
}
