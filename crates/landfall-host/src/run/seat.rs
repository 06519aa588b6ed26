//! The user's seat at the machine: whether a user is there, and gets the keyboard.

use std::process::ChildStdin;
use std::time::Instant;

use super::RunError;
use crate::console_output::ConsoleOutput;
use crate::output;
use crate::qemu::{Audience, ByLine, Generation, Last, Watch};
use crate::request::{BootRequest, Keys};
use crate::terminal::{self, Keyboard};

/// An audience that may become a user at a keyboard.
pub(crate) trait Seat: Audience {
    /// From now on a user is at `keyboard`.
    fn attend(&mut self, keyboard: Keyboard) {
        drop(keyboard);
    }
}

impl<F: FnMut(&str)> Seat for ByLine<F> {}

impl Seat for ConsoleOutput<'_> {
    fn attend(&mut self, keyboard: Keyboard) {
        Self::attend(self, keyboard);
    }
}

/// The presence of a user at the machine's keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attended {
    /// A user is, and ends the run.
    Yes,
    /// No user is there.
    No,
}

impl Attended {
    pub(super) fn now(request: &BootRequest) -> Self {
        if request.keyboard == Keys::User && terminal::is_attended() { Self::Yes } else { Self::No }
    }

    /// Gives the user the machine's keyboard, if there is a user.
    pub(crate) fn take(self, keys: Option<ChildStdin>, seat: &mut dyn Seat) -> Result<(), RunError> {
        if let (Self::Yes, Some(keys)) = (self, keys) {
            output::note("note: keys go to the kernel; Ctrl-C ends the machine");
            seat.attend(Keyboard::attach(keys).map_err(|source| RunError::Terminal { source })?);
        }
        Ok(())
    }

    /// Returns the time limit of the watch.
    pub(super) fn watch(self, request: &BootRequest, until: Instant) -> Watch {
        let until = (self == Self::No).then_some(until);
        let generation = if request.then.is_some() { Generation::Next } else { Generation::First };
        Watch { last: Last::Final, until, text: request.until.clone(), generation }
    }
}
