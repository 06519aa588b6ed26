//! Instructions of 16 bits, as what they stand for (unprivileged, "RVC Instruction Set Listings").
//!
//! Hints decode as written: they change no register. Reserved encodings are unknown. Zcb and Zcmop
//! belong to C. The encodings of Zcmp and Zcmt are loads and stores of D here, since a kernel with
//! D cannot have them.

use super::float::FloatFormat;
use super::operation::{ArithmeticName, Condition, ImmediateName, LoadName, Operation, StoreName};
use super::register::{FloatRegister, Register};
use super::word;

/// Bits `from` and up of `parcel`, `count` of them, moved to bit `to`.
const fn bits(parcel: u16, from: u32, count: u32, to: u32) -> i16 {
    i16::from_ne_bytes(((parcel >> from & ((1 << count) - 1)) << to).to_ne_bytes())
}

/// The same with the sign that bit 12 of most formats is.
const fn sign(parcel: u16, to: u32) -> i16 {
    -(bits(parcel, 12, 1, 0) << to)
}

const fn wide(parcel: u16) -> Register {
    Register::new((parcel >> 7) as u32)
}

const fn second(parcel: u16) -> Register {
    Register::new((parcel >> 2) as u32)
}

pub(super) fn decode(parcel: u16) -> Operation {
    let found = match (parcel & 3, parcel >> 13) {
        (0, function) => quadrant_0(parcel, function),
        (1, function) => quadrant_1(parcel, function),
        (_, function) => quadrant_2(parcel, function),
    };
    found.unwrap_or(Operation::Unknown)
}

const fn immediate(name: ImmediateName, rd: Register, source: Register, immediate: i16) -> Operation {
    Operation::Immediate { name, rd, source, immediate }
}

/// Loads and stores by three-bit registers, and `c.addi4spn`.
fn quadrant_0(parcel: u16, function: u16) -> Option<Operation> {
    let register = Register::short(parcel >> 2);
    let float = FloatRegister::short(parcel >> 2);
    let base = Register::short(parcel >> 7);
    let word = bits(parcel, 10, 3, 3) | bits(parcel, 6, 1, 2) | bits(parcel, 5, 1, 6);
    let double = bits(parcel, 10, 3, 3) | bits(parcel, 5, 2, 6);
    Some(match function {
        0 => {
            let offset = bits(parcel, 11, 2, 4)
                | bits(parcel, 7, 4, 6)
                | bits(parcel, 6, 1, 2)
                | bits(parcel, 5, 1, 3);
            // 0 is reserved; the parcel of zeros among them is illegal for ever.
            return (offset != 0).then_some(immediate(ImmediateName::Addi, register, Register::SP, offset));
        }
        1 => Operation::FloatLoad { format: FloatFormat::Double, rd: float, base, offset: double },
        2 => Operation::Load { name: LoadName::Lw, rd: register, base, offset: word },
        3 => Operation::Load { name: LoadName::Ld, rd: register, base, offset: double },
        4 => return short_access(parcel, register, base),
        5 => Operation::FloatStore { format: FloatFormat::Double, source: float, base, offset: double },
        6 => Operation::Store { name: StoreName::Sw, source: register, base, offset: word },
        7 => Operation::Store { name: StoreName::Sd, source: register, base, offset: double },
        _ => return None,
    })
}

/// Loads and stores of bytes and halves: Zcb.
fn short_access(parcel: u16, register: Register, base: Register) -> Option<Operation> {
    let byte = bits(parcel, 6, 1, 0) | bits(parcel, 5, 1, 1);
    let half = bits(parcel, 5, 1, 1);
    let load = |name, offset| Operation::Load { name, rd: register, base, offset };
    let store = |name, offset| Operation::Store { name, source: register, base, offset };
    Some(match (parcel >> 10 & 7, parcel >> 6 & 1) {
        (0, _) => load(LoadName::Lbu, byte),
        (1, 0) => load(LoadName::Lhu, half),
        (1, _) => load(LoadName::Lh, half),
        (2, _) => store(StoreName::Sb, byte),
        (3, 0) => store(StoreName::Sh, half),
        _ => return None,
    })
}

/// Arithmetic with immediates, jumps and branches.
fn quadrant_1(parcel: u16, function: u16) -> Option<Operation> {
    let rd = wide(parcel);
    let six = sign(parcel, 5) | bits(parcel, 2, 5, 0);
    Some(match function {
        0 => immediate(ImmediateName::Addi, rd, rd, six),
        1 if rd == Register::ZERO => return None,
        1 => immediate(ImmediateName::Addiw, rd, rd, six),
        2 => immediate(ImmediateName::Addi, rd, Register::ZERO, six),
        3 if six == 0 => return may_be_operation(parcel),
        3 if rd == Register::SP => {
            let offset = sign(parcel, 9)
                | bits(parcel, 3, 2, 7)
                | bits(parcel, 5, 1, 6)
                | bits(parcel, 2, 1, 5)
                | bits(parcel, 6, 1, 4);
            immediate(ImmediateName::Addi, rd, rd, offset)
        }
        3 => Operation::Lui { rd, value: i32::from(six) << 12 },
        4 => return arithmetic(parcel),
        5 => {
            let offset = sign(parcel, 11)
                | bits(parcel, 8, 1, 10)
                | bits(parcel, 9, 2, 8)
                | bits(parcel, 6, 1, 7)
                | bits(parcel, 7, 1, 6)
                | bits(parcel, 2, 1, 5)
                | bits(parcel, 11, 1, 4)
                | bits(parcel, 3, 3, 1);
            Operation::Jump { rd: Register::ZERO, offset: i32::from(offset) }
        }
        _ => Operation::Branch {
            name: if function == 6 { Condition::Eq } else { Condition::Ne },
            left: Register::short(parcel >> 7),
            right: Register::ZERO,
            offset: sign(parcel, 8)
                | bits(parcel, 5, 2, 6)
                | bits(parcel, 2, 1, 5)
                | bits(parcel, 10, 2, 3)
                | bits(parcel, 3, 2, 1),
        },
    })
}

