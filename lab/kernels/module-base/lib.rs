//! A module on which others depend. All harts call it at the same time.

#![no_std]

use core::sync::atomic::{AtomicU64, Ordering};

use landfall_modules::{export, module};

module! { name: "base", init: init, exit: exit }

const FIRST: u64 = 1000;

static ONE: AtomicU64 = AtomicU64::new(FIRST);
static TWO: AtomicU64 = AtomicU64::new(FIRST + 1);
static THREE: AtomicU64 = AtomicU64::new(FIRST + 2);

/// Numbers in the module's data, by a table of addresses in its constants.
static NUMBERS: [&AtomicU64; 3] = [&ONE, &TWO, &THREE];

/// Adds the number with an index to another, and the index itself.
#[export(stable)]
extern "C" fn base_add(index: usize, number: u64) -> u64 {
    NUMBERS.get(index).map_or(0, |base| base.load(Ordering::Relaxed)).wrapping_add(number)
}

fn init() -> Result<(), i32> {
    // The constants and the data are as the file says.
    let sum: u64 = NUMBERS.iter().map(|number| number.load(Ordering::Relaxed)).sum();
    if sum == 3 * FIRST + 3 { Ok(()) } else { Err(1) }
}

fn exit() {
    for number in NUMBERS {
        number.store(0, Ordering::Relaxed);
    }
}
