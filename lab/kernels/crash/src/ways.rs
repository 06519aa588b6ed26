//! The ways to crash.

use core::hint::{black_box, spin_loop};
use core::sync::atomic::{AtomicU64, Ordering};

use landfall::{HartIndex, Landing};
use spin::Mutex;

use crate::{LANDING, interrupts};

/// A lock that a hart holds for ever, and others wait for.
static LOCK: Mutex<u64> = Mutex::new(0);

/// Harts that do what they do until the crash.
static BUSY: AtomicU64 = AtomicU64::new(0);

/// Crashes if the command line names this hart; else waits for the crash.
pub(crate) fn take(landing: &'static Landing, hart: HartIndex) -> ! {
    let number = |key| word(key).and_then(|number| number.parse().ok());
    if number("hart=").unwrap_or(0_u64) != hart.get() {
        if number("deaf=") == Some(hart.get()) {
            interrupts::be_deaf();
        }
        BUSY.fetch_add(1, Ordering::AcqRel);
        hold_the_lock();
    }
    while BUSY.load(Ordering::Acquire) + 1 < landing.online_harts().len() as u64 {
        spin_loop();
    }
    match way() {
        "fault" | "double" => fault(),
        "overflow" => panic!("the stack has no end: {}", recurse(1)),
        _ => panic!("the command line wants a panic"),
    }
    panic!("the crash did not come")
}

/// Holds the lock for ever, or waits for it as long.
#[inline(never)]
fn hold_the_lock() -> ! {
    let mut held = LOCK.lock();
    loop {
        *held = black_box(*held + 1);
        spin_loop();
    }
}

/// Returns the way.
pub(crate) fn way() -> &'static str {
    word("way=").unwrap_or("panic")
}

/// Reads where nothing is mapped.
#[inline(never)]
pub(crate) fn fault() {
    let address: *const u64 = core::ptr::without_provenance(0x1000);
    // SAFETY: nothing of user space is mapped, so this faults. It reads no object.
    unsafe { core::arch::asm!("ld zero, 0({})", in(reg) address, options(nostack, readonly)) };
}

#[inline(never)]
#[expect(unconditional_recursion, reason = "the fault under test")]
fn recurse(depth: u64) -> u64 {
    let frame = black_box([depth; 64]);
    recurse(frame[0] + 1) + black_box(frame)[63]
}

/// Returns the rest of the word on the command line that begins with `key`.
fn word(key: &str) -> Option<&'static str> {
    let line = LANDING.get()?.command_line().as_str()?;
    line.split_ascii_whitespace().find_map(|word| word.strip_prefix(key))
}
