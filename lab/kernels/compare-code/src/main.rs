//! Runs the workload bare, with paging off, and prints how many instructions it took and its
//! checksum.
//!
//! Three code models, one source: see `build.rs` and `cargo compare code`. RELR is applied
//! by landfall's own routine; a fixed build has nothing for it to do.

#![no_std]
#![no_main]

use core::arch::global_asm;
use core::fmt::{self, Write};
use core::panic::PanicInfo;

use compare_count::{counted, nothing};
// start.s calls it, which Rust does not see.
use landfall_rebase as _;

global_asm!(include_str!("start.s"));

/// The start value of the workload.
const SEED: u64 = 0x0123_4567_89ab_cdef;

#[cfg(not(workload_in_c))]
use compare_workload::run;

#[cfg(workload_in_c)]
unsafe extern "C" {
    /// The workload in C: `src/c`.
    #[link_name = "compare_c_run"]
    safe fn run(seed: &mut u64) -> u64;
}

#[unsafe(no_mangle)]
extern "C" fn compare_main() -> ! {
    let check = counted(nothing, &mut 0);
    let work = counted(run, &mut { SEED });
    // The console never fails.
    let _ = writeln!(
        Console,
        "compare: calibration={} instructions={} checksum={:#x}",
        check.instructions, work.instructions, work.result
    );
    power_off()
}

struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            sbi_rt::console_write_byte(byte);
        }
        Ok(())
    }
}

fn power_off() -> ! {
    sbi_rt::system_reset(sbi_rt::Shutdown, sbi_rt::NoReason);
    loop {
        core::hint::spin_loop();
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    let _ = writeln!(Console, "compare: panic");
    power_off()
}
