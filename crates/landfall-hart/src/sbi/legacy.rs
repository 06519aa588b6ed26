//! The legacy extensions. Each is one function that returns a value in `a0` alone.

use crate::hart::trap::{self, Entry, Trap};
use crate::machine::{Machine, Message, Outcome};

use super::{Call, Error, Reply, console, fence, targets, timer};

/// The number of the last one.
pub(super) const LAST: u64 = 8;

/// The length of `ecall` in bytes.
const ECALL: u64 = 4;

/// The reason for which a legacy function fails.
enum Stop {
    /// An error of the SBI.
    Error(Error),
    /// The caller's list of harts cannot be loaded.
    Trap(Trap),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

pub(super) fn call(machine: &mut Machine, call: &Call) -> Reply {
    let result = match call.extension {
        8 => return Reply::End(Outcome::Shutdown { failed: false }),
        2 => return Reply::Legacy(console::get(machine).map_or(u64::MAX, u64::from)),
        3 => {
            let pending = &mut machine.harts[call.caller].csrs.software_interrupt;
            return Reply::Legacy(u64::from(std::mem::take(pending)));
        }
        0 => {
            timer::set(machine, call.caller, call.arguments[0]);
            Ok(())
        }
        1 => {
            console::put(machine, call.byte(0));
            Ok(())
        }
        4..=7 => remote(machine, call),
        _ => Err(Stop::Error(Error::NotSupported)),
    };
    match result {
        Ok(()) => Reply::Legacy(0),
        Err(Stop::Error(error)) => Reply::Legacy((error as i64).cast_unsigned()),
        Err(Stop::Trap(trap)) => redirect(machine, call.caller, trap),
    }
}

/// Interrupts other harts, or makes them execute fences.
fn remote(machine: &mut Machine, call: &Call) -> Result<(), Stop> {
    let [list, start, size, asid, ..] = call.arguments;
    let targets = listed(machine, call.caller, list)?;
    let message = match call.extension {
        4 => {
            targets::interrupt(machine, call.caller, &targets);
            return Ok(());
        }
        5 => Some(Message::FenceInstructions),
        6 => fence::translations(start, size, None)?,
        _ => fence::translations(start, size, Some(asid))?,
    };
    if let Some(message) = message {
        fence::send(machine, call.caller, &targets, message);
    }
    Ok(())
}

/// Returns the harts of a bit vector at a virtual address, or all harts for address 0.
fn listed(machine: &mut Machine, caller: usize, address: u64) -> Result<Vec<usize>, Stop> {
    let mut targets = Vec::new();
    if address == 0 {
        targets.extend(0..machine.harts.len());
        return Ok(targets);
    }
    let words = machine.harts.len().div_ceil(64) as u64;
    for word in 0..words {
        let Machine { harts, world, .. } = machine;
        let mask = world.load(&mut harts[caller], address.wrapping_add(8 * word), 8).map_err(Stop::Trap)?;
        targets.extend(targets::named(machine, mask, 64 * word)?);
    }
    Ok(targets)
}

/// Gives the trap of an access for the caller to the caller, at its `ecall`.
fn redirect(machine: &mut Machine, caller: usize, trap: Trap) -> Reply {
    let hart = &mut machine.harts[caller];
    hart.pc = hart.pc.wrapping_sub(ECALL);
    match trap::enter(hart, trap) {
        Entry::Taken => Reply::Silent,
        Entry::Double => Reply::End(Outcome::DoubleTrap { hart: hart.id }),
    }
}
