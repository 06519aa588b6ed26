//! One pass over all instructions.

use std::ops::Range;

use super::Event;
use super::branches::Branches;
use super::constants::Constants;
use crate::code::ground;
use crate::code::number::{extended, word};
use crate::decode::{ArithmeticName, ImmediateName, Instruction, Operation, Register, decode};
use crate::subject::{Stretch, Subject};
use crate::units::Address;

/// In an image that is linked below, any number may look like an address.
pub(super) const LOWEST: Address = Address(0x1000_0000);

/// The findings of a pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scanned {
    /// Bytes of code.
    pub bytes: u64,
    /// Instructions.
    pub instructions: u64,
}

/// Reads every instruction of the code of `subject`, once, and reports its faults.
pub fn scan(subject: &Subject<'_>, mut report: impl FnMut(Address, Event)) -> Scanned {
    let mut got: Vec<Range<u64>> = Vec::new();
    for section in subject.sections().iter().filter(|section| section.name.starts_with(".got")) {
        got.push(section.address.0..section.end().0);
    }
    let range = subject.link_range();
    let linked = if range.start < LOWEST { 0..0 } else { range.start.0..range.end.0 };
    let mut sweep =
        Sweep { linked, got, constants: Constants::NONE, branches: Branches::NONE, report: &mut report };
    let mut scanned = Scanned::default();
    for piece in ground::pieces(subject) {
        scanned.bytes += piece.bytes.len() as u64;
        scanned.instructions += sweep.piece(piece);
    }
    scanned
}

struct Sweep<'a, F> {
    linked: Range<u64>,
    got: Vec<Range<u64>>,
    constants: Constants,
    branches: Branches,
    report: &'a mut F,
}

