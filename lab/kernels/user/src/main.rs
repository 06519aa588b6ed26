//! A test kernel that enters user mode on each hart, one after the other, and takes traps from it
//! by landfall's trap entry.
//!
//! ```text
//! main.rs      turns of the harts, and results
//! tables.rs    page tables with a lower half
//! program.s    the program that runs in user mode, and the way in
//! program.rs   its labels
//! steps.rs     each step: the registers that a trap must find
//! traps.rs     the handler: it checks a step, and begins the next
//! watch.rs     memory that no trap may change
//! ```
//!
//! It prints `landfall: test STEP-HART ok` or `landfall: test STEP-HART failed` for each step on
//! each hart.

#![no_std]
#![no_main]
#![expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits here")]

mod program;
mod steps;
mod tables;
mod traps;
mod watch;

use core::hint::spin_loop;
use core::sync::atomic::{AtomicU64, Ordering};

use landfall::{HartIndex, Landing};

landfall::entry!(main, secondary = second);

/// The hart that may begin.
static TURN: AtomicU64 = AtomicU64::new(0);
/// The `satp` of the tables with a lower half.
static SATP: AtomicU64 = AtomicU64::new(0);

fn main(landing: &'static Landing) -> ! {
    assert!(online(landing) == 2, "this kernel tests two harts; start it with `--harts 2`");
    let mut frames = tables::Frames::of(landing);
    SATP.store(tables::build(landing, &mut frames, program::bytes()), Ordering::Release);
    begin(landing)
}

fn second(landing: &'static Landing, hart: HartIndex) -> ! {
    while TURN.load(Ordering::Acquire) != hart.get() {
        spin_loop();
    }
    begin(landing)
}

/// Enters user mode on this hart. From there on traps alone lead to the kernel, and the first stack
/// is empty.
fn begin(landing: &'static Landing) -> ! {
    let Ok(hart) = landfall::trap::install(landing, traps::handle) else {
        panic!("a hart does not know its stack")
    };
    program::use_tables(SATP.load(Ordering::Acquire));
    traps::begin(landing, hart)
}

/// Prints the results of this hart, lets the next one begin, and ends the kernel after the last.
fn finish(landing: &'static Landing, hart: HartIndex, failed: u64) -> ! {
    for (index, (name, _)) in steps::STEPS.iter().enumerate() {
        let verdict = if failed >> index & 1 == 0 { "ok" } else { "failed" };
        landfall::println!("landfall: test {name}-{} {verdict}", hart.get());
    }
    if hart.get() + 1 == online(landing) {
        landfall::println!("landfall: report {}", landing.report().json());
        landfall::exit(0)
    }
    TURN.store(hart.get() + 1, Ordering::Release);
    loop {
        spin_loop();
    }
}

fn online(landing: &Landing) -> u64 {
    landing.online_harts().len() as u64
}
