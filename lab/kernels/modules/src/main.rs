//! A test kernel whose harts load, call and unload modules against each other, at random. A wrong
//! result panics. Between rounds all harts meet, and the judge looks at the tables.
//!
//! ```text
//! cost.rs      the cost of loading
//! files.rs     the modules in the initrd
//! exported.rs  the functions and statics that modules import
//! loader.rs    the modules that are loaded, and their memory
//! worker.rs    the random operations of one hart
//! refused.rs   modules that are refused, after which all is as before
//! watched.rs   the table of modules, which harts read while another one changes it
//! replaced.rs  a table of the test's own, in which each order decides
//! ```
//!
//! The other files are those of the kernel `space`. The command line has `rounds=N`, and `by=sbi`
//! or `by=ipi`: the way in which harts fence others. With `count` it counts instructions first. It
//! may have `seed=N`, for other operations. With `directed=N` a module of the test's own table is
//! replaced N times first.

#![no_std]
#![no_main]
#![expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits here")]

mod cost;
mod exported;
mod files;
mod loader;
#[path = "../../space/src/machine.rs"]
#[expect(dead_code, reason = "only the directed rounds of `space` have a mutant")]
mod machine;
#[path = "../../space/src/meeting.rs"]
mod meeting;
#[path = "../../space/src/probe.rs"]
#[expect(dead_code, reason = "the tests of modules only store")]
mod probe;
#[path = "../../space/src/random.rs"]
mod random;
mod refused;
mod replaced;
#[path = "../../space/src/store.rs"]
mod store;
#[path = "../../../../crates/landfall-modules/src/table.rs"]
#[expect(unreachable_pub, reason = "the table of `landfall-modules`, which alone may change one")]
mod table;
#[path = "../../space/src/traps.rs"]
mod traps;
#[path = "../../space/src/user_mode.rs"]
#[expect(dead_code, reason = "no program runs here; the handler and the stacks are as in `space`")]
mod user_mode;
mod watched;
mod worker;

/// The names by which `table` knows its crate.
mod part {
    pub(crate) use landfall_modules::Part;
}
use landfall_modules::MOST_NAME;

use core::sync::atomic::{AtomicU64, Ordering};

use landfall::policy::Disclosure;
use landfall::{HartIndex, Landing, Policy};

use loader::LOADER;
use machine::{SPACE, Way};
use worker::Worker;

landfall::entry!(main, secondary = second, policy = &POLICY);
landfall_modules::kernel!(static TABLE);

/// The judge compares the report with what it sees.
const POLICY: Policy = Policy::new().with_disclosure(Disclosure::Disclose);

/// The roots of user address spaces, for the judge: none.
#[unsafe(no_mangle)]
static space_roots: [AtomicU64; 16] = [const { AtomicU64::new(0) }; 16];

fn main(landing: &'static Landing) -> ! {
    let way = if word(landing, "by=") == Some("ipi") { Way::Ipi } else { Way::Sbi };
    let space = SPACE.call_once(|| machine::take_over(landing, way));
    let Ok(_) = landfall::trap::install(landing, traps::handle) else { panic!("no stack of the landing") };
    let loader = loader::make(landing, space);
    refused::check(landing, &mut loader.lock());
    if word(landing, "count").is_some() {
        cost::print(landing, &mut loader.lock());
    }
    LOADER.call_once(|| loader);
    work(landing, HartIndex::BOOT);
    assert!(space_roots.iter().all(|root| root.load(Ordering::Relaxed) == 0), "no user address spaces");
    landfall::println!("landfall: test modules ok");
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}

fn second(landing: &'static Landing, hart: HartIndex) -> ! {
    let Ok(_) = landfall::trap::install(landing, traps::handle) else { panic!("no stack of the landing") };
    work(landing, hart);
    loop {
        SPACE.wait().serve();
        core::hint::spin_loop();
    }
}

fn work(landing: &'static Landing, hart: HartIndex) {
    let space = SPACE.wait();
    if word(landing, "by=") == Some("ipi") {
        traps::take_interrupts();
        space.serve();
    }
    LOADER.wait();
    let harts = landing.online_harts().len();
    let rounds = word(landing, "rounds=").and_then(|rounds| rounds.parse().ok()).unwrap_or(64);
    let seed = word(landing, "seed=").and_then(|seed| seed.parse().ok()).unwrap_or(0);
    let directed = word(landing, "directed=").and_then(|count| count.parse().ok()).unwrap_or(0);
    if directed > 0 {
        replaced::run(hart, harts, directed);
    }
    let mut worker = Worker::new(landing, hart, seed);
    if hart == HartIndex::BOOT {
        worker.load_base();
    }
    meeting::meet(hart, harts, meeting::Moment::Between);
    worker.hold_base();
    for round in 1..=rounds {
        worker.step();
        if round % 16_u64 == 0 {
            meeting::meet(hart, harts, meeting::Moment::Between);
        }
    }
    worker.end();
    meeting::meet(hart, harts, meeting::Moment::Between);
    if hart == HartIndex::BOOT {
        worker::unload_base();
    }
    meeting::meet(hart, harts, meeting::Moment::End);
}

/// Returns the rest of the word on the command line that begins with `key`.
fn word(landing: &'static Landing, key: &str) -> Option<&'static str> {
    landing.command_line().as_str()?.split(' ').find_map(|word| word.strip_prefix(key))
}
