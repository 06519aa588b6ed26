//! A machine-mode firmware of the tests' own: every hart enters the kernel at once, as firmware
//! without the HSM extension does it.
//!
//! It is no SBI implementation to build on. It knows QEMU's `virt` machine, the base extension, and
//! the legacy calls for a character and for shutdown; everything else is "not supported".

#![no_std]
#![no_main]

use core::panic::PanicInfo;

core::arch::global_asm!(include_str!("shim.s"));

/// Never called: all of the shim is assembly.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
