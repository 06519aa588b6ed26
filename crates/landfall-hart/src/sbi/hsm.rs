//! Hart state management (HSM).

use crate::hart::State;
use crate::hart::event::Events;
use crate::hart::feature::Features;
use crate::machine::{Machine, Message};

use super::{Call, Done, Error, Reply, memory, targets};

pub(super) fn call(machine: &mut Machine, call: &Call) -> Reply {
    let [first, second, third, ..] = call.arguments;
    match call.function {
        0 => start(machine, call.caller, first, second, third).into(),
        1 => {
            stop(machine, call.caller);
            Reply::Silent
        }
        2 => status(machine, first).into(),
        3 => suspend(machine, call).into(),
        _ => Reply::Return(Err(Error::NotSupported)),
    }
}

/// Starts a stopped hart.
fn start(machine: &mut Machine, caller: usize, id: u64, entry: u64, opaque: u64) -> Done {
    let target = targets::index(machine, id)?;
    if machine.harts[target].state != State::Stopped {
        return Err(Error::AlreadyAvailable);
    }
    if !memory::is_executable(&machine.world.config, entry) {
        return Err(Error::InvalidAddress);
    }
    // Until the message arrives, the hart does not begin.
    machine.harts[target].state = State::StartPending { at: u64::MAX, entry, opaque };
    machine.send(caller, target, Message::Start { entry, opaque });
    Ok(())
}

/// Stops the calling hart. Its events and features are those of a reset hart afterwards.
fn stop(machine: &mut Machine, caller: usize) {
    let Machine { harts, world, .. } = machine;
    let hart = &mut harts[caller];
    hart.state = State::Stopped;
    hart.events = Events::new(hart.id, &world.config);
    hart.features = Features::reset(&world.config);
}

/// Returns the state of a hart, as HSM encodes it.
fn status(machine: &Machine, id: u64) -> Result<u64, Error> {
    let state = match machine.harts[targets::index(machine, id)?].state {
        State::Started | State::Waiting => 0,
        State::Stopped => 1,
        State::StartPending { .. } => 2,
        State::Suspended { .. } => 4,
    };
    Ok(state)
}

/// Suspends the calling hart until an interrupt comes. A suspend that keeps no registers has an
/// address and `opaque`.
fn suspend(machine: &mut Machine, call: &Call) -> Done {
    const RETENTIVE: u32 = 0;
    const NON_RETENTIVE: u32 = 0x8000_0000;
    let [_, entry, opaque, ..] = call.arguments;
    let resume = match call.word(0) {
        RETENTIVE => None,
        NON_RETENTIVE if memory::is_executable(&machine.world.config, entry) => Some((entry, opaque)),
        NON_RETENTIVE => return Err(Error::InvalidAddress),
        _ => return Err(Error::InvalidParam),
    };
    machine.harts[call.caller].state = State::Suspended { resume };
    Ok(())
}
