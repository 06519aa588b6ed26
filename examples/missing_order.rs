//! Passes a message to another hart, with a fault: `READY` is stored without `Release`.
//!
//! QEMU never shows it. `cargo landfall run --simulator worst` does, and names the fence.

#![no_std]
#![no_main]

use core::sync::atomic::{AtomicU64, Ordering};

use landfall::{HartIndex, Landing};

landfall::entry!(main, secondary = second);

static MESSAGE: AtomicU64 = AtomicU64::new(0);
static READY: AtomicU64 = AtomicU64::new(0);
static ANSWER: AtomicU64 = AtomicU64::new(0);

fn main(landing: &'static Landing) -> ! {
    if landing.online_harts().len() == 2 {
        publish(41);
        let answer = answer();
        assert_eq!(answer, 42, "the other hart has another message");
        landfall::println!("the other hart answers {answer}");
    }
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}

fn publish(message: u64) {
    MESSAGE.store(message, Ordering::Relaxed);
    READY.store(1, Ordering::Relaxed); // the fault: Release is needed
}

fn answer() -> u64 {
    loop {
        match ANSWER.load(Ordering::Acquire) {
            0 => core::hint::spin_loop(),
            answer => return answer,
        }
    }
}

fn second(_landing: &'static Landing, _hart: HartIndex) -> ! {
    while READY.load(Ordering::Acquire) == 0 {
        core::hint::spin_loop();
    }
    ANSWER.store(MESSAGE.load(Ordering::Relaxed) + 1, Ordering::Release);
    loop {
        landfall::wait_for_interrupt();
    }
}
