//! An EFI application of the tests' own: it takes memory page by page, of two types in turn, and
//! returns without giving any back. So firmware's memory map has thousands of entries when a kernel
//! is started after it.

#![no_std]
#![no_main]

use core::panic::PanicInfo;

core::arch::global_asm!(include_str!("pieces.s"));

/// Never called: all of it is assembly.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
