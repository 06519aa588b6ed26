//! A test kernel that lands and puts one fault into the tables that it runs in. The command line
//! has the code of the finding that an audit must make; an empty one leaves the tables as they are.
//!
//! ```text
//! main.rs     the order of things
//! faults.rs   the fault of each code
//! tables.rs   entries of the live tables
//! ```
//!
//! No access goes through an entry that it writes, so it needs no fence. It calls `audit_ready`
//! when the tables are ready, for a debugger to stop there.

#![no_std]
#![no_main]

mod faults;
mod tables;

use core::arch::asm;

use landfall::Landing;

landfall::entry!(main);

fn main(landing: &'static Landing) -> ! {
    let code = landing.command_line().as_bytes();
    if !code.is_empty() {
        faults::put(code, landing);
    }
    ready();
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}

/// The place at which the tests stop the machine.
#[unsafe(export_name = "audit_ready")]
#[inline(never)]
extern "C" fn ready() {
    // SAFETY: it is no instruction. It keeps the compiler from removing the call.
    unsafe { asm!("", options(nomem, nostack, preserves_flags)) };
}