/// Decodes function 4 of quadrant 1: shifts, `andi`, and two registers.
fn arithmetic(parcel: u16) -> Option<Operation> {
    use ArithmeticName as Name;
    let rd = Register::short(parcel >> 7);
    let shift = bits(parcel, 12, 1, 5) | bits(parcel, 2, 5, 0);
    let name = match (parcel >> 10 & 3, parcel >> 12 & 1, parcel >> 5 & 3) {
        (0, ..) => return Some(immediate(ImmediateName::Srli, rd, rd, shift)),
        (1, ..) => return Some(immediate(ImmediateName::Srai, rd, rd, shift)),
        (2, ..) => {
            return Some(immediate(ImmediateName::Andi, rd, rd, sign(parcel, 5) | bits(parcel, 2, 5, 0)));
        }
        (_, 0, 0) => Name::Sub,
        (_, 0, 1) => Name::Xor,
        (_, 0, 2) => Name::Or,
        (_, 0, _) => Name::And,
        (_, _, 0) => Name::Subw,
        (_, _, 1) => Name::Addw,
        (_, _, 2) => Name::Mul,
        (_, _, _) => return unary(parcel, rd),
    };
    Some(Operation::Arithmetic { name, rd, left: rd, right: Register::short(parcel >> 2) })
}

/// Extensions of a number's sign or zeros, and `c.not`: Zcb.
fn unary(parcel: u16, rd: Register) -> Option<Operation> {
    // The same on `zero`, of 32 bits.
    let long = match parcel >> 2 & 7 {
        0 => return Some(immediate(ImmediateName::Andi, rd, rd, 0xff)),
        1 => 0x6040_1013, // sext.b
        2 => 0x0800_403b, // zext.h
        3 => 0x6050_1013, // sext.h
        4 => 0x0800_003b, // zext.w
        5 => return Some(immediate(ImmediateName::Xori, rd, rd, -1)),
        _ => return None,
    };
    let register = u32::from(parcel >> 7 & 7) + 8;
    Some(word::decode(long | register << 15 | register << 7))
}

/// Operations that may be defined later and write no register: Zcmop, and Zicfiss in it. They are
/// printed as `mop.rr` on `zero`.
fn may_be_operation(parcel: u16) -> Option<Operation> {
    (parcel & 0x0880 == 0x0080).then(|| word::decode(0x8200_4073))
}

/// Loads and stores by the stack pointer, `c.slli`, and moves and jumps between all registers.
fn quadrant_2(parcel: u16, function: u16) -> Option<Operation> {
    let rd = wide(parcel);
    let other = second(parcel);
    let base = Register::SP;
    let load_word = bits(parcel, 12, 1, 5) | bits(parcel, 4, 3, 2) | bits(parcel, 2, 2, 6);
    let load_double = bits(parcel, 12, 1, 5) | bits(parcel, 5, 2, 3) | bits(parcel, 2, 3, 6);
    let store_word = bits(parcel, 9, 4, 2) | bits(parcel, 7, 2, 6);
    let store_double = bits(parcel, 10, 3, 3) | bits(parcel, 7, 3, 6);
    Some(match function {
        0 => immediate(ImmediateName::Slli, rd, rd, bits(parcel, 12, 1, 5) | bits(parcel, 2, 5, 0)),
        1 => Operation::FloatLoad {
            format: FloatFormat::Double,
            rd: FloatRegister::new(u32::from(parcel >> 7)),
            base,
            offset: load_double,
        },
        2 | 3 if rd == Register::ZERO => return None,
        2 => Operation::Load { name: LoadName::Lw, rd, base, offset: load_word },
        3 => Operation::Load { name: LoadName::Ld, rd, base, offset: load_double },
        4 => return registers(parcel),
        5 => Operation::FloatStore {
            format: FloatFormat::Double,
            source: FloatRegister::new(u32::from(parcel >> 2)),
            base,
            offset: store_double,
        },
        6 => Operation::Store { name: StoreName::Sw, source: other, base, offset: store_word },
        _ => Operation::Store { name: StoreName::Sd, source: other, base, offset: store_double },
    })
}

/// Decodes function 4 of quadrant 2: `c.jr`, `c.mv`, `c.ebreak`, `c.jalr`, `c.add`.
fn registers(parcel: u16) -> Option<Operation> {
    let rd = wide(parcel);
    let other = second(parcel);
    let add = |left| Operation::Arithmetic { name: ArithmeticName::Add, rd, left, right: other };
    match (parcel >> 12 & 1, rd == Register::ZERO, other == Register::ZERO) {
        (0, true, true) => None,
        (0, false, true) => Some(Operation::JumpRegister { rd: Register::ZERO, base: rd, offset: 0 }),
        (0, _, false) => Some(add(Register::ZERO)),
        (_, true, true) => Some(Operation::Ebreak),
        (_, false, true) => Some(Operation::JumpRegister { rd: Register::RA, base: rd, offset: 0 }),
        (_, _, false) => Some(add(rd)),
    }
}
