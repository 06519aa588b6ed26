//! Tests of the calls, on a machine with three harts.

mod calls;
mod events;
mod features;
mod remote;
mod states;

use crate::hart::testing::config;
use crate::liberty::Liberties;
use crate::machine::{Machine, Outcome};

use super::extension;

/// The numbers of errors.
const FAILED: i64 = -1;
const NOT_SUPPORTED: i64 = -2;
const INVALID_PARAM: i64 = -3;
const DENIED: i64 = -4;
const INVALID_ADDRESS: i64 = -5;
const ALREADY_AVAILABLE: i64 = -6;
const ALREADY_STARTED: i64 = -7;
const ALREADY_STOPPED: i64 = -8;
const INVALID_STATE: i64 = -10;
const BAD_RANGE: i64 = -11;
const DENIED_LOCKED: i64 = -14;

/// Returns a plain machine, whose first hart runs.
fn machine() -> Machine {
    Machine::new(config(1, Liberties::PLAIN))
}

/// Returns a plain machine, whose harts all run.
fn running() -> Machine {
    running_with(Liberties::PLAIN)
}

/// Returns a machine with these liberties, whose harts all run.
fn running_with(liberties: Liberties) -> Machine {
    let mut machine = Machine::new(config(1, liberties));
    for id in [7, 70] {
        assert_eq!(call(&mut machine, 0, extension::HSM, 0, &[id, crate::hart::testing::RAM, 0]), (0, 0));
    }
    for hart in &mut machine.harts {
        hart.start(crate::hart::testing::RAM, 0, &mut machine.world.choices);
    }
    machine
}

/// Calls the firmware, and returns what `a0` and `a1` hold then.
fn call(machine: &mut Machine, hart: usize, extension: u64, function: u64, arguments: &[u64]) -> (i64, u64) {
    assert_eq!(outcome(machine, hart, extension, function, arguments), None);
    let hart = &machine.harts[hart];
    (hart.x[10].cast_signed(), hart.x[11])
}

/// Calls the firmware, and returns how the machine ends.
fn outcome(
    machine: &mut Machine,
    hart: usize,
    extension: u64,
    function: u64,
    arguments: &[u64],
) -> Option<Outcome> {
    let x = &mut machine.harts[hart].x;
    x[10..16].fill(0xdead_0000_0000);
    x[10..10 + arguments.len()].copy_from_slice(arguments);
    (x[16], x[17]) = (function, extension);
    super::call(machine, hart)
}
