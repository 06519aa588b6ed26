//! The harts that can run: those that wait, and the events that wake them.

use super::Machine;
use super::block;
use crate::hart::{State, interrupt};
use crate::liberty::Liberty;
use crate::sbi;

impl Machine {
    /// Returns a hart that can run now.
    pub(super) fn runnable(&self) -> Option<usize> {
        self.harts.iter().position(|hart| match hart.state {
            State::Started => true,
            State::StartPending { at, .. } => at <= self.world.now,
            State::Waiting | State::Suspended { .. } => interrupt::wakes(hart, &self.world),
            State::Stopped => false,
        })
    }

    /// Moves time to the next event that lets a hart run; returns false without such an event.
    pub(super) fn skip_to_event(&mut self, end: u64) -> bool {
        for index in 0..self.harts.len() {
            self.leave_all(index);
        }
        if self.runnable().is_some() {
            return true;
        }
        let next = self.harts.iter().filter_map(|hart| match hart.state {
            State::StartPending { at, .. } => Some(at),
            State::Waiting | State::Suspended { .. } => interrupt::next_timer(hart)
                .map(|tick| interrupt::instructions_until(&self.world.config, tick)),
            State::Started | State::Stopped => None,
        });
        match next.min() {
            Some(at) if at < end => {
                self.world.now = self.world.now.max(at);
                true
            }
            _ => false,
        }
    }

    /// Makes a hart ready for its turn; returns false if it cannot run.
    pub(super) fn wake(&mut self, index: usize) -> bool {
        let Self { harts, world, .. } = self;
        let hart = &mut harts[index];
        match hart.state {
            State::Started => true,
            State::Stopped => false,
            State::StartPending { at, entry, opaque } => {
                if at > world.now {
                    return false;
                }
                block::begin(hart, world, entry, opaque);
                true
            }
            State::Waiting => {
                let woken = interrupt::wakes(hart, world) || world.choices.chance(index, Liberty::Wfi, 1, 16);
                if woken {
                    hart.state = State::Started;
                }
                woken
            }
            State::Suspended { resume } => {
                let woken = interrupt::wakes(hart, world);
                match resume {
                    None if woken => hart.state = State::Started,
                    Some((entry, opaque)) if woken => {
                        block::begin(hart, world, entry, opaque);
                        // Events of the suspended hart waited for something to interrupt.
                        sbi::deliver_pending(self, index);
                    }
                    _ => {}
                }
                woken
            }
        }
    }

    /// Lets all leave that waits in a hart's buffer.
    pub(super) fn leave_all(&mut self, index: usize) {
        while let Some(pending) = self.harts[index].view.buffer.take_first() {
            self.leave(index, &pending);
        }
    }
}
