//! The other CPUs, each on a stack of its own. A CPU is known by the stack that it runs on, so the
//! platform's own count of CPUs is not what proves it.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicUsize, Ordering};

use axplat::mem::{VirtAddr, virt_to_phys};
use platform::config::plat::MAX_CPU_NUM;

const STACK_SIZE: usize = 16 << 10;
/// The most CPUs that are used.
const MOST: usize = if MAX_CPU_NUM < 8 { MAX_CPU_NUM } else { 8 };

#[repr(C, align(4096))]
struct Stack(UnsafeCell<[u8; STACK_SIZE]>);

// SAFETY: each is the stack of one CPU alone.
unsafe impl Sync for Stack {}

static STACKS: [Stack; MOST] = [const { Stack(UnsafeCell::new([0; STACK_SIZE])) }; MOST];

/// The CPU whose turn it is.
static TURN: AtomicUsize = AtomicUsize::new(0);

/// Returns the number of CPUs.
pub(crate) fn count() -> usize {
    axplat::power::cpu_num().min(MOST)
}

/// Returns the CPU that executes this. Those without a stack here are the one that booted.
pub(crate) fn current() -> usize {
    let local = 0_u8;
    let here = physical(&raw const local);
    STACKS
        .iter()
        .position(|stack| {
            let start = physical(stack.0.get().cast());
            (start..start + STACK_SIZE).contains(&here)
        })
        .unwrap_or(0)
}

/// Boots all CPUs but this.
pub(crate) fn boot() {
    for (cpu, stack) in STACKS.iter().enumerate().take(count()).skip(1) {
        axplat::power::cpu_boot(cpu, physical(stack.0.get().cast()) + STACK_SIZE);
    }
}

/// Gives each of the other CPUs its turn, one after the other; then it is this one's again.
pub(crate) fn take_turns() {
    TURN.store(1, Ordering::Release);
    while TURN.load(Ordering::Acquire) < count() {
        core::hint::spin_loop();
    }
}

/// Waits for the turn of a CPU.
pub(crate) fn wait_for_turn(cpu: usize) {
    while TURN.load(Ordering::Acquire) != cpu {
        core::hint::spin_loop();
    }
}

/// Ends this CPU's turn.
pub(crate) fn end_turn() {
    TURN.fetch_add(1, Ordering::Release);
}

fn physical(byte: *const u8) -> usize {
    virt_to_phys(VirtAddr::from_ptr_of(byte)).as_usize()
}
