//! The timer extension.

use crate::machine::Machine;

use super::{Call, Error, Reply};

pub(super) fn call(machine: &mut Machine, call: &Call) -> Reply {
    if call.function != 0 {
        return Reply::Return(Err(Error::NotSupported));
    }
    set(machine, call.caller, call.arguments[0]);
    Reply::Return(Ok(0))
}

/// Sets the time of a hart's timer. STIP follows from it; with Sstc, it is `stimecmp`.
pub(super) fn set(machine: &mut Machine, hart: usize, time: u64) {
    machine.harts[hart].csrs.timer = time;
}
