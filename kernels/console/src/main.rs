//! A test kernel for the console: it lands, prints its report, and then does what the first word of
//! its command line says.
//!
//! - `shell`: prints a prompt without a line end, echoes keys, and obeys the lines `exit CODE` and
//!   `panic`.
//! - `forever`: never ends.
//! - `exit CODE`: ends by `landfall::exit`.
//! - `panic`: panics, two seconds later.
//! - `unfinished`: panics behind an unfinished line.
//! - `lines`: an assertion whose message has three lines.
//! - `chatter`: prints its report twenty times, while all other harts print.
//! - `nested`: prints a value whose `Display` prints.
//! - `addresses`: prints the address of a function, as it is and as linked.
//! - `call`: calls a function at address 0.
//! - `load ADDRESS`: reads an address in hex.
//! - `illegal`: executes what is no instruction.
//! - `silent`: `exit 0` without a report.

#![no_std]
#![no_main]

mod shell;
mod traps;

use core::fmt;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use landfall::policy::Disclosure;
use landfall::{HartIndex, Landing, Policy};

const POLICY: Policy = Policy::new().with_disclosure(Disclosure::Disclose);

landfall::entry!(main, secondary = second, policy = &POLICY);

/// True while other harts print.
static CHATTER: AtomicBool = AtomicBool::new(false);
/// The number of their lines so far.
static SAID: AtomicU32 = AtomicU32::new(0);

fn main(landing: &'static Landing) -> ! {
    let mut words = landing.command_line().as_str().unwrap_or_default().split_whitespace();
    let (word, value) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if word != "silent" {
        report(landing);
    }
    match word {
        "shell" => shell::run(),
        "forever" => rest(),
        "exit" => landfall::exit(value.parse().unwrap_or(-1)),
        "panic" => {
            wait(2 * landing.facts().timebase);
            panic!("on purpose, after the report")
        }
        "unfinished" => {
            landfall::print!("half a line");
            panic!("behind half a line")
        }
        "lines" => assert_eq!(word.len(), 6, "three lines"),
        "chatter" => chatter(landing),
        "nested" => landfall::println!("outside {}", Nested),
        "addresses" => traps::addresses(landing),
        "call" => traps::call_null(),
        "load" => traps::load(u64::from_str_radix(value, 16).unwrap_or_default()),
        "illegal" => traps::illegal(),
        _ => {}
    }
    landfall::exit(0)
}

fn second(_: &'static Landing, hart: HartIndex) -> ! {
    while !CHATTER.load(Ordering::Acquire) {
        core::hint::spin_loop();
    }
    loop {
        landfall::print!("hart {} has nothing to say, and says it; ", hart.get());
        SAID.fetch_add(1, Ordering::Relaxed);
    }
}

fn report(landing: &Landing) {
    landfall::println!("landfall: report {}", landing.report().json());
}

fn chatter(landing: &Landing) {
    CHATTER.store(true, Ordering::Release);
    for _ in 0..20 {
        let before = SAID.load(Ordering::Relaxed);
        while SAID.load(Ordering::Relaxed) == before {
            core::hint::spin_loop();
        }
        report(landing);
    }
}

struct Nested;

impl fmt::Display for Nested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        landfall::println!("inside");
        f.write_str("and back")
    }
}

fn wait(ticks: u64) {
    let now = || -> u64 {
        let time;
        // SAFETY: it reads a counter.
        unsafe { core::arch::asm!("csrr {}, time", out(reg) time, options(nomem, nostack)) };
        time
    };
    let since = now();
    while now().wrapping_sub(since) < ticks {
        core::hint::spin_loop();
    }
}

fn rest() -> ! {
    loop {
        core::hint::spin_loop();
    }
}
