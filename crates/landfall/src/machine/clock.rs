//! A hart's time limit for another hart: by the `time` counter, or by a number of polls on a hart
//! without it.
//!
//! The counter belongs to an extension of its own (Zicntr), and firmware may withhold it
//! (`mcounteren`), so the first read survives a trap.

use core::arch::asm;

use super::landing::Landing;

/// The seconds without any hart landing after which the rest is skipped. A hart takes microseconds.
/// An emulator with more harts than its host may need a while to run each of them.
const SECONDS: u64 = 4;

/// Polls that take the place of that time. Each looks at every start record, some hundred
/// instructions: seconds on a slow hart.
const POLLS: u64 = 1 << 22;

/// Ticks in a second where the device tree does not say.
const USUAL_TIMEBASE: u64 = 10_000_000;

/// The source of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// The `time` counter, with so many ticks in a second.
    Time { timebase: u64 },
    /// Nothing.
    Polls,
}

impl Clock {
    /// Looks for the `time` counter. `timebase` is the device tree's, 0 where it states none.
    pub(super) fn find(timebase: u64) -> Self {
        match (has_time(), timebase) {
            (false, _) => Self::Polls,
            (true, 0) => Self::Time { timebase: USUAL_TIMEBASE },
            (true, timebase) => Self::Time { timebase },
        }
    }

    /// Returns a wait that begins now.
    pub(super) fn patience(self) -> Patience {
        match self {
            Self::Time { timebase } => {
                Patience(Limit::Ticks { since: time(), most: timebase.saturating_mul(SECONDS) })
            }
            Self::Polls => Patience(Limit::Polls { left: POLLS }),
        }
    }
}

/// A wait for another hart that has begun. It is over after four seconds; on a hart that cannot
/// read `time`, after some million polls.
#[derive(Debug)]
pub struct Patience(Limit);

#[derive(Debug)]
enum Limit {
    Ticks { since: u64, most: u64 },
    Polls { left: u64 },
}

impl Patience {
    /// Begins a wait. The landing knows the frequency of `time`.
    #[must_use]
    pub fn begin(landing: &Landing) -> Self {
        Clock::find(landing.facts().timebase).patience()
    }

    /// Returns true once the wait has taken too long. Each call is a poll.
    pub fn is_over(&mut self) -> bool {
        match &mut self.0 {
            Limit::Ticks { since, most } => time().wrapping_sub(*since) > *most,
            Limit::Polls { left } => {
                *left = left.saturating_sub(1);
                *left == 0
            }
        }
    }
}

/// Returns true if this hart's `time` can be read. A trap on the read leads to the instruction
/// behind it.
fn has_time() -> bool {
    let found: u64;
    // SAFETY: interrupts are off meanwhile, so the only trap is that of the read. The trap handler,
    // the return address and the cause are restored afterwards, and so are the fields of sstatus
    // that a trap sets. SDT (bit 24) must not stay set.
    unsafe {
        asm!(
            "csrrci {enabled}, sstatus, 2",
            "csrr {handler}, stvec",
            "lla {next}, 2f",
            "csrw stvec, {next}",
            "li {found}, 0",
            ".option push",
            ".option norvc",
            "csrr {next}, time",
            "li {found}, 1",
            ".balign 4",
            "2:",
            "csrw stvec, {handler}",
            "li {next}, 0x01800100",
            "csrc sstatus, {next}",
            "csrw sepc, zero",
            "csrw scause, zero",
            "csrw stval, zero",
            "andi {enabled}, {enabled}, 2",
            "csrs sstatus, {enabled}",
            ".option pop",
            enabled = out(reg) _,
            handler = out(reg) _,
            next = out(reg) _,
            found = out(reg) found,
            options(nostack),
        );
    }
    found != 0
}

fn time() -> u64 {
    let time: u64;
    // SAFETY: it reads a counter, which this hart has.
    unsafe { asm!("csrr {}, time", out(reg) time, options(nomem, nostack, preserves_flags)) };
    time
}
