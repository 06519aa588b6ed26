//! A kernel in which the parts of landfall meet. It replaces nothing that a kernel should own: each
//! file shows which calls a real one would make in its place.
//!
//! ```text
//! main.rs      the order in which the kernel starts
//! kernel.rs    the live address space, and the addresses that may be shown
//! memory.rs    free memory, and its owners
//! traps.rs     all traps, and the end of a kernel that faults
//! timer.rs     a hundred interrupts a second, on each hart
//! uart.rs      a device: found in the device tree, mapped, read
//! shell.rs     the console and its commands
//! space.rs     `map`: the address space, and that it keeps W^X; `vmalloc`: memory mapped in it
//! modules.rs   `load`: code from the initrd
//! kexec.rs     `kexec`: the next kernel, from the initrd
//! process.rs   `user`: a process in user mode, from its memory to its end
//! context.rs   the switch between kernel and process
//! programs.s   the program that runs in user mode
//! ```

#![no_std]
#![no_main]
#![expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits here")]

mod context;
mod kernel;
mod kexec;
mod memory;
mod modules;
mod process;
mod shell;
mod space;
mod timer;
mod traps;
mod uart;

use landfall::policy::Disclosure;
use landfall::{HartIndex, Landing, Policy};

/// The demo shows its address space. A kernel with secrets keeps the default, which withholds it.
const POLICY: Policy = Policy::new().with_disclosure(Disclosure::Disclose);

landfall::entry!(main, secondary = second, policy = &POLICY);

fn main(landing: &'static Landing) -> ! {
    landfall::println!("landfall: report {}", landing.report().json());
    // Traps come first: from here on a mistake is explained.
    landfall::trap::install(landing, traps::handle).expect("the hart runs on its own stack");
    kernel::take_over(landing);
    timer::start();
    shell::run()
}

/// The other harts take part in every fence, and their timers tick.
fn second(landing: &'static Landing, _: HartIndex) -> ! {
    landfall::trap::install(landing, traps::handle).expect("the hart runs on its own stack");
    timer::start();
    loop {
        landfall::wait_for_interrupt();
    }
}
