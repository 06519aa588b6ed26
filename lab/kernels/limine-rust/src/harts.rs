//! The other harts: each starts, and counts itself.

use core::sync::atomic::{AtomicU64, Ordering};

use limine::mp::Cpu;

use crate::console::Console;
use crate::requests::{BOOT_HART, HARTS};

unsafe extern "C" {
    fn hart_start(hart: &Cpu) -> !;
}

static ARRIVED: AtomicU64 = AtomicU64::new(0);
static ARGUMENTS: AtomicU64 = AtomicU64::new(0);

/// Starts the other harts, and waits for them.
pub(crate) fn check(console: &mut Console) {
    let Some(response) = HARTS.get_response() else {
        return console.expect("mp", false);
    };
    let boot_hart = response.bsp_hartid();
    let is_known = BOOT_HART.get_response().is_some_and(|known| known.bsp_hartid() == boot_hart);
    console.expect("mp", is_known && response.cpus().iter().any(|hart| hart.hartid == boot_hart));
    let mut others = 0;
    for hart in response.cpus().iter().filter(|hart| hart.hartid != boot_hart) {
        others += 1;
        hart.extra.store(others, Ordering::Relaxed);
        hart.goto_address.write(hart_start);
    }
    while ARRIVED.load(Ordering::Acquire) != others {
        core::hint::spin_loop();
    }
    console.expect("mp-arguments", ARGUMENTS.load(Ordering::Relaxed) == (1..=others).sum());
    console.line(format_args!("harts {}", response.cpus().len()));
}

/// A hart that this kernel has started.
#[unsafe(no_mangle)]
extern "C" fn hart_main(hart: &Cpu, stack: usize) -> ! {
    if stack.is_multiple_of(16) {
        ARGUMENTS.fetch_add(hart.extra.load(Ordering::Relaxed), Ordering::Relaxed);
    }
    ARRIVED.fetch_add(1, Ordering::Release);
    loop {
        core::hint::spin_loop();
    }
}
