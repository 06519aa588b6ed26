//! What may run from given functions on, without following values: every function whose address they use, or that an object names whose address
//! they use. More than ever runs, never less: an address that is jumped to was made by code, or is in a slot of an object whose address was made.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::objects;
use super::scan::constants::Constants;
use crate::decode::{ArithmeticName, ImmediateName, Instruction, Operation, Register, decode};
use crate::subject::{Stretch, Subject};
use crate::units::Address;

/// Functions by where they begin, and the way that leads there: the function that named it.
pub(super) type Reached = BTreeMap<u64, Option<u64>>;

/// Everything that may run from `roots` on; `stops` are not entered.
pub(super) fn reach(subject: &Subject<'_>, roots: &[u64], stops: &BTreeSet<u64>) -> Reached {
    let code = subject.code();
    let mut reached = Reached::new();
    let mut objects = BTreeSet::new();
    let mut open: Vec<(u64, Option<u64>)> = roots.iter().map(|&root| (root, None)).collect();
    while let Some((address, from)) = open.pop() {
        if stops.contains(&address) {
            continue;
        }
        if holds(&code, address) {
            let function = objects::function(subject, address);
            if !reached.contains_key(&function.start) {
                reached.insert(function.start, from);
                let start = function.start;
                open.extend(uses(&code, &function).into_iter().map(|used| (used, Some(start))));
            }
        } else if subject.link_range().contains(&Address(address)) {
            let extent = objects::extent(subject, address);
            if !extent.is_empty() && objects.insert(extent.start) {
                let mut at = extent.start;
                while let Some(slot) = subject.slots().first_in(Address(at), extent.end.saturating_sub(at)) {
                    open.extend(subject.word(slot).map(|value| (value, from)));
                    at = slot.0.saturating_add(8);
                }
            }
        }
    }
    reached
}

/// Whether an instruction may be at `address`.
pub(super) fn holds(code: &[Stretch<'_>], address: u64) -> bool {
    bytes(code, address).is_some()
}

fn bytes<'data>(code: &[Stretch<'data>], address: u64) -> Option<&'data [u8]> {
    let index = code.partition_point(|stretch| stretch.address.0 <= address).checked_sub(1)?;
    let stretch = &code[index];
    let rest = stretch.bytes.get(usize::try_from(address - stretch.address.0).ok()?..)?;
    (!rest.is_empty()).then_some(rest)
}

/// All addresses that a function uses: of what it calls, jumps to, loads and stores, and those that it makes. What follows it, where it may fall through.
pub(super) fn uses(code: &[Stretch<'_>], function: &Range<u64>) -> BTreeSet<u64> {
    let mut used = BTreeSet::new();
    let mut constants = Constants::NONE;
    let mut at = function.start;
    let mut falls = false;
    while at < function.end {
        let Some(Instruction { operation, length }) = bytes(code, at).and_then(decode) else { return used };
        falls = true;
        match operation {
            Operation::Auipc { rd, offset } => {
                constants.set_place(rd, at.wrapping_add_signed(i64::from(offset)))
            }
            Operation::Jump { rd, offset } => {
                used.insert(at.wrapping_add_signed(i64::from(offset)));
                falls = rd != Register::ZERO;
            }
            Operation::JumpRegister { rd, base, offset } => {
                used.extend(constants.place(base).map(|place| place.wrapping_add_signed(i64::from(offset))));
                falls = rd != Register::ZERO;
            }
            Operation::Branch { offset, .. } => {
                used.insert(at.wrapping_add_signed(i64::from(offset)));
            }
            Operation::Immediate { name: ImmediateName::Addi, rd, source, immediate } => {
                let made =
                    constants.place(source).map(|place| place.wrapping_add_signed(i64::from(immediate)));
                used.extend(made);
                constants.forget(rd);
            }
            Operation::Arithmetic { name: ArithmeticName::Add, rd, left: Register::ZERO, right } => {
                match constants.place(right) {
                    Some(place) => constants.set_place(rd, place),
                    None => constants.forget(rd),
                }
            }
            other => {
                if let Some((base, offset)) = other.access() {
                    used.extend(
                        constants.place(base).map(|place| place.wrapping_add_signed(i64::from(offset))),
                    );
                }
                if let Some(rd) = other.destination() {
                    constants.forget(rd);
                }
            }
        }
        at = at.wrapping_add(u64::from(length));
    }
    if falls {
        used.insert(function.end);
    }
    used.retain(|used| !function.contains(used));
    used
}
