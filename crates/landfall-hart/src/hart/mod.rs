//! A hart: its registers, its CSRs, and what it may still see of earlier stores.

pub(crate) mod csr;
pub(crate) mod event;
pub(crate) mod feature;
pub(crate) mod implementation;
pub(crate) mod interrupt;
mod start;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
pub(crate) mod trap;

use crate::memory::View;
use crate::translation::Translations;

use self::csr::state::Csrs;
use self::event::Events;
use self::feature::Features;
use self::implementation::Implementation;

/// A privilege mode. The firmware's mode is native: no hart of the simulator runs in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Privilege {
    /// User mode.
    User,
    /// Supervisor mode.
    Supervisor,
}

/// The state of a hart, as the SBI's HSM extension names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Runs instructions.
    Started,
    /// Runs nothing until a call starts it.
    Stopped,
    /// A call has started it; it begins when its turn comes.
    StartPending {
        /// The machine's time at which it begins, in instructions; `u64::MAX` for never.
        at: u64,
        /// The physical address of its first instruction.
        entry: u64,
        /// The value of `a1` at its entry.
        opaque: u64,
    },
    /// Waits in `wfi` for an interrupt.
    Waiting,
    /// Waits in a call of HSM's `hart_suspend`.
    Suspended {
        /// The resume address and `opaque` of a non-retentive suspend.
        resume: Option<(u64, u64)>,
    },
}

/// One hart.
#[derive(Clone, Debug)]
pub(crate) struct Hart {
    /// Its index in the machine.
    pub(crate) index: usize,
    /// Its id, as the SBI and the device tree name it.
    pub(crate) id: u64,
    /// The integer registers. `x[0]` is always 0: [`Hart::set`] keeps it.
    pub(crate) x: [u64; 32],
    /// The floating-point registers, NaN-boxed.
    pub(crate) f: [u64; 32],
    /// The address of the next instruction.
    pub(crate) pc: u64,
    /// The privilege mode.
    pub(crate) privilege: Privilege,
    /// The CSRs.
    pub(crate) csrs: Csrs,
    /// The choices that the specification leaves to its implementation.
    pub(crate) implementation: Implementation,
    /// The firmware's features that the kernel has set on it.
    pub(crate) features: Features,
    /// Its software events.
    pub(crate) events: Events,
    /// A call that starts it succeeds, but it never begins.
    pub(crate) lost: bool,
    /// The state of HSM.
    pub(crate) state: State,
    /// Instructions that have retired.
    pub(crate) retired: u64,
    /// The next instruction must not come before a pending interrupt.
    pub(crate) evaluates: bool,
    /// The stores of other harts that it may see, and its own that others may not see yet.
    pub(crate) view: View,
    /// Earlier page-table entries that it may use.
    pub(crate) translations: Translations,
}

impl Hart {
    /// Returns the value of an integer register.
    pub(crate) fn get(&self, register: u8) -> u64 {
        self.x[usize::from(register & 31)]
    }

    /// Sets an integer register; register 0 stays 0.
    pub(crate) fn set(&mut self, register: u8, value: u64) {
        self.x[usize::from(register & 31)] = value;
        self.x[0] = 0;
    }
}
