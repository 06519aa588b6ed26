//! The fields of encodings.

use super::{Inst, Op};

/// Returns `width` bits of `bits`, from bit `low` up.
pub(super) const fn field(bits: u32, low: u32, width: u32) -> u32 {
    bits >> low & ((1 << width) - 1)
}

/// Returns a register's number, from bit `low` up.
pub(super) const fn register(bits: u32, low: u32) -> u8 {
    (bits >> low & 31) as u8
}

/// Returns the value whose sign is bit `sign` of `bits`.
pub(super) const fn extend(bits: u32, sign: u32) -> i32 {
    (bits << (31 - sign)).cast_signed() >> (31 - sign)
}

/// Returns an instruction with `rd`, `rs1` and a 12-bit immediate.
pub(super) const fn i_type(op: Op, bits: u32) -> Inst {
    Inst { rd: register(bits, 7), rs1: register(bits, 15), imm: bits.cast_signed() >> 20, ..Inst::new(op) }
}

/// Returns the immediate of a store.
pub(super) const fn store_offset(bits: u32) -> i32 {
    extend(field(bits, 25, 7) << 5 | field(bits, 7, 5), 11)
}
