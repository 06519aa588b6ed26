//! A test kernel for the Limine boot protocol, by the crate `limine` alone. It requests base
//! revision 3, and neither an entry nor a paging mode nor a stack size.
//!
//! It prints `limine: test NAME ok` or `failed` for each check, and `landfall: exit CODE` at the
//! end.

#![no_std]
#![no_main]

mod checks;
mod console;
mod harts;
mod requests;

use core::arch::global_asm;
use core::panic::PanicInfo;

use crate::console::Console;

// sstatus.FS is off, and this code has the ABI of hard floats.
global_asm!(
    ".globl _start",
    "_start:",
    "li t1, 1 << 13",
    "csrs sstatus, t1",
    "mv a0, sp",
    "call kernel_main",
    ".globl hart_start",
    "hart_start:",
    "li t1, 1 << 13",
    "csrs sstatus, t1",
    "mv a1, sp",
    "call hart_main",
);

#[unsafe(no_mangle)]
extern "C" fn kernel_main(stack: usize) -> ! {
    let mut console = Console::default();
    console.line(format_args!("kernel in Rust"));
    checks::revision(&mut console);
    checks::memory(&mut console);
    checks::image(&mut console);
    checks::machine(&mut console, stack);
    harts::check(&mut console);
    console.line(format_args!("all checks done"));
    console.end()
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    Console::default().fail(format_args!("{info}"))
}
