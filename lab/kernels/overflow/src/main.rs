//! A test kernel that overflows the stack of one hart. Its command line names the hart by its
//! index, and the way: `hart=1 way=recursion`.
//!
//! ```text
//! recursion  calls without end, into the guard
//! frames     the same with frames that take nearly all that the guard catches
//! traps      a trap in each call: the last one finds no room for its frame
//! handler    calls without end in a trap handler
//! naive      as recursion, with a trap entry that pushes its frame at any sp: landfall's does not
//! ```
//!
//! Before that each hart tries landfall's trap entry, and the kernel prints `landfall: test traps
//! ok`.

#![no_std]
#![no_main]

mod traps;

use core::hint::{black_box, spin_loop};
use core::sync::atomic::{AtomicU64, Ordering};

use landfall::{HartIndex, Landing};

landfall::entry!(main, secondary = second);

/// Harts that have tried their trap entry.
static READY: AtomicU64 = AtomicU64::new(0);
/// Harts on which it did not hold what it promises.
static WRONG: AtomicU64 = AtomicU64::new(0);
/// The hart that is to begin, plus one.
static TURN: AtomicU64 = AtomicU64::new(0);

fn main(landing: &'static Landing) -> ! {
    prepare(landing, HartIndex::BOOT);
    let online = landing.online_harts().len() as u64;
    while READY.load(Ordering::Acquire) < online {
        spin_loop();
    }
    let verdict = if WRONG.load(Ordering::Acquire) == 0 { "ok" } else { "failed" };
    landfall::println!("landfall: test traps {verdict}");
    let hart = word(landing, "hart=").and_then(|hart| hart.parse().ok()).unwrap_or(0_u64);
    TURN.store(hart + 1, Ordering::Release);
    take_turn(landing, HartIndex::BOOT)
}

fn second(landing: &'static Landing, hart: HartIndex) -> ! {
    prepare(landing, hart);
    take_turn(landing, hart)
}

fn prepare(landing: &'static Landing, hart: HartIndex) {
    let right = landfall::trap::install(landing, traps::handle) == Ok(hart) && traps::keep_registers();
    WRONG.fetch_add(u64::from(!right), Ordering::AcqRel);
    READY.fetch_add(1, Ordering::AcqRel);
}

fn take_turn(landing: &'static Landing, hart: HartIndex) -> ! {
    while TURN.load(Ordering::Acquire) != hart.get() + 1 {
        spin_loop();
    }
    let way = word(landing, "way=").unwrap_or_default();
    if way == "handler" {
        traps::let_handler_overflow();
    }
    overflow_begins();
    match way {
        "frames" => panic!("the stack has no end: {}", recurse_by::<{ 14 << 7 }>(1)),
        "traps" => panic!("the stack has no end: {}", recurse_with_traps(1)),
        "handler" => traps::trap(),
        "naive" => traps::handle_naively(),
        _ => {}
    }
    panic!("the stack has no end: {}", recurse_by::<64>(1))
}

/// The judge stops here and reads memory for the first time.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn overflow_begins() {
    black_box(());
}

fn word(landing: &'static Landing, key: &str) -> Option<&'static str> {
    landing.command_line().as_str()?.split_whitespace().find_map(|word| word.strip_prefix(key))
}

#[inline(never)]
#[expect(unconditional_recursion, reason = "the fault under test")]
fn recurse_by<const WORDS: usize>(depth: u64) -> u64 {
    let frame = black_box([depth; WORDS]);
    recurse_by::<WORDS>(frame[0] + 1) + black_box(frame)[WORDS - 1]
}

#[inline(never)]
#[expect(unconditional_recursion, reason = "the fault under test")]
fn recurse_with_traps(depth: u64) -> u64 {
    traps::trap();
    let frame = black_box([depth; 4]);
    recurse_with_traps(frame[0] + 1) + black_box(frame)[3]
}
