//! The effect of one instruction on the walk.

use super::{Comes, Next, Walk};
use crate::code::early::roots::{self, Satp};
use crate::code::early::state::State;
use crate::code::early::value::Value;
use crate::code::objects;
use crate::decode::{CsrName, CsrSource, LoadName, Operation, Register};
use crate::finding::Code;
use crate::units::Address;

/// The CSR that says where traps lead.
const STVEC: u16 = 0x105;

impl Walk<'_, '_> {
    pub(super) fn step(
        &mut self,
        at: u64,
        operation: Operation,
        state: &mut State,
        open: &mut Vec<(u64, State)>,
    ) -> Next {
        match operation {
            Operation::Branch { offset, .. } => {
                open.push((at.wrapping_add_signed(i64::from(offset)), *state));
                Next::GoOn
            }
            Operation::Jump { rd: Register::ZERO, offset } => {
                open.push((at.wrapping_add_signed(i64::from(offset)), *state));
                Next::End
            }
            Operation::Jump { rd, offset } => {
                self.called(at, at.wrapping_add_signed(i64::from(offset)), rd, state)
            }
            Operation::JumpRegister { rd, base, offset } => self.jump(at, rd, base, offset, state, open),
            Operation::Sret | Operation::Mret => {
                let found = format!("`{}` goes to an address in a CSR", operation.at(at));
                self.fault(Code::EarlyIndirectJump, at, None, found);
                Next::End
            }
            Operation::Ebreak => Next::End,
            _ if self.satp == Satp::Ends && roots::turns_translation_on(operation) => Next::End,
            Operation::Unknown if self.bytes(at).is_some_and(|bytes| bytes.starts_with(&[0, 0])) => Next::End,
            Operation::Unknown => {
                self.fault(Code::EarlyUndecided, at, None, "this is no instruction that is known".to_owned());
                Next::End
            }
            _ => {
                self.straight(at, operation, state);
                Next::GoOn
            }
        }
    }

    /// An instruction behind which the next one follows.
    fn straight(&mut self, at: u64, operation: Operation, state: &mut State) {
        let mut loaded = None;
        if let Some((base, offset)) = operation.access() {
            loaded = self.access(at, operation, state.get(base), offset);
        }
        if let (Operation::Csr { csr: STVEC, .. }, Some(Value::Place { at: handler, .. })) =
            (operation, csr_source(operation).map(|source| state.get(source)))
        {
            let mut chain = self.calls.clone();
            chain.push(Address(at));
            // The low two bits are the mode (privileged, "stvec").
            self.handlers.push((handler & !3, chain));
        }
        let before = *state;
        state.step(at, operation);
        // SBI answers in both (SBI, "Binary Encoding").
        if operation == Operation::Ecall {
            state.set(Register::A0, Value::Unknown);
            state.set(Register::new(11), Value::Unknown);
        }
        let Some(rd) = operation.destination() else { return };
        if let (Operation::Load { name: LoadName::Ld, .. }, Some(object)) = (operation, loaded) {
            state.set(rd, Value::Loaded(object));
        }
        match operation {
            Operation::Immediate { source, .. } if before.get(source).is_half() => {
                self.made(at, operation, state.get(rd));
            }
            _ => {}
        }
    }

    /// An address of an object has just been made.
    fn made(&mut self, at: u64, operation: Operation, value: Value) {
        let (Value::Place { object, .. } | Value::Within(object)) = value else { return };
        if objects::is_border(self.subject, object) {
            return;
        }
        if let Some(slot) = objects::slot(self.subject, self.slots, object) {
            let found = format!(
                "`{}` takes the address of {}, which holds a slot at {}",
                operation.at(at),
                self.name(object),
                self.name(slot.0)
            );
            self.fault(Code::EarlySlotAddress, at, Some(object), found);
        }
    }

