//! A test kernel that checks itself and starts the next one. The initrd holds the next image,
//! `landfall/next`.
//!
//! ```text
//! main.rs        the command line
//! checked.rs     the checks of each generation
//! interrupts.rs  interrupts that the next kernel must not find
//! left.rs        registers that the next kernel must not find
//! start.rs       the start of the next kernel
//! traps.rs       interrupts between harts
//! ```
//!
//! With `landfall.then` it starts the image with the initrd and the command line of the archive.
//! With `kexec.left=N` it starts the image with its own initrd N times more. Each time the place,
//! the seed and the mode are drawn. With `kexec.plic` it leaves a claim of a PLIC to be completed
//! at the start, and with `kexec.imsic` an IMSIC that delivers.

#![no_std]
#![no_main]
#![expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits here")]

mod checked;
mod interrupts;
mod left;
mod start;
mod traps;

use landfall::policy::Disclosure;
use landfall::{HartIndex, Landing, Policy};
use landfall_kexec::Handover;

landfall::entry!(main, secondary = second, policy = &POLICY);

/// The judge compares the report with what it sees.
const POLICY: Policy = Policy::new().with_disclosure(Disclosure::Disclose);

fn main(landing: &'static Landing) -> ! {
    let Ok(_) = landfall::trap::install(landing, traps::handle) else { panic!("no stack of the landing") };
    if landing.command_line().words().any(|word| word == Handover::WORD) {
        landfall::println!("landfall: report {}", landing.report().json());
        start::handed_over(landing)
    }
    if checked::word(landing, "kexec.imsic").is_some() {
        interrupts::use_imsic();
    }
    let before = checked::State::of(landing);
    match before.left {
        0 => {
            landfall::println!("landfall: test kexec ok");
            landfall::println!("landfall: report {}", landing.report().json());
            landfall::exit(0)
        }
        _ => start::next_generation(landing, &before),
    }
}

fn second(landing: &'static Landing, _: HartIndex) -> ! {
    let Ok(_) = landfall::trap::install(landing, traps::handle) else { panic!("no stack of the landing") };
    traps::take_interrupts();
    // The boot hart may have asked before interrupts were on. From here on its interrupt asks.
    landfall_kexec::stop_if_asked();
    loop {
        landfall::wait_for_interrupt();
    }
}
