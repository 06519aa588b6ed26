//! The functions that may run from given functions on, without following values. These are
//! functions that they call or jump to, or whose address they make. Functions are included too that
//! an object names whose address they make. The set has more than ever runs, never less. Code made
//! the address of each jump, or it is in a slot of an object whose address was made.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::scan::constants::Constants;
use super::{ground, objects};
use crate::decode::{ArithmeticName, ImmediateName, Instruction, Operation, Register, decode};
use crate::subject::{Stretch, Subject};
use crate::units::Address;

/// Functions by where they begin, and the function that leads there.
pub(super) type Reached = BTreeMap<u64, Option<u64>>;

/// The code of a file, cut where functions begin and data lies between.
pub(super) struct Functions<'a, 'data> {
    subject: &'a Subject<'data>,
    pieces: Vec<Stretch<'data>>,
}

/// The addresses that a function uses outside of itself.
#[derive(Clone, Debug, Default)]
struct Uses {
    /// Of what it calls or jumps to, or falls into.
    transfers: BTreeSet<u64>,
    /// Those that it makes, or reads from.
    made: BTreeSet<u64>,
}

impl<'a, 'data> Functions<'a, 'data> {
    pub(super) fn of(subject: &'a Subject<'data>) -> Self {
        Self { subject, pieces: ground::pieces(subject) }
    }

    /// Returns true if an instruction may be at `address`.
    pub(super) fn holds(&self, address: u64) -> bool {
        let index = self.pieces.partition_point(|piece| piece.address.0 <= address).checked_sub(1);
        let piece = index.and_then(|index| self.pieces.get(index));
        piece.is_some_and(|piece| address - piece.address.0 < piece.bytes.len() as u64)
    }

    /// Everything that may run from `roots` on; `stops` are not entered.
    pub(super) fn reach(&self, roots: &[u64], stops: &BTreeSet<u64>) -> Reached {
        let mut reached = Reached::new();
        let mut objects = BTreeSet::new();
        let mut open: Vec<(u64, Option<u64>)> = roots.iter().map(|&root| (root, None)).collect();
        while let Some((address, from)) = open.pop() {
            if stops.contains(&address) {
                continue;
            }
            if !self.holds(address) {
                let extent = objects::extent(self.subject, address);
                if !extent.is_empty() && objects.insert(extent.start) {
                    open.extend(self.named_by(&extent).into_iter().map(|named| (named, from)));
                }
                continue;
            }
            let function = objects::function(self.subject, address);
            let start = function.start;
            if !stops.contains(&start) && !reached.contains_key(&start) {
                reached.insert(start, from);
                let Uses { transfers, made } = self.uses(&function);
                // No called function begins at a border between parts.
                let made = made.into_iter().filter(|&made| !objects::is_border(self.subject, made));
                open.extend(transfers.into_iter().chain(made).map(|used| (used, Some(start))));
            }
        }
        reached
    }

    /// Returns the values of an object's slots.
    fn named_by(&self, object: &Range<u64>) -> Vec<u64> {
        let mut named = Vec::new();
        let mut at = object.start;
        while let Some(slot) = self.subject.slots().first_in(Address(at), object.end.saturating_sub(at)) {
            named.extend(self.subject.word(slot));
            at = slot.0.saturating_add(8);
        }
        named
    }

    fn uses(&self, function: &Range<u64>) -> Uses {
        let mut uses = Uses::default();
        let first = self.pieces.partition_point(|piece| piece.address.0 < function.start);
        let mut falls_to = None;
        for piece in self.pieces[first..].iter().take_while(|piece| piece.address.0 < function.end) {
            falls_to = uses.add(*piece, function.end);
        }
        // A function whose author says where it ends goes nowhere from there: behind a call that
        // never returns lies another function.
        let falls_to = falls_to.filter(|_| !objects::is_sized(self.subject, function.start));
        uses.transfers.extend(falls_to);
        uses.transfers.retain(|target| !function.contains(target));
        uses.made.retain(|made| !function.contains(made));
        uses
    }
}

impl Uses {
    /// Adds what a piece of code uses, and says where it goes on behind its end, if it does.
    fn add(&mut self, piece: Stretch<'_>, end: u64) -> Option<u64> {
        let mut constants = Constants::NONE;
        let (mut at, mut rest, mut falls) = (piece.address.0, piece.bytes, true);
        let offset = |place: u64, offset: i16| place.wrapping_add_signed(i64::from(offset));
        while let Some(Instruction { operation, length }) = decode(rest).filter(|_| at < end) {
            falls = true;
            match operation {
                Operation::Auipc { rd, offset } => {
                    constants.set_place(rd, at.wrapping_add_signed(i64::from(offset)));
                }
                Operation::Jump { rd, offset } => {
                    self.transfers.insert(at.wrapping_add_signed(i64::from(offset)));
                    falls = rd != Register::ZERO;
                    behind_jump(&mut constants, rd);
                }
                Operation::JumpRegister { rd, base, offset: immediate } => {
                    self.transfers.extend(constants.place(base).map(|place| offset(place, immediate)));
                    falls = rd != Register::ZERO;
                    behind_jump(&mut constants, rd);
                }
                Operation::Branch { offset: immediate, .. } => {
                    self.transfers.insert(offset(at, immediate));
                }
                Operation::Immediate { name: ImmediateName::Addi, rd, source, immediate } => {
                    self.made.extend(constants.place(source).map(|place| offset(place, immediate)));
                    constants.forget(rd);
                }
                Operation::Arithmetic { name: ArithmeticName::Add, rd, left: Register::ZERO, right } => {
                    match constants.place(right) {
                        Some(place) => constants.set_place(rd, place),
                        None => constants.forget(rd),
                    }
                }
                other => {
                    if let Some((base, immediate)) = other.access() {
                        self.made.extend(constants.place(base).map(|place| offset(place, immediate)));
                    }
                    for rd in [other.destination(), other.second_destination()].into_iter().flatten() {
                        constants.forget(rd);
                    }
                }
            }
            at = at.wrapping_add(u64::from(length));
            rest = &rest[usize::from(length)..];
        }
        falls.then_some(at)
    }
}

/// Applies a call, which preserves some registers. Code behind a jump may be reached by a branch
/// from before it, with all knowledge intact.
fn behind_jump(constants: &mut Constants, link: Register) {
    if link != Register::ZERO {
        constants.call();
    }
}
