//! One hart, one instruction at a time, for comparisons with other machines.

use super::block::{self, End};
use super::{Machine, Outcome};
use crate::hart::trap::{self, Exit};
use crate::hart::{State, interrupt};
use crate::sbi;

impl Machine {
    /// Returns the encoding of a hart's next instruction; `None` if its fetch faults.
    pub fn instruction(&mut self, index: usize) -> Option<u32> {
        let Self { harts, world, .. } = self;
        let hart = &mut harts[index];
        hart.translations.prepare(block::context(hart), world.memory.generation());
        world.fetch(hart).ok()?;
        u32::try_from(world.encoding(hart)).ok()
    }

    /// Executes one instruction of a hart, or takes the trap that it causes. Takes no interrupt,
    /// and `wfi` does not wait.
    pub fn step(&mut self, index: usize) -> Option<Outcome> {
        let Self { harts, world, inspector, .. } = self;
        let hart = &mut harts[index];
        hart.translations.prepare(block::context(hart), world.memory.generation());
        let outcome = match block::run(hart, world, world.now + 1, inspector) {
            End::Done | End::Changed | End::Exit(Exit::Resync | Exit::Evaluate | Exit::Wait) => None,
            End::Exit(Exit::Trap(trap)) => {
                world.now += 1;
                self.trap(index, trap)
            }
            End::Exit(Exit::Call) => sbi::call(self, index),
        };
        self.leave_due(index);
        if self.harts[index].state == State::Waiting {
            self.harts[index].state = State::Started;
        }
        outcome
    }

    /// Returns the number of the interrupt that a hart takes now, if there is one.
    #[must_use]
    pub fn pending_interrupt(&self, index: usize) -> Option<u64> {
        interrupt::pending(&self.harts[index], &self.world)
    }

    /// Takes the interrupt of this number.
    pub fn interrupt(&mut self, index: usize, number: u64) {
        // SDT implies that SIE is clear, so an interrupt is never a double trap.
        let _ = trap::enter_interrupt(&mut self.harts[index], number);
    }

    /// Returns the loads from devices so far, of all harts.
    #[must_use]
    pub const fn device_loads(&self) -> u64 {
        self.world.device_loads
    }
}
