//! A test kernel that searches all free memory for what must not be there: seeds, draws, its
//! entropy, and addresses.
//!
//! The tests know the seeds and what comes of them, and write them into [`WANTED`] when `main`
//! begins. That lies in the image, which is not free memory, so the kernel does not find its own
//! list. Addresses it knows itself.
//!
//! It prints each find, and at last `landfall: secrets in free memory: KINDS`, or `none`.

#![no_std]
#![no_main]

mod search;

use core::sync::atomic::{AtomicU64, Ordering};

use landfall::policy::Disclosure;
use landfall::{HartIndex, Landing, Policy};

use search::{Kind, Search};

const POLICY: Policy = Policy::new().with_disclosure(Disclosure::Disclose);

landfall::entry!(main, secondary = second, policy = &POLICY);

/// The most values of a kind.
const MOST: usize = 24;

/// Values of the seeds, the draws and the entropy: of each their number, then the values.
#[unsafe(export_name = "secrets_wanted")]
static WANTED: [[AtomicU64; MOST + 1]; 3] = [const { [const { AtomicU64::new(0) }; MOST + 1] }; 3];

fn main(landing: &'static Landing) -> ! {
    let mut search = Search::new(landing.plan());
    for (list, kind) in WANTED.iter().zip([Kind::Seed, Kind::Draws, Kind::Entropy]) {
        let count = list[0].load(Ordering::Relaxed);
        landfall::println!("landfall: searches {kind}: {count}");
        for value in list.iter().skip(1).take(usize::try_from(count).unwrap_or(MOST)) {
            search.want(kind, value.load(Ordering::Relaxed));
        }
    }
    for free in landing.free_memory() {
        search.scan(free);
    }
    landfall::println!("landfall: {} words searched", search.words());
    landfall::println!("landfall: secrets in free memory: {search}");
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}

fn second(_: &'static Landing, _: HartIndex) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
