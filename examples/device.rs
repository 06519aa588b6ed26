//! Maps a device's registers. A landing maps RAM and nothing else. A kernel maps everything else
//! itself, in the dynamic region, once it has taken the tables over.

#![no_std]
#![no_main]
#![expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits here")]

use core::arch::asm;

use landfall::Landing;
use landfall::address::{PhysAddr, VirtAddr};
use landfall::paging::{Access, Mapping};
use landfall_examples::{FreeFrames, PAGE};

landfall::entry!(main);

/// The UART of QEMU's `virt` machine; a kernel for more than that machine takes it from
/// [`Landing::tree`].
const UART: PhysAddr = PhysAddr::new(0x1000_0000);

fn main(landing: &'static Landing) -> ! {
    let Some(mut tables) = landing.take_tables() else { panic!("nobody else takes the tables") };
    let Some(free) = landing.free_memory().next() else { panic!("no memory is free") };
    // SAFETY: this kernel uses no free memory besides.
    let frames = unsafe { FreeFrames::new(free) };
    let virt = landing.plan().dynamic.start();
    let mapping = Mapping { virt, phys: UART, size: PAGE, access: Access::ReadWrite };
    if let Err(error) = tables.editor(frames).map_device(mapping) {
        panic!("the UART cannot be mapped: {error}");
    }
    // SAFETY: it forgets translations; one hart has landed.
    unsafe { asm!("sfence.vma", options(nostack, preserves_flags)) };
    say(virt, "Hello from the UART's own registers.\n");
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}

fn say(uart: VirtAddr, text: &str) {
    let transmit: *mut u8 = core::ptr::with_exposed_provenance_mut(uart.get() as usize);
    for byte in text.bytes() {
        // SAFETY: the register for what is to be sent, offset 0, is mapped there; QEMU's UART takes
        // a byte at any time.
        unsafe { transmit.write_volatile(byte) };
    }
}
