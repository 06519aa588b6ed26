//! A kernel that was not made for landfall: it checks the promises of the plain protocol, and
//! powers off. It prints `wrapped: NAME ok` or `failed` for each check.
//!
//!     cargo build --release --target riscv64gc-unknown-none-elf -p wrapped-rust
//!     cargo landfall wrap target/riscv64gc-unknown-none-elf/release/wrapped-rust -o wrapped.bin
//!     cargo landfall run wrapped.bin

#![no_std]
#![no_main]

mod access;
mod console;
mod harts;
mod image;
mod information;
mod memory;
mod protocol;

use core::panic::PanicInfo;

use crate::console::Console;
use crate::protocol::Wrapped;

/// The boot hart. `registers` has a bit for each register that is not 0 at the entry.
#[unsafe(no_mangle)]
extern "C" fn kernel_main(hart: u64, boot: &Wrapped, registers: u64, stack: usize) -> ! {
    let mut console = Console::default();
    console.report("registers", registers == 0);
    information::check(&mut console, boot, hart, stack);
    memory::check(&mut console, boot);
    image::check(&mut console);
    image::check_permissions(&mut console, boot);
    harts::check(&mut console, boot);
    console.power_off()
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    Console::default().fail(format_args!("{info}"))
}
