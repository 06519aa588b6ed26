//! Counts the instructions of a call, by `instret`. Under QEMU's `-icount` the count is exact.

#![no_std]

#[cfg(target_arch = "riscv64")]
use core::arch::asm;

/// The cost and the result of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The function's result.
    pub result: u64,
    /// Instructions from the function's first to its `ret`.
    pub instructions: u64,
}

/// The two instructions between the readings that are not the function's: the first reading itself,
/// and the call.
const OWN: u64 = 2;

/// Calls `work` and counts. The readings and the call are one piece of assembly, so no code of the
/// caller moves between them. The compiler does not know what `work` does.
#[cfg(target_arch = "riscv64")]
pub fn counted<T>(work: extern "C" fn(&mut T) -> u64, context: &mut T) -> Counted {
    let (before, after, result): (u64, u64, u64);
    // SAFETY: it calls a function by the C ABI. The reference has no other user meanwhile.
    // s2, which callees preserve, holds the first reading.
    unsafe {
        asm!(
            "rdinstret s2",
            "jalr {work}",
            "rdinstret t0",
            work = in(reg) work,
            out("s2") before,
            lateout("t0") after,
            inlateout("a0") core::ptr::from_mut(context) => result,
            clobber_abi("C"),
        );
    }
    Counted { result, instructions: after.wrapping_sub(before).wrapping_sub(OWN) }
}

/// Takes one instruction: by it a kernel can show that its count is right.
#[cfg(target_arch = "riscv64")]
#[must_use]
#[unsafe(naked)]
pub extern "C" fn nothing(_: &mut u64) -> u64 {
    core::arch::naked_asm!("ret")
}