    /// A memory access by `base`. Answers with the object whose slots it may have read.
    fn access(&mut self, at: u64, operation: Operation, base: Value, offset: i16) -> Option<u64> {
        let offset = i64::from(offset);
        let width = operation.access_width().map(u64::from);
        let range = self.subject.link_range();
        let (object, start, size) = match base {
            Value::Upper(upper) => {
                let target = upper.wrapping_add_signed(offset);
                width.map_or_else(|| self.whole(target), |width| (target, target, width))
            }
            Value::Place { at, object } => {
                let target = at.wrapping_add_signed(offset);
                width.map_or_else(|| self.whole(object), |width| (object, target, width))
            }
            Value::Within(object) => self.whole(object),
            Value::UpperPlus(upper) => self.whole(upper.wrapping_add_signed(offset)),
            Value::Somewhere => {
                let found = format!("`{}` goes anywhere in the image", operation.at(at));
                self.fault(Code::EarlyUnknownAddress, at, None, found);
                return None;
            }
            // The target of a pointer from a slot is as wrong as the pointer, which was reported.
            Value::Loaded(object) => return Some(object),
            Value::Unknown | Value::Number(_) | Value::Return => return None,
        };
        if !range.contains(&Address(start)) {
            let found =
                format!("`{}` goes by the distance of the image from where it is linked", operation.at(at));
            self.fault(Code::EarlyUnknownAddress, at, None, found);
            return None;
        }
        let slot = self.slots.first_in(Address(start), size)?;
        let reads = if Some(size) == width { "reaches" } else { "may reach" };
        let found = format!("`{}` {reads} the slot at {}", operation.at(at), self.name(slot.0));
        self.fault(Code::EarlySlotRead, at, Some(object), found);
        Some(object)
    }

    /// The object at `object`, as an access may reach any byte of it: by an index, or as a vector.
    fn whole(&self, object: u64) -> (u64, u64, u64) {
        let extent = objects::extent(self.subject, object);
        (object, extent.start, extent.end - extent.start)
    }

    /// A call. `rd` gets where it returns to.
    fn called(&mut self, at: u64, target: u64, rd: Register, state: &mut State) -> Next {
        let mut entry = *state;
        entry.set(rd, Value::Return);
        self.calls.push(Address(at));
        let comes = self.call(target, &entry);
        self.calls.pop();
        if comes == Comes::Never {
            return Next::End;
        }
        *state = state.after_call();
        Next::GoOn
    }

    fn jump(
        &mut self,
        at: u64,
        rd: Register,
        base: Register,
        offset: i16,
        state: &mut State,
        open: &mut Vec<(u64, State)>,
    ) -> Next {
        let value = state.get(base);
        let (Value::Upper(place) | Value::Place { at: place, .. } | Value::Number(place)) = value else {
            if rd == Register::ZERO && (value == Value::Return || base == Register::RA) {
                return Next::Return;
            }
            return self.unknown_jump(at, Operation::JumpRegister { rd, base, offset }, value, state);
        };
        let target = place.wrapping_add_signed(i64::from(offset)) & !1;
        if rd == Register::ZERO {
            open.push((target, *state));
            return Next::End;
        }
        self.called(at, target, rd, state)
    }

    /// A jump by a register of which nothing is known.
    fn unknown_jump(&mut self, at: u64, operation: Operation, value: Value, state: &mut State) -> Next {
        let text = operation.at(at);
        if let Value::Loaded(object) = value {
            let found = format!("`{text}` jumps by an address in {}", self.name(object));
            self.fault(Code::EarlyTableJump, at, Some(object), found);
        } else {
            let found = format!("`{text}` jumps by a register whose value is not known");
            self.fault(Code::EarlyIndirectJump, at, None, found);
        }
        if operation.destination() == Some(Register::ZERO) {
            return Next::End;
        }
        *state = state.after_call();
        Next::GoOn
    }
}

/// The register that a CSR is written with.
fn csr_source(operation: Operation) -> Option<Register> {
    match operation {
        Operation::Csr { name: CsrName::Write, source: CsrSource::Register(source), .. } => Some(source),
        _ => None,
    }
}
