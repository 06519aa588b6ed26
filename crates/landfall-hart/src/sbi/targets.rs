//! Lists of harts, and the interrupts among them (IPI).

use crate::hart::State;
use crate::machine::{Machine, Message};

use super::{Call, Error, Reply};

/// The base of a mask that names all harts.
const ALL: u64 = u64::MAX;

pub(super) fn call(machine: &mut Machine, call: &Call) -> Reply {
    if call.function != 0 {
        return Reply::Return(Err(Error::NotSupported));
    }
    let [mask, base, ..] = call.arguments;
    let sent = named(machine, mask, base).map(|targets| interrupt(machine, call.caller, &targets));
    Reply::from(sent)
}

/// Interrupts the harts that run.
pub(super) fn interrupt(machine: &mut Machine, caller: usize, targets: &[usize]) {
    for &target in targets {
        if runs(machine, target) {
            machine.send(caller, target, Message::Interrupt);
        }
    }
}

/// Returns the indices of the harts that a mask names.
///
/// # Errors
/// Returns [`Error::InvalidParam`] if the machine has no such hart.
pub(super) fn named(machine: &Machine, mask: u64, base: u64) -> Result<Vec<usize>, Error> {
    if base == ALL {
        return Ok((0..machine.harts.len()).collect());
    }
    (0..64)
        .filter(|bit| mask >> bit & 1 != 0)
        .map(|bit| base.checked_add(bit).ok_or(Error::InvalidParam).and_then(|id| index(machine, id)))
        .collect()
}

/// Returns the index of the hart with this id.
///
/// # Errors
/// Returns [`Error::InvalidParam`] if the machine has no such hart.
pub(super) fn index(machine: &Machine, id: u64) -> Result<usize, Error> {
    machine.harts.iter().position(|hart| hart.id == id).ok_or(Error::InvalidParam)
}

/// Returns true if the supervisor's software runs on the hart, or waits there.
pub(super) fn runs(machine: &Machine, hart: usize) -> bool {
    matches!(machine.harts[hart].state, State::Started | State::Waiting | State::Suspended { .. })
}
