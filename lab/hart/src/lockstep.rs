//! A stepper beside a trace, up to their first difference.
//!
//! The stepper starts with the trace's first state. Before each instruction both states must be
//! equal. Results that depend on time, on firmware or on a device come from the trace.

mod difference;
mod outside;

use std::collections::VecDeque;
use std::io;

pub use self::difference::{Difference, Executed};
use self::outside::Outside;
use crate::state::{Csr, Record, State};

/// The instructions that a difference shows.
const CONTEXT: usize = 20;

/// The bit of `scause` that marks an interrupt.
const INTERRUPT: u64 = 1 << 63;

/// The number of software interrupts. Time and devices have no part in them, so the stepper decides
/// when one comes.
const SOFTWARE: u64 = 1;

/// A hart that executes one instruction at a time.
pub trait Stepper {
    /// Returns the state before the next instruction.
    fn state(&self) -> State;

    /// Sets the state before the next instruction, as far as `state` knows it.
    fn set_state(&mut self, state: &State);

    /// Returns the instruction that comes next; `None` if its fetch faults.
    fn instruction(&mut self) -> Option<u32>;

    /// Executes one instruction or takes the trap that it causes, but takes no interrupt.
    fn step(&mut self) -> Step;

    /// Returns the number of the interrupt that comes before the next instruction, if one does.
    fn pending(&mut self) -> Option<u64>;

    /// Takes the interrupt of this number in supervisor mode.
    fn interrupt(&mut self, number: u64);

    /// Sets an integer register.
    fn set_register(&mut self, register: usize, value: u64);

    /// Stores bytes at a physical address.
    fn store(&mut self, address: u64, bytes: &[u8]);
}

/// The end of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is done.
    Done,
    /// It is done, and it loaded from a device.
    LoadedFromDevice,
    /// The machine has ended.
    Over,
}

/// The instructions that have records in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Those that were fetched, as QEMU logs them.
    Fetched,
    /// Those that retired, as Spike logs them: none that traps, and no call of firmware.
    Retired,
}

/// The result of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Instructions that were equal.
    pub instructions: u64,
    /// Instructions whose results were taken from the trace.
    pub taken: u64,
    /// Traps that both took.
    pub traps: u64,
    /// Software interrupts among them.
    pub interrupts: u64,
    /// Instructions of user mode among them.
    pub user: u64,
}

/// Compares `stepper` with a trace.
///
/// # Errors
/// Returns the first [`Difference`].
pub fn compare(
    stepper: &mut dyn Stepper,
    shown: Shown,
    records: impl Iterator<Item = io::Result<Record>>,
) -> Result<Agreement, Box<Difference>> {
    let mut run = Run {
        stepper,
        shown,
        history: VecDeque::with_capacity(CONTEXT),
        last: None,
        agreement: Agreement { instructions: 0, taken: 0, traps: 0, interrupts: 0, user: 0 },
    };
    for record in records {
        let record = record.map_err(|error| Box::new(run.unreadable(&error)))?;
        if run.last == Some(Step::Over) {
            let reason = "the stepper has ended, and the trace goes on".to_owned();
            return Err(Box::new(run.differ(&record.state, reason)));
        }
        run.advance(&record)?;
    }
    match run.last {
        None => Err(Box::new(run.empty())),
        Some(_) => Ok(run.agreement),
    }
}

struct Run<'a> {
    stepper: &'a mut dyn Stepper,
    shown: Shown,
    history: VecDeque<Executed>,
    /// The end of the step before; `None` before the first record.
    last: Option<Step>,
    agreement: Agreement,
}

impl Run<'_> {
    /// Compares one state, and executes the instruction that it precedes.
    fn advance(&mut self, record: &Record) -> Result<(), Box<Difference>> {
        if self.last.is_none() {
            self.stepper.set_state(&record.state);
        }
        self.take_results(&record.state);
        self.interrupt();
        self.catch_up(&record.state);
        for (address, bytes) in &record.stored {
            self.stepper.store(*address, bytes);
        }
        let found = self.stepper.state();
        if !found.agrees_with(&record.state) {
            return Err(Box::new(self.differ(&record.state, String::new())));
        }
        self.remember(&found);
        self.last = Some(self.stepper.step());
        Ok(())
    }

    /// Takes a software interrupt that comes now.
    fn interrupt(&mut self) {
        if self.stepper.pending() == Some(SOFTWARE) {
            self.stepper.interrupt(SOFTWARE);
            self.agreement.traps += 1;
            self.agreement.interrupts += 1;
        }
    }

    /// Takes the traps that have no record of their own: interrupts, fetches that fault, and all
    /// others if the trace has only instructions that retired.
    fn catch_up(&mut self, expected: &State) {
        let found = self.stepper.state();
        if found.pc == expected.pc {
            return;
        }
        let cause = expected.csr(Csr::Scause).filter(|cause| cause & INTERRUPT != 0);
        match cause {
            Some(cause) if cause & !INTERRUPT != SOFTWARE && expected.csr(Csr::Sepc) == Some(found.pc) => {
                self.stepper.interrupt(cause & !INTERRUPT);
            }
            _ if self.shown == Shown::Retired || self.stepper.instruction().is_none() => {
                self.remember(&found);
                self.last = Some(self.stepper.step());
                self.take_results(expected);
            }
            _ => return,
        }
        self.agreement.traps += 1;
    }

    /// Takes from the trace what the instruction before cannot know.
    fn take_results(&mut self, expected: &State) {
        let Some(executed) = self.history.back() else { return };
        let loaded = self.last == Some(Step::LoadedFromDevice);
        // An instruction that trapped has no result.
        let here = self.stepper.state().pc;
        let Some(outside) = Outside::of(executed, loaded, here) else { return };
        let known = outside.known();
        let own = self.stepper.state();
        for register in outside.registers() {
            let value = expected.x[register] & !known | own.x[register] & known;
            self.stepper.set_register(register, value);
        }
        self.agreement.taken += 1;
    }

    fn remember(&mut self, state: &State) {
        if self.history.len() == CONTEXT {
            self.history.pop_front();
        }
        self.agreement.instructions += 1;
        self.agreement.user += u64::from(state.privilege == crate::state::Privilege::User);
        let instruction = self.stepper.instruction();
        self.history.push_back(Executed { pc: state.pc, privilege: state.privilege, instruction });
    }

    fn differ(&self, expected: &State, reason: String) -> Difference {
        let found = self.stepper.state();
        Difference {
            number: self.agreement.instructions,
            unequal: found.differences(expected),
            before: self.history.iter().copied().collect(),
            reason,
        }
    }

    fn unreadable(&self, error: &io::Error) -> Difference {
        self.differ(&self.stepper.state(), format!("the trace cannot be read: {error}"))
    }

    fn empty(&self) -> Difference {
        self.differ(&self.stepper.state(), "the trace is empty".to_owned())
    }
}

#[cfg(test)]
mod tests;
