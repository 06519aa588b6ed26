//! Instructions of 32 bits (unprivileged, "RV32/64G Instruction Set Listings").

use super::extension;
use super::fields::Word;
use super::float::{self, FloatFormat};
use super::operation::{
    ArithmeticName, AtomicName, Condition, CsrName, CsrSource, ImmediateName, LoadName, Operation, Ordering,
    StoreName,
};
use super::register::{FloatRegister, Register};

pub(super) fn decode(word: u32) -> Operation {
    let fields = Word(word);
    let found = match word & 0x7f {
        0x37 => Some(Operation::Lui { rd: fields.rd(), value: fields.immediate_u() }),
        0x17 => Some(Operation::Auipc { rd: fields.rd(), offset: fields.immediate_u() }),
        0x6f => Some(Operation::Jump { rd: fields.rd(), offset: fields.immediate_j() }),
        0x67 if fields.funct3() == 0 => Some(Operation::JumpRegister {
            rd: fields.rd(),
            base: fields.rs1(),
            offset: fields.immediate_i(),
        }),
        0x63 => branch(fields),
        0x03 => load(fields),
        0x23 => store(fields),
        0x13 => immediate(fields),
        0x1b => immediate_word(fields),
        0x33 => arithmetic(fields),
        0x3b => arithmetic_word(fields),
        0x07 => FloatFormat::of_access(fields.funct3()).map(|format| Operation::FloatLoad {
            format,
            rd: FloatRegister::new(word >> 7),
            base: fields.rs1(),
            offset: fields.immediate_i(),
        }),
        0x27 => FloatFormat::of_access(fields.funct3()).map(|format| Operation::FloatStore {
            format,
            source: FloatRegister::new(word >> 20),
            base: fields.rs1(),
            offset: fields.immediate_s(),
        }),
        0x2f => atomic(fields),
        0x43 | 0x47 | 0x4b | 0x4f => float::fused(fields).map(Operation::Float),
        0x53 => float::decode(fields).map(Operation::Float),
        0x0f => fence(fields),
        0x73 => system(fields),
        _ => None,
    };
    let found = found.or_else(|| extension::decode(fields).map(Operation::Extension));
    found.unwrap_or(Operation::Unknown)
}

fn branch(word: Word) -> Option<Operation> {
    let name = match word.funct3() {
        0 => Condition::Eq,
        1 => Condition::Ne,
        4 => Condition::Lt,
        5 => Condition::Ge,
        6 => Condition::Ltu,
        7 => Condition::Geu,
        _ => return None,
    };
    Some(Operation::Branch { name, left: word.rs1(), right: word.rs2(), offset: word.immediate_b() })
}

fn load(word: Word) -> Option<Operation> {
    let name = match word.funct3() {
        0 => LoadName::Lb,
        1 => LoadName::Lh,
        2 => LoadName::Lw,
        3 => LoadName::Ld,
        4 => LoadName::Lbu,
        5 => LoadName::Lhu,
        6 => LoadName::Lwu,
        _ => return None,
    };
    Some(Operation::Load { name, rd: word.rd(), base: word.rs1(), offset: word.immediate_i() })
}

fn store(word: Word) -> Option<Operation> {
    let name = match word.funct3() {
        0 => StoreName::Sb,
        1 => StoreName::Sh,
        2 => StoreName::Sw,
        3 => StoreName::Sd,
        _ => return None,
    };
    Some(Operation::Store { name, source: word.rs2(), base: word.rs1(), offset: word.immediate_s() })
}

fn immediate(word: Word) -> Option<Operation> {
    let shift = (word.0 >> 20 & 0x3f) as i16;
    let (name, immediate) = match (word.funct3(), word.0 >> 26) {
        (0, _) => (ImmediateName::Addi, word.immediate_i()),
        (2, _) => (ImmediateName::Slti, word.immediate_i()),
        (3, _) => (ImmediateName::Sltiu, word.immediate_i()),
        (4, _) => (ImmediateName::Xori, word.immediate_i()),
        (6, _) => (ImmediateName::Ori, word.immediate_i()),
        (7, _) => (ImmediateName::Andi, word.immediate_i()),
        (1, 0) => (ImmediateName::Slli, shift),
        (5, 0) => (ImmediateName::Srli, shift),
        (5, 0x10) => (ImmediateName::Srai, shift),
        _ => return None,
    };
    Some(Operation::Immediate { name, rd: word.rd(), source: word.rs1(), immediate })
}

fn immediate_word(word: Word) -> Option<Operation> {
    let shift = (word.0 >> 20 & 0x1f) as i16;
    let (name, immediate) = match (word.funct3(), word.funct7()) {
        (0, _) => (ImmediateName::Addiw, word.immediate_i()),
        (1, 0) => (ImmediateName::Slliw, shift),
        (5, 0) => (ImmediateName::Srliw, shift),
        (5, 0x20) => (ImmediateName::Sraiw, shift),
        _ => return None,
    };
    Some(Operation::Immediate { name, rd: word.rd(), source: word.rs1(), immediate })
}

