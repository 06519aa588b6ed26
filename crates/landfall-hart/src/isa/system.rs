//! Instructions of the groups SYSTEM and MISC-MEM: CSRs, fences, cache blocks, the supervisor's.

use super::fields::{field, i_type, register};
use super::{Inst, Op};

/// Decodes an instruction of the group SYSTEM.
pub(super) fn decode(bits: u32) -> Option<Inst> {
    let op = match field(bits, 12, 3) {
        0 => return privileged(bits),
        1 => Op::Csrrw,
        2 => Op::Csrrs,
        3 => Op::Csrrc,
        5 => Op::Csrrwi,
        6 => Op::Csrrsi,
        7 => Op::Csrrci,
        _ => return None,
    };
    let number = field(bits, 20, 12);
    let (rs1, source) = match op {
        Op::Csrrw | Op::Csrrs | Op::Csrrc => (register(bits, 15), 0),
        _ => (0, field(bits, 15, 5)),
    };
    let imm = (number | source << 16).cast_signed();
    Some(Inst { rd: register(bits, 7), rs1, imm, ..Inst::new(op) })
}

fn privileged(bits: u32) -> Option<Inst> {
    match bits {
        0x0000_0073 => return Some(Inst::new(Op::Ecall)),
        0x0010_0073 => return Some(Inst::new(Op::Ebreak)),
        0x1020_0073 => return Some(Inst::new(Op::Sret)),
        0x1050_0073 => return Some(Inst::new(Op::Wfi)),
        0x1800_0073 => return Some(Inst::new(Op::SfenceWInval)),
        0x1810_0073 => return Some(Inst::new(Op::SfenceInvalIr)),
        _ => {}
    }
    let op = match field(bits, 25, 7) {
        0b000_1001 => Op::SfenceVma,
        0b000_1011 => Op::SinvalVma,
        _ => return None,
    };
    let (rs1, rs2) = (register(bits, 15), register(bits, 20));
    (register(bits, 7) == 0).then(|| Inst { rs1, rs2, ..Inst::new(op) })
}

/// Decodes an instruction of the group MISC-MEM.
///
/// The fields of `fence` and `fence.i` that the specification reserves are ignored, as it requires.
pub(super) fn miscellaneous(bits: u32) -> Option<Inst> {
    match field(bits, 12, 3) {
        0 => Some(Inst { imm: field(bits, 20, 12).cast_signed(), ..Inst::new(Op::Fence) }),
        1 => Some(Inst::new(Op::FenceI)),
        2 if register(bits, 7) == 0 => block(bits),
        _ => None,
    }
}

/// Decodes an instruction on a cache block.
fn block(bits: u32) -> Option<Inst> {
    let op = match field(bits, 20, 12) {
        0 => Op::CboInval,
        1 => Op::CboClean,
        2 => Op::CboFlush,
        4 => Op::CboZero,
        _ => return None,
    };
    Some(Inst { imm: 0, ..i_type(op, bits) })
}
