//! Fences on other harts (RFENCE).

use crate::machine::{Machine, Message};

use super::{Call, Error, Reply, targets};

/// The widest ASID.
const LAST_ASID: u64 = 0xffff;

pub(super) fn call(machine: &mut Machine, call: &Call) -> Reply {
    let [mask, base, start, size, asid, ..] = call.arguments;
    let message = match call.function {
        0 => Ok(Some(Message::FenceInstructions)),
        1 => translations(start, size, None),
        2 => translations(start, size, Some(asid)),
        // The fences of the hypervisor extension, which no hart has, and unknown functions.
        _ => Err(Error::NotSupported),
    };
    let sent = message.and_then(|message| {
        let targets = targets::named(machine, mask, base)?;
        if let Some(message) = message {
            send(machine, call.caller, &targets, message);
        }
        Ok(())
    });
    Reply::from(sent)
}

/// Makes all harts of a list that run execute a fence.
pub(super) fn send(machine: &mut Machine, caller: usize, targets: &[usize], message: Message) {
    for &target in targets {
        if targets::runs(machine, target) {
            machine.send_and_wait(caller, target, message);
        }
    }
}

/// Returns the message for a range of addresses, or `None` if the range is empty.
pub(super) fn translations(start: u64, size: u64, asid: Option<u64>) -> Result<Option<Message>, Error> {
    if asid.is_some_and(|asid| asid > LAST_ASID) {
        return Err(Error::InvalidParam);
    }
    let range = match (start, size) {
        (0, 0) | (_, u64::MAX) => None,
        (_, 0) => return Ok(None),
        // The last address counts: a range may end with the address space.
        _ if start.checked_add(size - 1).is_none() => return Err(Error::InvalidAddress),
        _ => Some((start, size)),
    };
    Ok(Some(Message::FenceTranslations { range, asid }))
}
