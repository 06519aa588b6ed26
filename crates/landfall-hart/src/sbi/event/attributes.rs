//! The attributes of software events.

use crate::hart::event::{DOUBLE_TRAP, Event, EventState, GLOBAL};
use crate::machine::Machine;

use super::super::memory::{self, Use};
use super::super::{Call, Done, Error, targets};
use super::find;
use super::handler::{flag, runs};

/// Numbers of attributes.
mod attribute {
    pub(super) const STATUS: u64 = 0;
    pub(super) const PRIORITY: u64 = 1;
    pub(super) const CONFIG: u64 = 2;
    pub(super) const PREFERRED_HART: u64 = 3;
    pub(super) const ENTRY_PC: u64 = 4;
    pub(super) const ENTRY_ARGUMENT: u64 = 5;
    pub(super) const INTERRUPTED_SEPC: u64 = 6;
    pub(super) const INTERRUPTED_FLAGS: u64 = 7;
    pub(super) const INTERRUPTED_A6: u64 = 8;
    pub(super) const INTERRUPTED_A7: u64 = 9;
    /// The number of attributes.
    pub(super) const COUNT: u64 = 10;
}

/// The bit of STATUS for an event that is pending.
const PENDING: u64 = 1 << 2;
/// The bit of STATUS for an event that software can inject.
const INJECTABLE: u64 = 1 << 3;

/// Writes attributes of an event into the caller's memory.
pub(super) fn read(machine: &mut Machine, call: &Call) -> Done {
    let range = range(machine, call, Use::Write)?;
    let event = *find(machine, call.caller, range.number)?;
    for (at, attribute) in (range.first..range.first + range.count).enumerate() {
        let bytes = get(&event, attribute).to_le_bytes();
        let address = range.address + 8 * at as u64;
        memory::write(machine, call.caller, address, &bytes).ok_or(Error::InvalidAddress)?;
    }
    Ok(())
}

/// Sets attributes of an event to what the caller's memory holds: all of them or none.
pub(super) fn write(machine: &mut Machine, call: &Call) -> Done {
    let range = range(machine, call, Use::Read)?;
    let caller = call.caller;
    let mut event = *find(machine, caller, range.number)?;
    for (at, attribute) in (range.first..range.first + range.count).enumerate() {
        let mut bytes = [0; 8];
        let address = range.address + 8 * at as u64;
        memory::read(machine, caller, address, &mut bytes).ok_or(Error::InvalidAddress)?;
        set(machine, caller, &mut event, attribute, u64::from_le_bytes(bytes))?;
    }
    *find(machine, caller, range.number)? = event;
    Ok(())
}

/// The attributes that a call names, and the memory for them.
struct Range {
    /// The event's number.
    number: u32,
    /// The first attribute.
    first: u64,
    /// The number of attributes.
    count: u64,
    /// The physical address of the first one's value.
    ///
    /// The specification counts the offsets of values from attribute 0, and the size of the memory
    /// from the first attribute. Firmware and kernels do the latter for both.
    address: u64,
}

/// Returns the range of a call.
fn range(machine: &mut Machine, call: &Call, purpose: Use) -> Result<Range, Error> {
    let [_, _, _, low, high, _] = call.arguments;
    let number = call.word(0);
    let [first, count] = [1, 2].map(|argument| u64::from(call.word(argument)));
    find(machine, call.caller, number)?;
    if count == 0 {
        return Err(Error::InvalidParam);
    }
    if first + count > attribute::COUNT {
        return Err(Error::BadRange);
    }
    let accessible = memory::is_accessible(&machine.world.config, low, 8 * count, purpose);
    if high != 0 || low % 8 != 0 || !accessible {
        return Err(Error::InvalidAddress);
    }
    Ok(Range { number, first, count, address: low })
}

/// Returns an attribute.
fn get(event: &Event, attribute: u64) -> u64 {
    match attribute {
        attribute::STATUS => {
            let pending = if event.pending { PENDING } else { 0 };
            let injectable = if event.number == DOUBLE_TRAP { 0 } else { INJECTABLE };
            event.state as u64 | pending | injectable
        }
        attribute::PRIORITY => event.priority,
        attribute::CONFIG => u64::from(event.one_shot),
        attribute::PREFERRED_HART => event.hart,
        attribute::ENTRY_PC => event.entry,
        attribute::ENTRY_ARGUMENT => event.argument,
        attribute::INTERRUPTED_SEPC => event.interrupted.sepc,
        attribute::INTERRUPTED_FLAGS => event.interrupted.flags,
        attribute::INTERRUPTED_A6 => event.interrupted.a6,
        attribute::INTERRUPTED_A7 => event.interrupted.a7,
        _ => unreachable!("`range` has checked the attributes"),
    }
}

/// Sets an attribute.
fn set(machine: &Machine, caller: usize, event: &mut Event, attribute: u64, value: u64) -> Done {
    let idle = matches!(event.state, EventState::Unused | EventState::Registered);
    let global = event.number == GLOBAL;
    match attribute {
        attribute::STATUS | attribute::ENTRY_PC | attribute::ENTRY_ARGUMENT => return Err(Error::Denied),
        attribute::PREFERRED_HART if !global => return Err(Error::Denied),
        attribute::PRIORITY | attribute::CONFIG | attribute::PREFERRED_HART if !idle => {
            return Err(Error::InvalidState);
        }
        attribute::PRIORITY if u32::try_from(value).is_ok() => event.priority = value,
        attribute::CONFIG if value <= 1 => event.one_shot = value == 1,
        attribute::PREFERRED_HART => {
            targets::index(machine, value)?;
            event.hart = value;
        }
        attribute::PRIORITY | attribute::CONFIG => return Err(Error::InvalidParam),
        _ if !runs(event, caller) => return Err(Error::InvalidState),
        attribute::INTERRUPTED_SEPC => event.interrupted.sepc = value & !1,
        attribute::INTERRUPTED_FLAGS => {
            let double_trap = machine.world.config.extensions.ssdbltrp;
            let known = flag::SPP | flag::SPIE | if double_trap { flag::SDT } else { 0 };
            if value & !known != 0 {
                return Err(Error::InvalidParam);
            }
            event.interrupted.flags = value;
        }
        attribute::INTERRUPTED_A6 => event.interrupted.a6 = value,
        attribute::INTERRUPTED_A7 => event.interrupted.a7 = value,
        _ => unreachable!("`range` has checked the attributes"),
    }
    Ok(())
}
