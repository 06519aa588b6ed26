//! A test kernel that tries the rules of landing from inside: what must fault does, on every hart,
//! and what must be mapped is.
//!
//! ```text
//! access    loads, stores and jumps that may fault
//! rules     what each hart tries
//! memory    every page of RAM: tagged by a hart with paging off, read through the linear map
//! convert   conversions of addresses, as functions whose code a test can read
//! ```
//!
//! It prints `landfall: test NAME ok` or `landfall: test NAME failed ...` for each.

#![no_std]
#![no_main]

mod access;
mod convert;
mod memory;
mod rules;

use core::sync::atomic::{AtomicU64, Ordering};

use landfall::policy::Disclosure;
use landfall::{HartIndex, Landing, Policy};

const POLICY: Policy = Policy::new().with_disclosure(Disclosure::Disclose);

landfall::entry!(main, secondary = second, policy = &POLICY);

/// The results of each hart: a bit for each failed test, and one when all are done.
static RESULTS: [AtomicU64; 64] = [const { AtomicU64::new(0) }; 64];
const DONE: u64 = 1 << 63;

/// Slots beside lengths, more than two bitmaps of them: judges compare each with the file.
static NAMES: [&str; 80] = ["name"; 80];

fn main(landing: &'static Landing) -> ! {
    // Before anything else: nothing has been written to `.bss` yet.
    report("bss", rules::bss_is_zero());
    core::hint::black_box(&NAMES);
    landfall::println!("landfall: command line {}", landing.command_line());
    if let Some(initrd) = landing.initrd() {
        landfall::println!("landfall: initrd {} bytes, sum {:#x}", initrd.len(), sum(initrd));
    }
    try_rules(landing, 0);
    let others = landing.online_harts().len() - 1;
    for result in RESULTS.iter().skip(1).take(others) {
        while result.load(Ordering::Acquire) & DONE == 0 {
            core::hint::spin_loop();
        }
    }
    for (test, (name, _)) in rules::ON_EVERY_HART.iter().enumerate() {
        let failed = RESULTS.iter().filter(|result| result.load(Ordering::Acquire) >> test & 1 != 0).count();
        report(name, failed == 0);
    }
    report("entropy", rules::entropy_comes_once(landing));
    report("command-line", landing.command_line().words().any(|word| word.ends_with(b"entropy")));
    report("alias", memory::image_is_aliased(landing));
    report("old-place", memory::old_place_is_free(landing));
    report("crash", memory::crash_memory_is_left_alone(landing));
    report("edges", memory::edges_fault(landing));
    if let Some(efi) = landing.efi() {
        report("efi", rules::runtime_services_are_left_alone(landing, efi));
        if let Some(root) = efi.acpi_root {
            report("acpi", rules::acpi_can_be_read(landing, root));
        }
    }
    if others > 0 {
        report("tags", memory::tags_are_seen(landing));
    }
    // Last, because it is the verdict, and who waits for that does not wait much longer.
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}

fn second(landing: &'static Landing, hart: HartIndex) -> ! {
    try_rules(landing, hart.get());
    match hart.get() {
        1 => memory::wait_for_work(),
        _ => sleep(),
    }
}

/// For ever: no interrupt is enabled. Harts that spin would take the host's time from those that
/// work.
fn sleep() -> ! {
    loop {
        landfall::wait_for_interrupt();
    }
}

fn try_rules(landing: &'static Landing, hart: u64) {
    let mut failed = 0;
    for (bit, (_, test)) in rules::ON_EVERY_HART.iter().enumerate() {
        failed |= u64::from(!test(landing, hart)) << bit;
    }
    if let Some(result) = RESULTS.get(usize::try_from(hart).unwrap_or(usize::MAX)) {
        result.store(failed | DONE, Ordering::Release);
    }
}

/// A number that changes with any byte, and with their order.
fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)))
}

fn report(name: &str, holds: bool) {
    if holds {
        landfall::println!("landfall: test {name} ok");
    } else {
        landfall::println!("landfall: test {name} failed");
    }
}
