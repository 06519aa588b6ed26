//! The integer registers.

use super::value::Value;
use crate::code::number::{extended, word};
use crate::decode::{ArithmeticName, ImmediateName, Operation, Register};

/// The values of all integer registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State([Value; 32]);

/// Registers that a called function leaves as they are (psABI, "Integer Register Convention").
const PRESERVED: [usize; 15] = [2, 3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27];

impl State {
    /// Nothing is known but 0.
    pub(super) const fn unknown() -> Self {
        let mut values = [Value::Unknown; 32];
        values[0] = Value::Number(0);
        Self(values)
    }

    pub(super) const fn get(&self, register: Register) -> Value {
        self.0[register.number()]
    }

    pub(super) fn set(&mut self, register: Register, value: Value) {
        if register != Register::ZERO {
            self.0[register.number()] = value;
        }
    }

    /// After a call that has returned.
    pub(super) fn after_call(&self) -> Self {
        let mut after = Self::unknown();
        for register in PRESERVED {
            after.0[register] = self.0[register];
        }
        after
    }

    /// Either.
    pub(super) fn join(&self, other: &Self, is_clean: impl Fn(u64) -> bool) -> Self {
        let mut joined = *self;
        for (value, other) in joined.0.iter_mut().zip(other.0) {
            *value = value.join(other, &is_clean);
        }
        joined
    }

    /// Applies `operation`, at `at`, to the registers. The walk handles jumps and memory.
    pub(super) fn step(&mut self, at: u64, operation: Operation) {
        let value = match operation {
            Operation::Lui { value, .. } => Value::Number(extended(value)),
            Operation::Auipc { offset, .. } => Value::Upper(at.wrapping_add_signed(i64::from(offset))),
            Operation::Immediate { name, source, immediate, .. } => {
                immediately(name, self.get(source), extended(immediate))
            }
            Operation::Arithmetic { name, left, right, .. } => {
                arithmetic(name, self.get(left), self.get(right))
            }
            _ => Value::Unknown,
        };
        if let Some(rd) = operation.destination() {
            self.set(rd, value);
        }
        if let Some(rd) = operation.second_destination() {
            self.set(rd, Value::Unknown);
        }
    }
}

fn immediately(name: ImmediateName, source: Value, immediate: u64) -> Value {
    let shift = immediate & 63;
    match (name, source) {
        // Also with 0: it completes an address.
        (ImmediateName::Addi, Value::Upper(upper)) => Value::made(upper.wrapping_add(immediate)),
        (ImmediateName::Addi, Value::UpperPlus(upper)) => Value::Within(upper.wrapping_add(immediate)),
        (ImmediateName::Addi, source) => source.add(Value::Number(immediate)),
        (ImmediateName::Andi, source) => source.and(immediate),
        (ImmediateName::Addiw, Value::Number(number)) => Value::Number(word(number.wrapping_add(immediate))),
        (ImmediateName::Slli, Value::Number(number)) => Value::Number(number << shift),
        (ImmediateName::Srli, Value::Number(number)) => Value::Number(number >> shift),
        (ImmediateName::Ori, Value::Number(number)) => Value::Number(number | immediate),
        (ImmediateName::Xori, Value::Number(number)) => Value::Number(number ^ immediate),
        _ => Value::Unknown,
    }
}

fn arithmetic(name: ArithmeticName, left: Value, right: Value) -> Value {
    match (name, left, right) {
        (ArithmeticName::Add, ..) => left.add(right),
        // An index into what `right` leads to.
        (ArithmeticName::Sh1add, Value::Number(index), _) => right.add(Value::Number(index << 1)),
        (ArithmeticName::Sh2add, Value::Number(index), _) => right.add(Value::Number(index << 2)),
        (ArithmeticName::Sh3add, Value::Number(index), _) => right.add(Value::Number(index << 3)),
        (
            ArithmeticName::Sh1add
            | ArithmeticName::Sh2add
            | ArithmeticName::Sh3add
            | ArithmeticName::AddUw
            | ArithmeticName::Sh1addUw
            | ArithmeticName::Sh2addUw
            | ArithmeticName::Sh3addUw,
            ..,
        ) => Value::Unknown.add(right),
        (ArithmeticName::Sub, ..) => left.subtract(right),
        (ArithmeticName::And, value, Value::Number(mask))
        | (ArithmeticName::And, Value::Number(mask), value) => value.and(mask),
        (ArithmeticName::Or, Value::Number(a), Value::Number(b)) => Value::Number(a | b),
        _ => Value::Unknown,
    }
}
