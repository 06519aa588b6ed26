//! Loops of conversions. The compiler keeps an offset in a register if nothing else happens in a
//! round. A lock, a device register or a call that it cannot see into
//! ends that: after each it must read a variable again. Those loops have a barrier in each round.

use core::arch::asm;

use crate::{Conversion, patched, variable};

/// Conversions of each loop.
pub(crate) const ROUNDS: u64 = 64;

/// Whatever is in memory may be another thing afterwards, as far as the compiler knows.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is no instruction at all")]
fn barrier() {
    // SAFETY: it does nothing.
    unsafe { asm!("", options(nostack, preserves_flags)) };
}

macro_rules! loops {
    ($($name:ident: $convert:path $(, $barrier:path)?;)+) => {$(
        #[unsafe(no_mangle)]
        #[inline(never)]
        pub(crate) extern "C" fn $name(first: u64) -> u64 {
            (0..ROUNDS).fold(0, |sum, round| {
                $($barrier();)?
                sum ^ $convert(first.wrapping_add(round << 12))
            })
        }
    )+};
}

loops! {
    loop_patched_linear: patched::to_phys;
    loop_variable_linear: variable::to_phys;
    loop_patched_linear_barrier: patched::to_phys, barrier;
    loop_variable_linear_barrier: variable::to_phys, barrier;
    loop_patched_either: patched::either;
    loop_variable_either: variable::either;
    loop_patched_either_barrier: patched::either, barrier;
    loop_variable_either_barrier: variable::either, barrier;
}

/// Each loop in both ways.
pub(crate) const PAIRS: [[Conversion; 2]; 4] = [
    [loop_patched_linear, loop_variable_linear],
    [loop_patched_linear_barrier, loop_variable_linear_barrier],
    [loop_patched_either, loop_variable_either],
    [loop_patched_either_barrier, loop_variable_either_barrier],
];
