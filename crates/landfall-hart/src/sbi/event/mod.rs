//! Supervisor software events (SSE).

mod attributes;
mod handler;

use crate::hart::event::{DOUBLE_TRAP, Event, EventState, GLOBAL, LOCAL};
use crate::machine::{Machine, Message};

use super::{Call, Done, Error, Reply, targets};

pub(super) use handler::signal;
pub(crate) use handler::{deliver_pending, double_trap};

pub(super) fn call(machine: &mut Machine, call: &Call) -> Reply {
    let caller = call.caller;
    let number = call.word(0);
    match call.function {
        0 => attributes::read(machine, call).into(),
        1 => attributes::write(machine, call).into(),
        2 => register(machine, caller, number, call.arguments[1], call.arguments[2]).into(),
        3 => step(machine, caller, number, EventState::Registered, EventState::Unused).into(),
        4 => step(machine, caller, number, EventState::Registered, EventState::Enabled).into(),
        5 => step(machine, caller, number, EventState::Enabled, EventState::Registered).into(),
        6 => handler::complete(machine, caller),
        7 => inject(machine, caller, number, call.arguments[1]).into(),
        8 => mask(machine, caller, false, Error::AlreadyStarted).into(),
        9 => mask(machine, caller, true, Error::AlreadyStopped).into(),
        _ => Reply::Return(Err(Error::NotSupported)),
    }
}

/// Returns an event of a hart, or a global one.
///
/// # Errors
/// Returns [`Error::NotSupported`] for an event of the specification that the machine lacks, and
/// [`Error::InvalidParam`] for any other number.
fn find(machine: &mut Machine, hart: usize, number: u32) -> Result<&mut Event, Error> {
    // High and low priority RAS events, double traps, and PMU overflow.
    const STANDARD: [u32; 6] = [0, DOUBLE_TRAP, 0x8000, 0x1_0000, 0x10_0000, 0x10_8000];
    if number == GLOBAL {
        return Ok(&mut machine.global_event);
    }
    let local = &mut machine.harts[hart].events.local;
    local.iter_mut().find(|event| event.number == number).ok_or(if STANDARD.contains(&number) {
        Error::NotSupported
    } else {
        Error::InvalidParam
    })
}

fn register(machine: &mut Machine, caller: usize, number: u32, entry: u64, argument: u64) -> Done {
    let event = find(machine, caller, number)?;
    if entry & 1 != 0 {
        return Err(Error::InvalidParam);
    }
    if event.state != EventState::Unused {
        return Err(Error::InvalidState);
    }
    (event.entry, event.argument) = (entry, argument);
    event.state = EventState::Registered;
    Ok(())
}

/// Moves an event from one state to another.
fn step(machine: &mut Machine, caller: usize, number: u32, from: EventState, to: EventState) -> Done {
    let event = find(machine, caller, number)?;
    if event.state != from {
        return Err(Error::InvalidState);
    }
    event.state = to;
    if to == EventState::Unused {
        event.pending = false;
    }
    Ok(())
}

/// Sets or clears the mask of the calling hart, or returns `already` if that changes nothing.
fn mask(machine: &mut Machine, caller: usize, masked: bool, already: Error) -> Done {
    let events = &mut machine.harts[caller].events;
    if events.masked == masked {
        return Err(already);
    }
    events.masked = masked;
    Ok(())
}

fn inject(machine: &mut Machine, caller: usize, number: u32, id: u64) -> Done {
    find(machine, caller, number)?;
    let target = match number {
        GLOBAL => route(machine).unwrap_or(caller),
        LOCAL => targets::index(machine, id)?,
        // Only the hart itself signals a double trap.
        _ => return Err(Error::Failed),
    };
    if target == caller {
        // `call` delivers it, after the registers have the result.
        handler::mark(machine, caller, number);
    } else {
        machine.send(caller, target, Message::Event { number });
    }
    Ok(())
}

/// Returns the hart that takes the global event: the preferred one, or the first that can.
fn route(machine: &Machine) -> Option<usize> {
    let ready = |&hart: &usize| targets::runs(machine, hart) && !machine.harts[hart].events.masked;
    let preferred = targets::index(machine, machine.global_event.hart).ok().filter(ready);
    preferred.or_else(|| (0..machine.harts.len()).find(ready))
}
