//! Messages of the firmware between harts, and the order in which they and stores arrive.

use super::Machine;
use crate::liberty::Liberty;
use crate::memory::{Pending, Waiting};
use crate::message::Message;
use crate::sbi;

impl Machine {
    /// Sends a message to a hart. It arrives after the stores that `from` has put before device
    /// output (O). Other stores of `from` may arrive later: a call orders nothing (liberty
    /// `UnorderedCall`).
    pub(crate) fn send(&mut self, from: usize, to: usize, message: Message) {
        let hart = &mut self.harts[from];
        if !self.world.choices.each_time(Liberty::UnorderedCall) {
            self.world.drain(hart);
            let view = hart.view.read.max(hart.view.wrote);
            self.arrive(to, message, view);
            return;
        }
        let after = hart.view.output;
        let delay = self.world.choices.choose(from, Liberty::UnorderedCall, 64);
        hart.view.buffer.push(Waiting::Message { to, message, after }, hart.retired + delay);
        self.leave_due(from);
    }

    /// Sends a message, and returns when the other hart has acted on it. The stores of the other
    /// hart come before the return: no code of the caller could order them.
    pub(crate) fn send_and_wait(&mut self, from: usize, to: usize, message: Message) {
        let hart = &mut self.harts[from];
        if self.world.choices.each_time(Liberty::UnorderedCall) {
            let after = hart.view.output;
            hart.view.buffer.push(Waiting::Message { to, message, after }, hart.retired);
            self.leave_due(from);
        } else {
            self.world.drain(hart);
            let view = hart.view.read.max(hart.view.wrote);
            self.arrive(to, message, view);
        }
        let other = &mut self.harts[to];
        self.world.drain(other);
        let view = other.view.read.max(other.view.wrote);
        let bound = &mut self.harts[from].view.bound;
        *bound = (*bound).max(view);
    }

    /// Lets leave what waits in the hart's buffer and is due.
    pub(crate) fn leave_due(&mut self, from: usize) {
        let retired = self.harts[from].retired;
        while let Some(pending) = self.harts[from].view.buffer.take_due(retired) {
            self.leave(from, &pending);
        }
    }

    /// Lets leave what waited in the hart's buffer.
    pub(crate) fn leave(&mut self, from: usize, pending: &Pending) {
        match pending.waiting {
            Waiting::Message { to, message, after } => self.arrive(to, message, after),
            Waiting::Store(_) => self.world.leave(&mut self.harts[from], pending),
        }
    }

    /// Lets a message arrive: the other hart sees each store up to `view`.
    fn arrive(&mut self, to: usize, message: Message, view: u64) {
        let bound = &mut self.harts[to].view.bound;
        *bound = (*bound).max(view);
        sbi::deliver(self, to, message);
    }
}