fn arithmetic(word: Word) -> Option<Operation> {
    use ArithmeticName as Name;
    let name = match (word.funct7(), word.funct3()) {
        (0, 0) => Name::Add,
        (0x20, 0) => Name::Sub,
        (0, 1) => Name::Sll,
        (0, 2) => Name::Slt,
        (0, 3) => Name::Sltu,
        (0, 4) => Name::Xor,
        (0, 5) => Name::Srl,
        (0x20, 5) => Name::Sra,
        (0, 6) => Name::Or,
        (0, 7) => Name::And,
        (1, 0) => Name::Mul,
        (1, 1) => Name::Mulh,
        (1, 2) => Name::Mulhsu,
        (1, 3) => Name::Mulhu,
        (1, 4) => Name::Div,
        (1, 5) => Name::Divu,
        (1, 6) => Name::Rem,
        (1, 7) => Name::Remu,
        (0x10, 2) => Name::Sh1add,
        (0x10, 4) => Name::Sh2add,
        (0x10, 6) => Name::Sh3add,
        _ => return None,
    };
    Some(Operation::Arithmetic { name, rd: word.rd(), left: word.rs1(), right: word.rs2() })
}

fn arithmetic_word(word: Word) -> Option<Operation> {
    use ArithmeticName as Name;
    let name = match (word.funct7(), word.funct3()) {
        (0, 0) => Name::Addw,
        (0x20, 0) => Name::Subw,
        (0, 1) => Name::Sllw,
        (0, 5) => Name::Srlw,
        (0x20, 5) => Name::Sraw,
        (1, 0) => Name::Mulw,
        (1, 4) => Name::Divw,
        (1, 5) => Name::Divuw,
        (1, 6) => Name::Remw,
        (1, 7) => Name::Remuw,
        (4, 0) => Name::AddUw,
        (0x10, 2) => Name::Sh1addUw,
        (0x10, 4) => Name::Sh2addUw,
        (0x10, 6) => Name::Sh3addUw,
        _ => return None,
    };
    Some(Operation::Arithmetic { name, rd: word.rd(), left: word.rs1(), right: word.rs2() })
}

fn atomic(word: Word) -> Option<Operation> {
    let width = match word.funct3() {
        size @ 0..=4 => 1 << size,
        _ => return None,
    };
    let name = match word.funct7() >> 2 {
        0x02 if word.rs2() == Register::ZERO => AtomicName::Lr,
        0x03 => AtomicName::Sc,
        0x05 => AtomicName::Cas,
        0x09 => AtomicName::ShadowSwap,
        0x01 => AtomicName::Swap,
        0x00 => AtomicName::Add,
        0x04 => AtomicName::Xor,
        0x0c => AtomicName::And,
        0x08 => AtomicName::Or,
        0x10 => AtomicName::Min,
        0x14 => AtomicName::Max,
        0x18 => AtomicName::Minu,
        0x1c => AtomicName::Maxu,
        _ => return None,
    };
    let has_pair = |register: Register| register.number().is_multiple_of(2);
    let is_defined = match (name, width) {
        (_, 4 | 8) => true,
        (AtomicName::Lr | AtomicName::Sc | AtomicName::ShadowSwap, _) => false,
        (AtomicName::Cas, 16) => has_pair(word.rd()) && has_pair(word.rs2()),
        (_, width) => width < 4,
    };
    if !is_defined {
        return None;
    }
    Some(Operation::Atomic {
        name,
        width,
        ordering: Ordering((word.funct7() & 3) as u8),
        rd: word.rd(),
        base: word.rs1(),
        source: word.rs2(),
    })
}

/// Fields that are reserved must be ignored ("Memory Ordering Instructions"), so `rd`, `rs1` and
/// unknown modes do not make it unknown.
fn fence(word: Word) -> Option<Operation> {
    match word.funct3() {
        0 => Some(Operation::Fence {
            mode: (word.0 >> 28) as u8,
            predecessor: (word.0 >> 24 & 0xf) as u8,
            successor: (word.0 >> 20 & 0xf) as u8,
        }),
        1 => Some(Operation::FenceI),
        _ => None,
    }
}

fn system(word: Word) -> Option<Operation> {
    let name = match word.funct3() & 3 {
        0 => return privileged(word),
        1 => CsrName::Write,
        2 => CsrName::Set,
        _ => CsrName::Clear,
    };
    let source = if word.funct3() & 4 == 0 {
        CsrSource::Register(word.rs1())
    } else {
        CsrSource::Immediate((word.0 >> 15 & 31) as u8)
    };
    Some(Operation::Csr { name, rd: word.rd(), csr: (word.0 >> 20) as u16, source })
}

/// The privileged specification's, and `ecall` and `ebreak`.
fn privileged(word: Word) -> Option<Operation> {
    match word.0 {
        0x0000_0073 => Some(Operation::Ecall),
        0x0010_0073 => Some(Operation::Ebreak),
        0x1020_0073 => Some(Operation::Sret),
        0x3020_0073 => Some(Operation::Mret),
        0x1050_0073 => Some(Operation::Wfi),
        _ if word.funct3() == 0 && word.funct7() == 0x09 && word.rd() == Register::ZERO => {
            Some(Operation::FenceVma { address: word.rs1(), space: word.rs2() })
        }
        _ => None,
    }
}
