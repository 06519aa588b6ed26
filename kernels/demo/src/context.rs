//! The switch between kernel and process. The kernel executes a breakpoint: its handler saves the
//! kernel's frame and returns to the process's. The next trap of the process does the reverse. So
//! `run` looks like a call that returns the process's trap.

use core::arch::asm;

use landfall::HartIndex;
use landfall::address::VirtAddr;
use landfall::trap::{SavedFrame, TrapFrame, use_stack};
use spin::Mutex;

use crate::kernel::kernel;

/// `sstatus`: the supervisor was interrupted, interrupts were on, floating-point registers were on.
pub(crate) const SPP: u64 = 1 << 8;
const SPIE: u64 = 1 << 5;
const FS: u64 = 3 << 13;
/// Registers: the stack pointer, and two arguments.
const SP: usize = 2;
pub(crate) const A0: usize = 10;
pub(crate) const A1: usize = 11;

/// The state in which the process goes on.
#[expect(clippy::large_enum_variant, reason = "this kernel has no allocator, so no box")]
pub(crate) enum Next {
    /// At its first instruction, with two arguments; all other registers are 0.
    Start { entry: VirtAddr, stack: VirtAddr, arguments: [u64; 2] },
    /// At the instruction that was interrupted; with a result, behind the system call's 4 bytes.
    Resume(SavedFrame, Option<u64>),
}

/// The sides that do not run. One process runs at a time, on the boot hart.
static NEXT: Mutex<Option<Next>> = Mutex::new(None);
static KERNEL_SIDE: Mutex<Option<SavedFrame>> = Mutex::new(None);
static PROCESS_SIDE: Mutex<Option<SavedFrame>> = Mutex::new(None);

/// Runs the process up to its next trap, and returns its registers there.
pub(crate) fn run(next: Next) -> SavedFrame {
    *NEXT.lock() = Some(next);
    // SAFETY: the kernel goes on behind the breakpoint, with all registers as they are now.
    unsafe { asm!(".option push", ".option norvc", "ebreak", ".option pop") };
    PROCESS_SIDE.lock().take().expect("the process has left its frame")
}

/// Switches from the kernel's breakpoint to the process. Returns false if none is to run.
pub(crate) fn enter(frame: &mut TrapFrame) -> bool {
    let Some(next) = NEXT.lock().take() else { return false };
    *KERNEL_SIDE.lock() = Some(frame.save());
    // SAFETY: the stack is mapped and has no other use. Interrupts are off up to user mode, from
    // where traps begin at its top. User mode has the process's pages and registers alone.
    unsafe {
        use_stack(kernel().trap_stack.range());
        match next {
            Next::Start { entry, stack, arguments } => {
                (1..32).for_each(|number| frame.set_register(number, 0));
                frame.set_register(SP, stack.get());
                [A0, A1].into_iter().zip(arguments).for_each(|(to, value)| frame.set_register(to, value));
                frame.set_sepc(entry.get());
                frame.set_sstatus(frame.sstatus() & !(SPP | FS) | SPIE);
            }
            Next::Resume(saved, result) => {
                frame.restore(&saved);
                if let Some(result) = result {
                    frame.set_register(A0, result);
                    frame.set_sepc(saved.frame().sepc() + 4);
                }
            }
        }
    }
    true
}

/// Switches from a trap of the process to the kernel.
pub(crate) fn leave(frame: &mut TrapFrame) {
    let side = KERNEL_SIDE.lock().take().expect("the kernel has entered the process");
    *PROCESS_SIDE.lock() = Some(frame.save());
    // SAFETY: the kernel goes on behind its breakpoint, on the hart's own stack, as it left it.
    unsafe {
        use_stack(kernel().landing.stack(HartIndex::BOOT));
        frame.restore(&side);
        frame.set_sepc(side.frame().sepc() + 4);
    }
}
