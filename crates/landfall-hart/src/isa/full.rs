//! Instructions of 32 bits.

use super::fields::{extend, field, i_type, register, store_offset};
use super::{Inst, Op, float, system};

/// Decodes an instruction of 32 bits.
pub(super) fn decode(bits: u32) -> Option<Inst> {
    let inst = match field(bits, 2, 5) {
        0b00000 => load(bits)?,
        0b00011 => system::miscellaneous(bits)?,
        0b00100 => immediate(bits)?,
        0b00101 => upper(Op::Auipc, bits),
        0b00110 => immediate_word(bits)?,
        0b01000 => store(bits)?,
        0b01011 => atomic(bits)?,
        0b01100 => registers(bits)?,
        0b01101 => upper(Op::Lui, bits),
        0b01110 => registers_word(bits)?,
        0b11000 => branch(bits)?,
        0b11001 if field(bits, 12, 3) == 0 => i_type(Op::Jalr, bits),
        0b11011 => jump(bits),
        0b11100 => system::decode(bits)?,
        _ => float::decode(bits)?,
    };
    Some(inst)
}

/// Returns an instruction with `rd`, `rs1` and `rs2`.
const fn r_type(op: Op, bits: u32) -> Inst {
    Inst { rd: register(bits, 7), rs1: register(bits, 15), rs2: register(bits, 20), ..Inst::new(op) }
}

const fn upper(op: Op, bits: u32) -> Inst {
    Inst { rd: register(bits, 7), imm: (bits & 0xffff_f000).cast_signed(), ..Inst::new(op) }
}

fn load(bits: u32) -> Option<Inst> {
    let op = match field(bits, 12, 3) {
        0 => Op::Lb,
        1 => Op::Lh,
        2 => Op::Lw,
        3 => Op::Ld,
        4 => Op::Lbu,
        5 => Op::Lhu,
        6 => Op::Lwu,
        _ => return None,
    };
    Some(i_type(op, bits))
}

fn store(bits: u32) -> Option<Inst> {
    let op = match field(bits, 12, 3) {
        0 => Op::Sb,
        1 => Op::Sh,
        2 => Op::Sw,
        3 => Op::Sd,
        _ => return None,
    };
    let (rs1, rs2) = (register(bits, 15), register(bits, 20));
    Some(Inst { rs1, rs2, imm: store_offset(bits), ..Inst::new(op) })
}

fn branch(bits: u32) -> Option<Inst> {
    let op = match field(bits, 12, 3) {
        0 => Op::Beq,
        1 => Op::Bne,
        4 => Op::Blt,
        5 => Op::Bge,
        6 => Op::Bltu,
        7 => Op::Bgeu,
        _ => return None,
    };
    let offset =
        field(bits, 31, 1) << 12 | field(bits, 7, 1) << 11 | field(bits, 25, 6) << 5 | field(bits, 8, 4) << 1;
    let (rs1, rs2) = (register(bits, 15), register(bits, 20));
    Some(Inst { rs1, rs2, imm: extend(offset, 12), ..Inst::new(op) })
}

fn jump(bits: u32) -> Inst {
    let offset = field(bits, 31, 1) << 20
        | field(bits, 12, 8) << 12
        | field(bits, 20, 1) << 11
        | field(bits, 21, 10) << 1;
    Inst { rd: register(bits, 7), imm: extend(offset, 20), ..Inst::new(Op::Jal) }
}

fn immediate(bits: u32) -> Option<Inst> {
    let (op, amount) = match (field(bits, 12, 3), field(bits, 26, 6)) {
        (0, _) => (Op::Addi, false),
        (2, _) => (Op::Slti, false),
        (3, _) => (Op::Sltiu, false),
        (4, _) => (Op::Xori, false),
        (6, _) => (Op::Ori, false),
        (7, _) => (Op::Andi, false),
        (1, 0) => (Op::Slli, true),
        (5, 0) => (Op::Srli, true),
        (5, 0b01_0000) => (Op::Srai, true),
        _ => return None,
    };
    let inst = i_type(op, bits);
    Some(if amount { Inst { imm: inst.imm & 63, ..inst } } else { inst })
}

fn immediate_word(bits: u32) -> Option<Inst> {
    let op = match (field(bits, 12, 3), field(bits, 25, 7)) {
        (0, _) => return Some(i_type(Op::Addiw, bits)),
        (1, 0) => Op::Slliw,
        (5, 0) => Op::Srliw,
        (5, 0b010_0000) => Op::Sraiw,
        _ => return None,
    };
    let inst = i_type(op, bits);
    Some(Inst { imm: inst.imm & 31, ..inst })
}

fn registers(bits: u32) -> Option<Inst> {
    let op = match (field(bits, 25, 7), field(bits, 12, 3)) {
        (0, 0) => Op::Add,
        (0, 1) => Op::Sll,
        (0, 2) => Op::Slt,
        (0, 3) => Op::Sltu,
        (0, 4) => Op::Xor,
        (0, 5) => Op::Srl,
        (0, 6) => Op::Or,
        (0, 7) => Op::And,
        (0b010_0000, 0) => Op::Sub,
        (0b010_0000, 5) => Op::Sra,
        (1, 0) => Op::Mul,
        (1, 1) => Op::Mulh,
        (1, 2) => Op::Mulhsu,
        (1, 3) => Op::Mulhu,
        (1, 4) => Op::Div,
        (1, 5) => Op::Divu,
        (1, 6) => Op::Rem,
        (1, 7) => Op::Remu,
        _ => return None,
    };
    Some(r_type(op, bits))
}

fn registers_word(bits: u32) -> Option<Inst> {
    let op = match (field(bits, 25, 7), field(bits, 12, 3)) {
        (0, 0) => Op::Addw,
        (0, 1) => Op::Sllw,
        (0, 5) => Op::Srlw,
        (0b010_0000, 0) => Op::Subw,
        (0b010_0000, 5) => Op::Sraw,
        (1, 0) => Op::Mulw,
        (1, 4) => Op::Divw,
        (1, 5) => Op::Divuw,
        (1, 6) => Op::Remw,
        (1, 7) => Op::Remuw,
        _ => return None,
    };
    Some(r_type(op, bits))
}

fn atomic(bits: u32) -> Option<Inst> {
    let [word, double] = match field(bits, 27, 5) {
        0b00010 if register(bits, 20) == 0 => [Op::LrW, Op::LrD],
        0b00011 => [Op::ScW, Op::ScD],
        0b00001 => [Op::AmoswapW, Op::AmoswapD],
        0b00000 => [Op::AmoaddW, Op::AmoaddD],
        0b00100 => [Op::AmoxorW, Op::AmoxorD],
        0b01100 => [Op::AmoandW, Op::AmoandD],
        0b01000 => [Op::AmoorW, Op::AmoorD],
        0b10000 => [Op::AmominW, Op::AmominD],
        0b10100 => [Op::AmomaxW, Op::AmomaxD],
        0b11000 => [Op::AmominuW, Op::AmominuD],
        0b11100 => [Op::AmomaxuW, Op::AmomaxuD],
        _ => return None,
    };
    let op = match field(bits, 12, 3) {
        2 => word,
        3 => double,
        _ => return None,
    };
    Some(Inst { imm: field(bits, 25, 2).cast_signed(), ..r_type(op, bits) })
}
