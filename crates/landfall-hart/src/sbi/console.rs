//! The debug console (DBCN).

use crate::machine::Machine;

use super::memory::{self, Use};
use super::{Call, Error, Reply};

/// The longest part of a write that one call takes. It may take less than all.
const MOST: u64 = 1 << 16;

pub(super) fn call(machine: &mut Machine, call: &Call) -> Reply {
    match call.function {
        0 => write(machine, call).into(),
        1 => read(machine, call).into(),
        2 => {
            put(machine, call.byte(0));
            Reply::Return(Ok(0))
        }
        _ => Reply::Return(Err(Error::NotSupported)),
    }
}

/// Prints a byte.
pub(super) fn put(machine: &mut Machine, byte: u8) {
    machine.world.devices.output.push(byte);
}

/// Returns the next byte that has come.
pub(super) fn get(machine: &mut Machine) -> Option<u8> {
    machine.world.devices.take_input()
}

/// Prints bytes of the caller's memory, and returns their number.
fn write(machine: &mut Machine, call: &Call) -> Result<u64, Error> {
    let Range { address, len } = Range::of(machine, call, Use::Read)?;
    let mut bytes = vec![0; len.min(MOST) as usize];
    memory::read(machine, call.caller, address, &mut bytes).ok_or(Error::Failed)?;
    machine.world.devices.output.extend_from_slice(&bytes);
    Ok(bytes.len() as u64)
}

/// Reads the bytes that have come into the caller's memory, and returns their number.
fn read(machine: &mut Machine, call: &Call) -> Result<u64, Error> {
    let Range { address, len } = Range::of(machine, call, Use::Write)?;
    let bytes: Vec<u8> = (0..len).map_while(|_| get(machine)).collect();
    memory::write(machine, call.caller, address, &bytes).ok_or(Error::Failed)?;
    Ok(bytes.len() as u64)
}

/// A range that the caller may access.
struct Range {
    address: u64,
    len: u64,
}

impl Range {
    /// Returns the range in the arguments of a call. Its address is in two of them.
    fn of(machine: &Machine, call: &Call, purpose: Use) -> Result<Self, Error> {
        let [len, address, high, ..] = call.arguments;
        let accessible = high == 0 && memory::is_accessible(&machine.world.config, address, len, purpose);
        if accessible { Ok(Self { address, len }) } else { Err(Error::InvalidParam) }
    }
}
