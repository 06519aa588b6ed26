//! The turns of the harts.

use std::ops::ControlFlow;

use super::block::{self, End};
use super::{Machine, Outcome};
use crate::hart::trap::{self, Cause, Entry, Exit, Trap};
use crate::hart::{State, interrupt};
use crate::liberty::Liberty;
use crate::sbi;

/// The instructions of a turn of an ordinary machine.
const TURN: u64 = 1000;
/// The number of traps in a row, without an instruction between them, after which no more helps.
const TRAPS: u32 = 1000;

impl Machine {
    /// Runs until an outcome, for at most `limit` instructions of all harts together.
    /// `None` if `watch` breaks.
    pub(super) fn take_turns(
        &mut self,
        limit: u64,
        watch: &mut dyn FnMut(&Self) -> ControlFlow<()>,
    ) -> Option<Outcome> {
        let end = self.world.now.saturating_add(limit);
        let mut index = 0;
        while self.world.now < end {
            index = self.next_hart(index);
            if !self.wake(index) {
                if self.runnable().is_none() && !self.skip_to_event(end) {
                    return Some(Outcome::Idle);
                }
                continue;
            }
            let turn = self.turn_length(index);
            let until = end.min(self.world.now + turn);
            if let Some(outcome) = self.turn(index, until) {
                return Some(outcome);
            }
            if watch(self).is_break() {
                return None;
            }
        }
        Some(Outcome::Limit)
    }

    /// Returns the hart whose turn comes after that of another.
    fn next_hart(&mut self, last: usize) -> usize {
        let count = self.harts.len();
        let machine = self.world.choices.machine();
        let step = 1 + self.world.choices.choose(machine, Liberty::Pace, count as u64);
        (last + usize::try_from(step).unwrap_or(1)) % count
    }

    /// Returns the number of instructions of a hart's turn.
    fn turn_length(&mut self, index: usize) -> u64 {
        if !self.world.choices.takes(Liberty::Pace) || self.harts.len() == 1 {
            return TURN;
        }
        // 1 to 4,096 instructions, each order of magnitude as often.
        let magnitude = self.world.choices.choose(index, Liberty::Pace, 13);
        1 << magnitude
    }

    /// Runs a hart until a time, or until it waits.
    fn turn(&mut self, index: usize, until: u64) -> Option<Outcome> {
        let mut traps = 0;
        while self.world.now < until {
            let Self { harts, world, inspector, .. } = self;
            let hart = &mut harts[index];
            let evaluates = std::mem::take(&mut hart.evaluates);
            if let Some(number) = interrupt::pending(hart, world)
                && (evaluates || !world.choices.chance(index, Liberty::LateInterrupt, 1, 2))
            {
                // SDT implies that SIE is clear, so an interrupt is never a double trap.
                let _ = trap::enter_interrupt(hart, number);
            }
            hart.translations.prepare(block::context(hart), world.memory.generation());
            let wait = hart.view.buffer.deadline().saturating_sub(hart.retired).max(1);
            let before = hart.retired;
            let end = block::run(hart, world, until.min(world.now.saturating_add(wait)), inspector);
            if hart.retired != before {
                traps = 0;
            }
            hart.evaluates = matches!(end, End::Exit(Exit::Evaluate));
            match end {
                End::Done | End::Changed | End::Exit(Exit::Resync | Exit::Evaluate) => {}
                End::Exit(Exit::Trap(trap)) => {
                    world.now += 1;
                    traps += 1;
                    if traps == TRAPS {
                        return Some(Outcome::TrapLoop { hart: hart.id });
                    }
                    if let Some(outcome) = self.trap(index, trap) {
                        return Some(outcome);
                    }
                }
                End::Exit(Exit::Call) => {
                    if let Some(outcome) = sbi::call(self, index) {
                        return Some(outcome);
                    }
                }
                End::Exit(Exit::Wait) => self.harts[index].state = State::Waiting,
            }
            self.leave_due(index);
            if self.harts[index].state != State::Started {
                // A store reaches others in the end, even if its hart executes nothing more. One
                // with an interrupt pending goes on at once.
                let hart = &self.harts[index];
                if hart.state != State::Waiting || !interrupt::wakes(hart, &self.world) {
                    self.leave_all(index);
                }
                return None;
            }
        }
        None
    }

    /// Takes a trap.
    pub(super) fn trap(&mut self, index: usize, trap: Trap) -> Option<Outcome> {
        let Self { harts, world, .. } = self;
        let hart = &mut harts[index];
        let mut trap = trap;
        if trap.cause == Cause::IllegalInstruction && trap.value == 0 {
            trap.value = world.encoding(hart);
        }
        match trap::enter(hart, trap) {
            Entry::Taken => None,
            Entry::Double => sbi::double_trap(self, index),
        }
    }
}
