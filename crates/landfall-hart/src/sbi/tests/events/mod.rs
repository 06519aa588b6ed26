//! Supervisor software events (SSE).

mod attributes;
mod delivery;
mod states;

use super::*;
use crate::hart::event::{DOUBLE_TRAP, GLOBAL, LOCAL};
use crate::hart::testing::RAM;

const READ: u64 = 0;
const WRITE: u64 = 1;
const REGISTER: u64 = 2;
const UNREGISTER: u64 = 3;
const ENABLE: u64 = 4;
const DISABLE: u64 = 5;
const COMPLETE: u64 = 6;
const INJECT: u64 = 7;
const UNMASK: u64 = 8;
const MASK: u64 = 9;

const HANDLER: u64 = 0x8024_0000;

fn sse(machine: &mut Machine, hart: usize, function: u64, arguments: &[u64]) -> i64 {
    call(machine, hart, extension::SSE, function, arguments).0
}

/// Registers and enables an event, and lets the hart take events.
fn listen(machine: &mut Machine, hart: usize, number: u32, handler: u64) {
    let number = u64::from(number);
    assert_eq!(sse(machine, hart, REGISTER, &[number, handler, 0xa7]), 0);
    assert_eq!(sse(machine, hart, ENABLE, &[number]), 0);
    sse(machine, hart, UNMASK, &[]);
}

/// Reads an attribute.
fn attribute(machine: &mut Machine, hart: usize, number: u32, attribute: u64) -> u64 {
    assert_eq!(sse(machine, hart, READ, &[u64::from(number), attribute, 1, RAM + 64, 0]), 0);
    let mut bytes = [0; 8];
    machine.world.memory.read(RAM + 64, &mut bytes).expect("RAM");
    u64::from_le_bytes(bytes)
}

/// Writes an attribute.
fn write(machine: &mut Machine, hart: usize, number: u32, attribute: u64, value: u64) -> i64 {
    machine.world.memory.write(RAM + 128, &value.to_le_bytes()).expect("RAM");
    sse(machine, hart, WRITE, &[u64::from(number), attribute, 1, RAM + 128, 0])
}
