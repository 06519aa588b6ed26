//! Traps on purpose.

use core::arch::{asm, global_asm};
use core::sync::atomic::{AtomicU64, Ordering};

use landfall::trap::TrapFrame;

const BREAKPOINT: u64 = 3;

/// Not 0 if the handler is to overflow its stack.
static OVERFLOWS: AtomicU64 = AtomicU64::new(0);

/// Goes on behind an `ebreak`; any other trap is one too many.
pub(crate) fn handle(frame: &mut TrapFrame) {
    let (cause, value) = (frame.scause(), frame.stval());
    assert!(cause == BREAKPOINT, "a trap that nobody wanted: cause {cause}, stval {value:#x}");
    assert!(OVERFLOWS.load(Ordering::Acquire) == 0, "the stack has no end: {}", crate::recurse_by::<64>(1));
    // SAFETY: the instruction is the `ebreak` of `trap`, or of `keep_registers`, which take four
    // bytes, and nothing depends on it.
    unsafe { frame.set_sepc(frame.sepc() + 4) };
}

/// Traps once.
pub(crate) fn trap() {
    // SAFETY: the handler goes on behind it.
    unsafe { asm!(".option push", ".option norvc", "ebreak", ".option pop", options(preserves_flags)) };
}

/// Traps with values in registers, and returns true if they are still there.
pub(crate) fn keep_registers() -> bool {
    let (mut integers, mut floats) = ([1_u64, 2, 3, 4, 5, 6], [1.5_f64, -2.25]);
    let before = (integers, floats);
    let [temporary, alternate, third, argument, saved, last] = &mut integers;
    let [float, saved_float] = &mut floats;
    // SAFETY: the handler goes on behind the `ebreak`.
    unsafe {
        asm!(
            ".option push",
            ".option norvc",
            "ebreak",
            ".option pop",
            inout("t0") * temporary,
            inout("t1") * alternate,
            inout("t2") * third,
            inout("a7") * argument,
            inout("s11") * saved,
            inout("t6") * last,
            inout("ft0") * float,
            inout("fs11") * saved_float,
        );
    }
    (integers, floats) == before
}

/// Makes the handler overflow its stack from the next trap on.
pub(crate) fn let_handler_overflow() {
    OVERFLOWS.fetch_add(1, Ordering::AcqRel);
}

/// Makes this hart take traps as if its stack had no end.
pub(crate) fn handle_naively() {
    unsafe extern "C" {
        fn naive_trap() -> !;
    }
    // SAFETY: none. This is the fault under test.
    unsafe { asm!("lla {0}, {1}", "csrw stvec, {0}", out(reg) _, sym naive_trap) };
}

global_asm!(
    ".section .text.naive_trap, \"ax\", @progbits",
    ".balign 4",
    "naive_trap:",
    "addi sp, sp, -288",
    "sd ra, 8(sp)",
    "sd gp, 24(sp)",
    "sd tp, 32(sp)",
    "sd t0, 40(sp)",
    "1: j 1b",
);
