//! A test kernel whose harts map, write, protect, unmap and switch against each other, at random. A
//! wrong result panics. Between rounds all harts meet, and the judge looks at the tables.
//!
//! ```text
//! machine.rs   the live address space, its frames, and the numbers of harts
//! store.rs     memory that no mapping holds: a poison shows each late write
//! directed.rs  rounds in which each fence decides
//! worker.rs    the random operations of one hart
//! held.rs      mappings of the kernel's half, and what their memory must hold
//! shown.rs     mappings that other harts look at
//! users.rs     user address spaces
//! user_mode.rs the way into user mode and back
//! probe.rs     accesses that may fault
//! traps.rs     the handler
//! meeting.rs   places at which all harts wait for each other
//! ```
//!
//! The command line has `rounds=N`, and `by=sbi` or `by=ipi`: the way in which harts fence others.
//! It may have `seed=N`, for other operations, and `uart=HEX`, the physical address of an ns16550's
//! line status. With `directed=N` the harts do N directed rounds first. With `narrow` the kernel is
//! a mutant: its fences for parts of a leaf of 64 KiB reach too little.

#![no_std]
#![no_main]
#![expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits here")]

mod directed;
mod held;
mod machine;
mod meeting;
mod probe;
mod random;
mod shown;
mod store;
mod traps;
mod user_mode;
mod users;
mod worker;

use core::sync::atomic::Ordering;

use landfall::policy::Disclosure;
use landfall::{HartIndex, Landing, Policy};

use machine::{SPACE, Way};
use worker::Worker;

landfall::entry!(main, secondary = second, policy = &POLICY);

/// The judge compares the report with what it sees.
const POLICY: Policy = Policy::new().with_disclosure(Disclosure::Disclose);

fn main(landing: &'static Landing) -> ! {
    let way = if word(landing, "by=") == Some("ipi") { Way::Ipi } else { Way::Sbi };
    if let Some(uart) = word(landing, "uart=").and_then(|text| u64::from_str_radix(text, 16).ok()) {
        held::use_uart(uart);
    }
    if word(landing, "narrow").is_some() {
        machine::narrow_fences();
    }
    SPACE.call_once(|| machine::take_over(landing, way));
    work(landing, HartIndex::BOOT);
    let uncached = held::UNCACHED.load(Ordering::Relaxed);
    if uncached != 0 {
        landfall::println!("landfall: test uncached ok");
    }
    landfall::println!("landfall: test space ok");
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}

fn second(landing: &'static Landing, hart: HartIndex) -> ! {
    work(landing, hart);
    loop {
        SPACE.wait().serve();
        core::hint::spin_loop();
    }
}

fn work(landing: &'static Landing, hart: HartIndex) {
    let Ok(_) = landfall::trap::install(landing, traps::handle) else { panic!("no stack of the landing") };
    let space = SPACE.wait();
    if word(landing, "by=") == Some("ipi") {
        traps::take_interrupts();
        space.serve();
    }
    let harts = landing.online_harts().len();
    let rounds = word(landing, "rounds=").and_then(|rounds| rounds.parse().ok()).unwrap_or(200);
    let seed = word(landing, "seed=").and_then(|seed| seed.parse().ok()).unwrap_or(0);
    let directed = word(landing, "directed=").and_then(|rounds| rounds.parse().ok()).unwrap_or(0);
    directed::run(landing, space, hart, [directed, seed]);
    let mut worker = Worker::new(landing, space, hart, seed);
    for round in 1..=rounds {
        worker.step();
        if round % 32_u64 == 0 {
            meeting::meet(hart, harts, meeting::Moment::Between);
        }
    }
    worker.end();
    meeting::meet(hart, harts, meeting::Moment::End);
}

/// Returns the rest of the word on the command line that begins with `key`.
fn word(landing: &'static Landing, key: &str) -> Option<&'static str> {
    landing.command_line().as_str()?.split(' ').find_map(|word| word.strip_prefix(key))
}
