//! Maps a device's registers. A landing maps RAM and nothing else. A kernel maps everything else
//! itself, in the dynamic region, once it has taken the tables over.

#![no_std]
#![no_main]
#![expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits here")]

use landfall::Landing;
use landfall::address::{PhysAddr, PhysRange};
use landfall::space::{Device, Placing, SpaceOptions};
use landfall_examples::FreeFrames;

landfall::entry!(main);

/// The UART of QEMU's `virt` machine; a kernel for more than that machine takes it from
/// [`Landing::tree`]. Registers may begin at any offset within a page.
const UART: PhysRange = PhysRange::new(PhysAddr::new(0x1000_0000), 0x100);

fn main(landing: &'static Landing) -> ! {
    let Some(tables) = landing.take_tables() else { panic!("nothing else takes the tables") };
    // SAFETY: nothing else in this kernel uses free memory.
    let free = unsafe { FreeFrames::of(landing) };
    let space = match tables.into_space(free, &SpaceOptions { placing: Placing::FirstFit, pools: &[] }) {
        Ok(space) => space,
        Err(error) => panic!("the tables cannot be taken over: {error}"),
    };
    // If leaves state memory types, these state that of devices.
    let uart = match space.map_device(UART) {
        Ok(uart) => uart,
        Err(error) => panic!("the UART cannot be mapped: {error}"),
    };
    say(&uart, "Hello from the UART's own registers.\n");
    if let Err(error) = space.unmap_device(uart) {
        panic!("the UART cannot be unmapped: {error}");
    }
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}

fn say(uart: &Device, text: &str) {
    let transmit: *mut u8 = core::ptr::with_exposed_provenance_mut(uart.registers().start().get() as usize);
    for byte in text.bytes() {
        // SAFETY: the register for what is to be sent, offset 0, is mapped there; QEMU's UART takes
        // a byte at any time.
        unsafe { transmit.write_volatile(byte) };
    }
}
