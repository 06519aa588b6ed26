//! The base extension: versions, probes, and the ids of the part.

use crate::config::{Config, Start};
use crate::hart::implementation::Part;
use crate::machine::Machine;

use super::{Call, Error, Reply, extension, legacy};

/// Version 3.0 of the SBI.
const VERSION: u64 = 3 << 24;

/// The id of this implementation of the SBI, "LF". The specification assigns 0 to 11.
const IMPLEMENTATION: u64 = 0x4c46;

/// The version of this implementation.
const IMPLEMENTATION_VERSION: u64 = 1;

pub(super) fn call(machine: &Machine, call: &Call) -> Reply {
    let [vendor, architecture, implementation] = ids(machine.harts[call.caller].implementation.part);
    let value = match call.function {
        0 => VERSION,
        1 => IMPLEMENTATION,
        2 => IMPLEMENTATION_VERSION,
        3 => u64::from(has(&machine.world.config, call.arguments[0])),
        4 => vendor,
        5 => architecture,
        6 => implementation,
        _ => return Reply::Return(Err(Error::NotSupported)),
    };
    Reply::Return(Ok(value))
}

/// Returns true if the firmware has an extension.
fn has(config: &Config, number: u64) -> bool {
    let is_absent = number == extension::HSM && config.start == Start::Together;
    number <= legacy::LAST || extension::ALL.contains(&number) && !is_absent
}

/// Returns `mvendorid`, `marchid` and `mimpid` of a part, by which kernels find its errata.
const fn ids(part: Part) -> [u64; 3] {
    match part {
        Part::Generic => [0, 0, 0],
        Part::C910 => [0x5b7, 0, 0],
        Part::Cip1200 => [0x489, 0x8000_0000_0000_0007, 0x2018_1004],
    }
}
