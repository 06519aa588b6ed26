//! A test kernel that loads a crash kernel, which its initrd holds as `landfall/next`, and then
//! crashes. The command line names the hart by its index, and the way: `hart=1 way=overflow`.
//!
//! ```text
//! panic      a panic
//! fault      a load where nothing is mapped
//! double     the same in the handler of a fault
//! overflow   calls without end
//! ```
//!
//! Meanwhile other harts hold a lock, or wait for it. With `deaf=N` hart N takes no interrupt. With
//! `sse` harts are stopped by events of the firmware.

#![no_std]
#![no_main]
#![expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits here")]

mod frames;
mod interrupts;
mod traps;
mod ways;

use core::hint::spin_loop;
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicU64, Ordering};

use landfall::policy::Disclosure;
use landfall::space::{LiveSpace, Placing, SbiIpi, SpaceOptions};
use landfall::{HartIndex, Landing, Policy};
use landfall_kexec::crash::{CrashNext, SaveArea};
use landfall_kexec::{CrashListener, Handover};
use spin::Once;

use frames::FreeFrames;

landfall::entry!(main, secondary = second, policy = &POLICY);

/// The judge compares what it sees with the addresses in the core.
const POLICY: Policy = Policy::new().with_disclosure(Disclosure::Disclose);

static LANDING: Once<&'static Landing> = Once::new();
static SPACE: Once<LiveSpace<FreeFrames>> = Once::new();
static LISTENERS: [CrashListener; 64] = [CrashListener::EMPTY; 64];
static AREAS: [SaveArea; 64] = [SaveArea::EMPTY; 64];

/// Harts that are ready for a crash.
static READY: AtomicU64 = AtomicU64::new(0);
/// 1 once the crash kernel is loaded.
static LOADED: AtomicU64 = AtomicU64::new(0);

fn main(landing: &'static Landing) -> ! {
    LANDING.call_once(|| landing);
    let tables = landing.take_tables().expect("nothing else takes the tables");
    let frames = FreeFrames::of(landing);
    let options = SpaceOptions { placing: Placing::FirstFit, pools: &[] };
    let space = SPACE.call_once(|| tables.into_space(frames, &options).expect("a live address space"));
    prepare(landing);
    while READY.load(Ordering::Acquire) < landing.online_harts().len() as u64 {
        spin_loop();
    }
    let found = landing.initrd().and_then(Handover::of).expect("the initrd holds landfall/next");
    let seed = landing.next_seed();
    let next = CrashNext {
        image: found.image,
        initrd: found.initrd,
        command_line: found.command_line,
        seed: seed.as_ref(),
    };
    // Half of Linux's image would do: its header says nothing of the file's size.
    let bad = CrashNext { image: &found.image[..32], ..next };
    assert!(landfall_kexec::load_crash_kernel(landing, space, &bad, &AREAS).is_err(), "half a header");
    assert!(landfall_kexec::load_crash_kernel(landing, space, &next, &[]).is_err(), "no save areas");
    if let Err(error) = landfall_kexec::load_crash_kernel(landing, space, &next, &AREAS) {
        panic!("{error}");
    }
    assert!(landfall_kexec::load_crash_kernel(landing, space, &next, &AREAS).is_err(), "a second time");
    landfall::println!("landfall: test crash-load ok");
    LOADED.store(1, Ordering::Release);
    ways::take(landing, HartIndex::BOOT)
}

fn second(landing: &'static Landing, hart: HartIndex) -> ! {
    LANDING.wait();
    SPACE.wait().join();
    prepare(landing);
    while LOADED.load(Ordering::Acquire) == 0 {
        spin_loop();
    }
    ways::take(landing, hart)
}

fn prepare(landing: &'static Landing) {
    let Ok(_) = landfall::trap::install(landing, traps::handle) else { panic!("no stack of the landing") };
    interrupts::take();
    if landing.command_line().has("sse") {
        let hart = here().expect("a stack of the landing");
        // SAFETY: each hart has the listener of its number, and gets here once.
        let listens = unsafe { landfall_kexec::listen_for_crash(hart, &LISTENERS[hart.get() as usize]) };
        assert!(listens, "the firmware of these tests has software events");
    }
    READY.fetch_add(1, Ordering::AcqRel);
}

/// Returns the calling hart, by its stack.
fn here() -> Option<HartIndex> {
    let sp: u64;
    // SAFETY: it reads a register.
    unsafe { core::arch::asm!("mv {}, sp", out(reg) sp, options(nomem, nostack, preserves_flags)) };
    LANDING.get()?.plan().stacks.hart_of(sp)
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    landfall::println!("landfall: crash: {info}");
    if let (Some(hart), Some(landing)) = (here(), LANDING.get()) {
        landfall_kexec::start_crash_kernel(hart, None, &SbiIpi::of(landing));
    }
    landfall::println!("landfall: panic no crash kernel is loaded: {info}");
    landfall::exit(1)
}
