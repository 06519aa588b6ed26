//! The first process (`/init`) of a Linux in tests of kexec. It prints facts of the machine, and
//! then does what a word of the kernel's command line says.
//!
//! ```text
//! init.do=off     powers the machine off; so does a command line without the word
//! init.do=kexec   starts /next, with /next-initrd and /next-command-line if these exist;
//!                 init.at=0x84000000 chooses its address
//! init.do=stay    runs on in user mode
//! init.do=core    loads /virtio_blk.ko.xz, copies /proc/vmcore to the first disk, powers off
//! ```
//!
//! The program is `no_std` and needs no C library: it makes system calls itself. Its lines go to
//! the kernel's log, so that they stay whole on the console.
//!
//! ```text
//! system    system calls, and files
//! log       lines of the console
//! facts     the machine, as Linux sees it
//! ranges    free RAM for the next kernel
//! next      kexec_load
//! tree      the device tree of the next kernel
//! vmcore    the copy of /proc/vmcore
//! failure   errors
//! ```

#![no_std]
#![no_main]

mod facts;
mod failure;
mod log;
mod next;
mod ranges;
mod system;
mod tree;
mod vmcore;

use core::panic::PanicInfo;

use failure::Failure;
use system::Flow;

core::arch::global_asm!(
    ".section .text.start, \"ax\"",
    ".global linux_init_start",
    "linux_init_start:",
    // Linux enters with the number of arguments at sp, which is aligned.
    "    call {run}",
    "    ebreak",
    run = sym run,
);

/// Linux panics if its first process returns, so the machine is powered off at last.
extern "C" fn run() -> ! {
    if let Err(failure) = work() {
        log::line(format_args!("failed: {failure}"));
    }
    system::reboot(Flow::Off)
}

fn work() -> Result<(), Failure> {
    system::mount(c"proc", c"/proc")?;
    system::mount(c"sysfs", c"/sys")?;
    system::mount(c"devtmpfs", c"/dev")?;
    let line = facts::command_line()?;
    facts::print(line)?;
    match facts::word(line, "init.do=") {
        None | Some("off") => Ok(()),
        Some("kexec") => next::start(line),
        Some("stay") => {
            log::line(format_args!("stays"));
            loop {
                core::hint::spin_loop();
            }
        }
        Some("core") => vmcore::save(),
        Some(_) => Err(Failure::Fact("init.do= has an unknown value")),
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    log::line(format_args!("failed: {}", info.message()));
    system::reboot(Flow::Off)
}
