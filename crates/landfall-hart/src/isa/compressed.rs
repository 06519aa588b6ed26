//! Instructions of 16 bits, as the instructions that they stand for.

use super::fields::{extend, field, register};
use super::{Inst, Op};

const SP: u8 = 2;

/// Decodes an instruction of 16 bits. The length of the result is not set.
pub(super) fn decode(bits: u32) -> Option<Inst> {
    match bits & 3 {
        0 => quadrant0(bits),
        1 => quadrant1(bits),
        _ => quadrant2(bits),
    }
}

/// Returns the number of one of the registers x8 to x15, from bit `low` up.
const fn short(bits: u32, low: u32) -> u8 {
    (bits >> low & 7) as u8 + 8
}

/// Returns the bits of `bits` in the order of `places`: `(from, width, to)`.
fn gather(bits: u32, places: &[(u32, u32, u32)]) -> u32 {
    places.iter().fold(0, |sum, &(from, width, to)| sum | field(bits, from, width) << to)
}

const fn load(op: Op, rd: u8, rs1: u8, offset: u32) -> Inst {
    Inst { rd, rs1, imm: offset.cast_signed(), ..Inst::new(op) }
}

const fn store(op: Op, rs1: u8, rs2: u8, offset: u32) -> Inst {
    Inst { rs1, rs2, imm: offset.cast_signed(), ..Inst::new(op) }
}

/// Returns a load or store of a floating-point register.
fn float(op: Op, register: u8, rs1: u8, offset: u32) -> Inst {
    Inst { rs1, imm: (offset << 5 | u32::from(register)).cast_signed(), ..Inst::new(op) }
}

const fn immediate(op: Op, rd: u8, rs1: u8, imm: i32) -> Inst {
    Inst { rd, rs1, imm, ..Inst::new(op) }
}

const fn registers(op: Op, rd: u8, rs1: u8, rs2: u8) -> Inst {
    Inst { rd, rs1, rs2, ..Inst::new(op) }
}

fn quadrant0(bits: u32) -> Option<Inst> {
    let (low, base) = (short(bits, 2), short(bits, 7));
    let word = gather(bits, &[(6, 1, 2), (10, 3, 3), (5, 1, 6)]);
    let double = gather(bits, &[(10, 3, 3), (5, 2, 6)]);
    let inst = match field(bits, 13, 3) {
        0 => {
            let amount = gather(bits, &[(6, 1, 2), (5, 1, 3), (11, 2, 4), (7, 4, 6)]);
            if amount == 0 {
                return None;
            }
            immediate(Op::Addi, low, SP, amount.cast_signed())
        }
        1 => float(Op::Fld, low, base, double),
        2 => load(Op::Lw, low, base, word),
        3 => load(Op::Ld, low, base, double),
        5 => float(Op::Fsd, low, base, double),
        6 => store(Op::Sw, base, low, word),
        7 => store(Op::Sd, base, low, double),
        _ => return None,
    };
    Some(inst)
}

fn quadrant1(bits: u32) -> Option<Inst> {
    let rd = register(bits, 7);
    let small = extend(gather(bits, &[(2, 5, 0), (12, 1, 5)]), 5);
    let inst = match field(bits, 13, 3) {
        0 => immediate(Op::Addi, rd, rd, small),
        1 if rd != 0 => immediate(Op::Addiw, rd, rd, small),
        2 => immediate(Op::Addi, rd, 0, small),
        3 if small == 0 => return None,
        3 if rd == SP => {
            let places = [(6, 1, 4), (2, 1, 5), (5, 1, 6), (3, 2, 7), (12, 1, 9)];
            immediate(Op::Addi, SP, SP, extend(gather(bits, &places), 9))
        }
        3 => Inst { rd, imm: small << 12, ..Inst::new(Op::Lui) },
        4 => arithmetic(bits, small)?,
        5 => {
            let places =
                [(3, 3, 1), (11, 1, 4), (2, 1, 5), (7, 1, 6), (6, 1, 7), (9, 2, 8), (8, 1, 10), (12, 1, 11)];
            Inst { imm: extend(gather(bits, &places), 11), ..Inst::new(Op::Jal) }
        }
        6 => branch(Op::Beq, bits),
        7 => branch(Op::Bne, bits),
        _ => return None,
    };
    Some(inst)
}

fn branch(op: Op, bits: u32) -> Inst {
    let places = [(3, 2, 1), (10, 2, 3), (2, 1, 5), (5, 2, 6), (12, 1, 8)];
    Inst { rs1: short(bits, 7), imm: extend(gather(bits, &places), 8), ..Inst::new(op) }
}

fn arithmetic(bits: u32, small: i32) -> Option<Inst> {
    let (rd, rs2) = (short(bits, 7), short(bits, 2));
    let op = match (field(bits, 10, 2), field(bits, 12, 1), field(bits, 5, 2)) {
        (0, ..) => return Some(immediate(Op::Srli, rd, rd, small & 63)),
        (1, ..) => return Some(immediate(Op::Srai, rd, rd, small & 63)),
        (2, ..) => return Some(immediate(Op::Andi, rd, rd, small)),
        (_, 0, 0) => Op::Sub,
        (_, 0, 1) => Op::Xor,
        (_, 0, 2) => Op::Or,
        (_, 0, _) => Op::And,
        (_, _, 0) => Op::Subw,
        (_, _, 1) => Op::Addw,
        _ => return None,
    };
    Some(registers(op, rd, rd, rs2))
}

fn quadrant2(bits: u32) -> Option<Inst> {
    let (rd, rs2) = (register(bits, 7), register(bits, 2));
    let load_double = gather(bits, &[(5, 2, 3), (12, 1, 5), (2, 3, 6)]);
    let store_double = gather(bits, &[(10, 3, 3), (7, 3, 6)]);
    let inst = match field(bits, 13, 3) {
        0 => immediate(Op::Slli, rd, rd, gather(bits, &[(2, 5, 0), (12, 1, 5)]).cast_signed()),
        1 => float(Op::Fld, rd, SP, load_double),
        2 if rd != 0 => load(Op::Lw, rd, SP, gather(bits, &[(4, 3, 2), (12, 1, 5), (2, 2, 6)])),
        3 if rd != 0 => load(Op::Ld, rd, SP, load_double),
        4 => match (field(bits, 12, 1), rd, rs2) {
            (0, 0, 0) => return None,
            (0, _, 0) => immediate(Op::Jalr, 0, rd, 0),
            (0, ..) => registers(Op::Add, rd, 0, rs2),
            (_, 0, 0) => Inst::new(Op::Ebreak),
            (_, _, 0) => immediate(Op::Jalr, 1, rd, 0),
            _ => registers(Op::Add, rd, rd, rs2),
        },
        5 => float(Op::Fsd, rs2, SP, store_double),
        6 => store(Op::Sw, SP, rs2, gather(bits, &[(9, 4, 2), (7, 2, 6)])),
        7 => store(Op::Sd, SP, rs2, store_double),
        _ => return None,
    };
    Some(inst)
}
