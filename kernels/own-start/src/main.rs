//! A kernel that was there before landfall: it has a `_start`, a linker script and page tables of
//! its own, and knows sv39 alone. It takes three things: the rebase, the tree's reader, and the
//! plan. Now one image of it runs at any physical address and at a random virtual one.
//!
//! ```text
//! start.s    _start, both rebases, satp
//! early.rs   from the device tree to a plan, at physical addresses
//! tables.rs  this kernel's own page tables, filled in from the plan
//! main.rs    the kernel, at its virtual address
//! ```

#![no_std]
#![no_main]
#![expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits here")]

mod early;
mod tables;

use core::fmt::{self, Write};

// start.s calls it, which Rust does not see.
use landfall_rebase as _;

core::arch::global_asm!(include_str!("start.s"));

/// The SBI console.
struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            #[expect(deprecated, reason = "every firmware has it, and it takes no physical address")]
            sbi_rt::legacy::console_putchar(usize::from(byte));
        }
        Ok(())
    }
}

fn say(line: fmt::Arguments<'_>) {
    // The console itself never fails.
    let _ = writeln!(Console, "own-start: {line}");
}

fn power_off() -> ! {
    sbi_rt::system_reset(sbi_rt::Shutdown, sbi_rt::NoReason);
    loop {
        core::hint::spin_loop();
    }
}

type Step = fn() -> bool;

/// A table of functions: pointers, which are right only if both rebases were.
static STEPS: [(&str, Step); 3] =
    [("code", code_is_in_the_upper_half), ("constants", constants_are_there), ("bss", bss_is_zero)];

fn code_is_in_the_upper_half() -> bool {
    STEPS.iter().all(|(_, step)| (*step as usize).cast_signed() < 0)
}

fn constants_are_there() -> bool {
    STEPS.map(|(name, _)| name.len()) == [4, 9, 3]
}

fn bss_is_zero() -> bool {
    static ZEROS: [u64; 4096] = [0; 4096];
    // SAFETY: a reference to what is read; volatile, so that the compiler does not know what is in
    // it.
    ZEROS.iter().all(|word| unsafe { core::ptr::read_volatile(word) } == 0)
}

/// The kernel.
#[unsafe(no_mangle)]
extern "C" fn own_main() -> ! {
    for (name, step) in STEPS {
        say(format_args!("{name} {}", if step() { "ok" } else { "failed" }));
    }
    let state = early::state();
    say(format_args!("{}", state.plan.kaslr));
    say(format_args!("landed in {}, {} KiB free", state.plan.mode, free_memory(state) >> 10));
    power_off()
}

fn free_memory(state: &early::State) -> u64 {
    state.plan.free_memory(&state.facts).map(landfall_paging::PhysRange::size).sum()
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    say(format_args!("{info}"));
    power_off()
}
