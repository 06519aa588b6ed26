//! The other harts: each starts, and checks its record.

use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::access;
use crate::console::Console;
use crate::information::is_guarded;
use crate::protocol::{Hart, Wrapped};

static ARRIVED: AtomicUsize = AtomicUsize::new(0);
static WRONG: AtomicU64 = AtomicU64::new(0);

/// Starts the other harts, and waits for them.
pub(crate) fn check(console: &mut Console, boot: &Wrapped) {
    for hart in boot.harts().iter().filter(|hart| hart.id != boot.boot_hart) {
        hart.argument.store(hart.id + 1, Ordering::Relaxed);
        // SAFETY: `second_start` expects such a hart, and each is started once.
        unsafe { hart.start(access::second_entry()) };
    }
    while ARRIVED.load(Ordering::Acquire) + 1 != boot.harts().len() {
        core::hint::spin_loop();
    }
    console.report("harts", WRONG.load(Ordering::Relaxed) == 0);
    console.line(format_args!("harts {}", boot.harts().len()));
}

/// The path of each other hart.
#[unsafe(no_mangle)]
extern "C" fn second_main(id: u64, hart: &Hart, stack: usize) -> ! {
    let is_right = hart.id == id
        && hart.stack_top == stack
        && hart.argument.load(Ordering::Relaxed) == id + 1
        && is_guarded(hart);
    WRONG.fetch_add(u64::from(!is_right), Ordering::Relaxed);
    ARRIVED.fetch_add(1, Ordering::Release);
    loop {
        core::hint::spin_loop();
    }
}
