//! Data of each hart: a copy of the section `.perhart`, to which `tp` points.
//!
//! The section is a first state, as `.tdata` is for threads. It may hold pointers: it is copied
//! after landing, when its slots are right.

use core::arch::asm;
use core::ptr::{addr_of, with_exposed_provenance, with_exposed_provenance_mut};
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use landfall::Landing;
use landfall::address::LinearAddr;

unsafe extern "C" {
    #[link_name = "_perhart_start"]
    static START: u8;
    #[link_name = "_perhart_end"]
    static END: u8;
}

/// A number that each hart changes for itself.
#[unsafe(link_section = ".perhart.number")]
static NUMBER: AtomicU64 = AtomicU64::new(7);

/// A pointer among what is copied.
#[unsafe(link_section = ".perhart.name")]
static NAME: &str = "per hart";

/// The address of the copies, one behind the other; 0 before they exist.
static COPIES: AtomicUsize = AtomicUsize::new(0);

fn size() -> usize {
    addr_of!(END).addr() - addr_of!(START).addr()
}

/// Makes a copy for each hart, in free memory.
pub(crate) fn set_up(landing: &Landing) {
    let harts = landing.plan().stacks.count as usize;
    let needed = (harts * size()) as u64;
    let Some(free) = landing.free_memory().find(|range| range.size() >= needed) else {
        panic!("no memory for {harts} harts")
    };
    let copies = LinearAddr::from_phys(free.start()).as_ptr::<u8>();
    for hart in 0..harts {
        // SAFETY: the memory is free and large enough, and the section is not changed.
        unsafe { copies.add(hart * size()).copy_from_nonoverlapping(addr_of!(START), size()) };
    }
    COPIES.store(copies.expose_provenance(), Ordering::Release);
}

/// Returns true if each hart has its copy.
pub(crate) fn is_set_up() -> bool {
    COPIES.load(Ordering::Acquire) != 0
}

/// From here on, this hart has its copy.
pub(crate) fn enter(hart: u64) {
    let copy = COPIES.load(Ordering::Acquire) + hart as usize * size();
    // SAFETY: `tp` is the kernel's from `main` on, and nothing else uses it.
    unsafe { asm!("mv tp, {}", in(reg) copy, options(nomem, nostack, preserves_flags)) };
}

/// This hart's own copy of one of the statics above.
fn own<T>(first: &'static T) -> &'static T {
    let copy: usize;
    // SAFETY: it reads a register.
    unsafe { asm!("mv {}, tp", out(reg) copy, options(nomem, nostack, preserves_flags)) };
    let offset = (&raw const *first).addr() - addr_of!(START).addr();
    // SAFETY: the copies are never freed, and each has what the section has, in the same place.
    unsafe { &*with_exposed_provenance(copy + offset) }
}

/// Returns true if this hart's copy is its own: it begins as linked, and no other hart sees a store
/// to it.
pub(crate) fn is_own(hart: u64) -> bool {
    let number = own(&NUMBER);
    let fresh = number.load(Ordering::Relaxed) == 7 && *own(&NAME) == "per hart";
    number.fetch_add(hart, Ordering::Relaxed);
    let there: *mut u8 = with_exposed_provenance_mut((&raw const *number).expose_provenance());
    fresh && number.load(Ordering::Relaxed) == 7 + hart && there.cast_const() != (&raw const NUMBER).cast()
}