impl<F: FnMut(Address, Event)> Sweep<'_, F> {
    fn piece(&mut self, piece: Stretch<'_>) -> u64 {
        self.constants.forget_all();
        self.branches.clear();
        let (mut rest, mut at, mut count) = (piece.bytes, piece.address.0, 0);
        while let Some(Instruction { operation, length }) = decode(rest) {
            if self.branches.may_arrive(at) {
                self.branches.arrive(at, &mut self.constants);
            }
            self.step(at, operation, rest);
            count += 1;
            at = at.wrapping_add(u64::from(length));
            rest = &rest[usize::from(length)..];
        }
        count
    }

    fn step(&mut self, at: u64, operation: Operation, bytes: &[u8]) {
        if let Some((base, offset)) = operation.access() {
            self.access(at, operation, base, i64::from(offset));
        }
        if operation.destination() == Some(Register::GP) && !restores(operation) {
            (self.report)(Address(at), Event::GpSet);
        }
        match operation {
            Operation::Lui { rd, value } => self.set_number(rd, extended(value)),
            Operation::Auipc { rd, offset } => {
                self.set_place(rd, at.wrapping_add_signed(i64::from(offset)));
            }
            Operation::Immediate { name, rd, source, immediate } => {
                self.immediate(at, name, rd, source, immediate);
            }
            Operation::Arithmetic { name, rd, left, right } => self.arithmetic(at, name, rd, left, right),
            Operation::Jump { rd, offset } => {
                if rd == Register::ZERO {
                    self.leave(at, Some(i64::from(offset)));
                } else {
                    self.constants.call();
                }
            }
            Operation::JumpRegister { rd, base, offset } => {
                self.absolute(at, base, i64::from(offset));
                if rd == Register::ZERO {
                    self.leave(at, None);
                } else {
                    self.constants.call();
                }
            }
            Operation::Branch { offset, .. } => self.branch(at, i64::from(offset)),
            // Compilers put `ebreak` where nothing goes on.
            Operation::Sret | Operation::Mret | Operation::Ebreak => self.leave(at, None),
            // The parcel of zeros is illegal for ever: it traps, and linkers pad with it.
            Operation::Unknown if bytes.starts_with(&[0, 0]) => self.leave(at, None),
            Operation::Unknown => {
                (self.report)(Address(at), Event::Unknown);
                self.constants.forget_all();
            }
            other => {
                for rd in [other.destination(), other.second_destination()].into_iter().flatten() {
                    self.constants.forget(rd);
                }
            }
        }
    }

    fn access(&mut self, at: u64, operation: Operation, base: Register, offset: i64) {
        if base == Register::GP {
            (self.report)(Address(at), Event::Gp);
        }
        self.absolute(at, base, offset);
        let target = self.constants.place(base).map(|place| place.wrapping_add_signed(offset));
        let entry = target.filter(|target| self.got.iter().any(|got| got.contains(target)));
        if let (Operation::Load { .. }, Some(entry)) = (operation, entry) {
            (self.report)(Address(at), Event::GotLoad(Address(entry)));
        }
    }

    /// A base that `lui` has made.
    fn absolute(&mut self, at: u64, base: Register, offset: i64) {
        let target = self.constants.number(base).map(|number| number.wrapping_add_signed(offset));
        if let Some(target) = target.filter(|target| self.linked.contains(target)) {
            (self.report)(Address(at), Event::AbsoluteUse(Address(target)));
        }
    }

    fn immediate(&mut self, at: u64, name: ImmediateName, rd: Register, source: Register, immediate: i16) {
        let immediate = i64::from(immediate);
        if source == Register::GP && rd != Register::GP && name == ImmediateName::Addi {
            (self.report)(Address(at), Event::Gp);
        }
        let number = self.constants.number(source).map(|number| number.wrapping_add_signed(immediate));
        let place = self.constants.place(source).map(|place| place.wrapping_add_signed(immediate));
        match (name, place, number) {
            (ImmediateName::Addi, Some(place), _) => self.set_place(rd, place),
            (ImmediateName::Addi, None, Some(number)) => {
                // With 0 into another register it is a copy.
                if self.linked.contains(&number) && (immediate != 0 || rd == source) {
                    (self.report)(Address(at), Event::Absolute(Address(number)));
                }
                self.set_number(rd, number);
            }
            // With `addiw` compilers make numbers of 32 bits, never addresses: it counts when it is
            // used as one.
            (ImmediateName::Addiw, None, Some(number)) => {
                self.set_number(rd, word(number));
            }
            _ => self.constants.forget(rd),
        }
    }

    fn arithmetic(&mut self, at: u64, name: ArithmeticName, rd: Register, left: Register, right: Register) {
        if name != ArithmeticName::Add {
            return self.constants.forget(rd);
        }
        if (left == Register::GP || right == Register::GP) && rd != Register::GP && left != Register::ZERO {
            (self.report)(Address(at), Event::Gp);
        }
        let moved =
            if left == Register::ZERO { Some(right) } else { (right == Register::ZERO).then_some(left) };
        let source = moved.map(|source| (self.constants.place(source), self.constants.number(source)));
        match source {
            Some((Some(place), _)) => self.set_place(rd, place),
            Some((None, Some(number))) => self.set_number(rd, number),
            _ => self.constants.forget(rd),
        }
    }

    /// A branch that may go on: what is known here is known where it leads.
    fn branch(&mut self, at: u64, offset: i64) {
        if offset > 0 && !self.constants.is_empty() {
            self.branches.add(at.wrapping_add_signed(offset), &self.constants);
        }
    }

    /// Nothing goes on behind this, but what a branch has led there.
    fn leave(&mut self, at: u64, offset: Option<i64>) {
        if let Some(offset) = offset {
            self.branch(at, offset);
        }
        self.constants.forget_all();
    }

    /// A register is followed only where its value lies so near to what is looked for that an
    /// instruction or two can lead there.
    fn set_place(&mut self, rd: Register, place: u64) {
        if self.got.iter().any(|got| is_near(got, place)) {
            self.constants.set_place(rd, place);
        } else {
            self.constants.forget(rd);
        }
    }

    fn set_number(&mut self, rd: Register, number: u64) {
        if is_near(&self.linked, number) {
            self.constants.set_number(rd, number);
        } else {
            self.constants.forget(rd);
        }
    }
}

/// Returns true if a few immediates of twelve bits lead from `value` into `range`.
fn is_near(range: &Range<u64>, value: u64) -> bool {
    const REACH: u64 = 8 << 10;
    !range.is_empty() && range.start.saturating_sub(REACH) <= value && value < range.end.saturating_add(REACH)
}

/// A return to a user loads gp from the stack, where it has been stored; that makes nothing of it.
fn restores(operation: Operation) -> bool {
    matches!(operation, Operation::Load { base: Register::SP, .. })
}
