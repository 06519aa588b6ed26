//! All traps. Interrupts return, a trap of the process switches to the kernel, and a fault of the
//! kernel ends it, explained.

use landfall::address::VirtAddr;
use landfall::trap::TrapFrame;

use crate::kernel::{KERNEL, shown};
use crate::{context, modules, timer};

/// Causes (privileged specification, "Supervisor Cause Register"). Interrupts have the highest bit.
const BREAKPOINT: u64 = 3;
pub(crate) const USER_CALL: u64 = 8;
const INTERRUPT: u64 = 1 << 63;

/// Handles a trap. Landfall's entry has checked the stack before: it reports an overflow itself, on
/// a stack of its own.
pub(crate) fn handle(frame: &mut TrapFrame) {
    let cause = frame.scause();
    if cause == timer::INTERRUPT {
        timer::tick(frame.hart());
    }
    if frame.sstatus() & context::SPP == 0 {
        context::leave(frame);
    } else if cause & INTERRUPT == 0 && !(cause == BREAKPOINT && context::enter(frame)) {
        explain(frame);
    }
}

/// Ends the kernel. `what_is` takes no lock: the code that faulted may hold it.
fn explain(frame: &TrapFrame) -> ! {
    let (action, pc) = (action(frame.scause()), VirtAddr::new(frame.sepc()));
    assert!(KERNEL.get().is_some(), "{action} failed, before the kernel took the tables over");
    modules::what_is(VirtAddr::new(frame.stval()), |what| panic!("{action} failed at {}: {what}", shown(pc)))
}

/// Returns the action that a cause interrupts.
pub(crate) const fn action(cause: u64) -> &'static str {
    match cause {
        0 | 1 | 12 => "an instruction fetch",
        4 | 5 | 13 => "a load",
        6 | 7 | 15 => "a store",
        _ => "an instruction",
    }
}
