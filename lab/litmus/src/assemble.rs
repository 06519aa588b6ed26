//! Machine code of instructions.

use crate::inst::{Accesses, Alu, Amo, Compare, Fence, Inst, Order, Reg, Width};

/// A reason why an instruction has no machine code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AssembleError {
    /// The base ISA has no such load or store; [`crate::lower`] replaces them.
    #[error("a plain load or store has no aq or rl")]
    Annotation,
    /// The target is too far.
    #[error("the target is {0} bytes away")]
    Distance(i64),
}

/// Returns the machine code of a hart's instructions.
///
/// # Errors
/// Fails if an instruction has no machine code.
pub fn assemble(code: &[Inst]) -> Result<Vec<u32>, AssembleError> {
    code.iter().enumerate().map(|(at, &inst)| encode(at, inst)).collect()
}

/// Returns the machine code of the instruction at an index.
fn encode(at: usize, inst: Inst) -> Result<u32, AssembleError> {
    Ok(match inst {
        Inst::Load { order, .. } | Inst::Store { order, .. } if order.any() => {
            return Err(AssembleError::Annotation);
        }
        Inst::Load { width, unsigned, rd, base, offset, .. } => {
            i_type(0x03, width as u32 | u32::from(unsigned) << 2, rd, base, offset)
        }
        Inst::Store { width, source, base, offset, .. } => s_type(width as u32, base, source, offset),
        Inst::LoadReserved { width, order, rd, base } => atomic(0b00010, width, order, rd, base, Reg::ZERO),
        Inst::StoreConditional { width, order, rd, source, base } => {
            atomic(0b00011, width, order, rd, base, source)
        }
        Inst::Amo { op, width, order, rd, source, base } => atomic(amo(op), width, order, rd, base, source),
        Inst::Fence(fence) => self::fence(fence),
        Inst::Immediate { op, rd, rs1, value } => i_type(0x13, alu(op), rd, rs1, value),
        Inst::Register { op, rd, rs1, rs2 } => {
            let funct7 = if op == Alu::Sub { 0x20 } else { 0 };
            funct7 << 25 | field(rs2, 20) | field(rs1, 15) | alu(op) << 12 | field(rd, 7) | 0x33
        }
        Inst::Branch { compare, rs1, rs2, target } => {
            let funct3 = match compare {
                Compare::Equal => 0,
                Compare::NotEqual => 1,
            };
            branch(funct3, rs1, rs2, distance(at, target, 12)?)
        }
        Inst::Jump { target } => jump(Reg::ZERO, distance(at, target, 20)?),
        Inst::JumpRegister { rs1, offset } => i_type(0x67, 0, Reg::ZERO, rs1, offset),
    })
}

/// Returns the distance between two instructions in bytes, if it fits in a signed field.
///
/// The field has `bits + 1` bits.
fn distance(from: usize, to: usize, bits: u32) -> Result<i32, AssembleError> {
    let bytes = 4 * (to.cast_signed() - from.cast_signed()) as i64;
    let limit = 1 << bits;
    if (-limit..limit).contains(&bytes) {
        // The limit keeps it within 21 bits.
        return Ok(i32::try_from(bytes).unwrap_or_default());
    }
    Err(AssembleError::Distance(bytes))
}

/// Returns a register's number at a bit.
const fn field(register: Reg, bit: u32) -> u32 {
    register.number() << bit
}

/// Encodes an instruction with an immediate of 12 bits.
pub(crate) const fn i_type(opcode: u32, funct3: u32, rd: Reg, rs1: Reg, value: i32) -> u32 {
    value.cast_unsigned() << 20 | field(rs1, 15) | funct3 << 12 | field(rd, 7) | opcode
}

/// Encodes a store.
pub(crate) const fn s_type(funct3: u32, base: Reg, source: Reg, offset: i32) -> u32 {
    let offset = offset.cast_unsigned();
    let (high, low) = (offset >> 5 & 0x7f, offset & 0x1f);
    high << 25 | field(source, 20) | field(base, 15) | funct3 << 12 | low << 7 | 0x23
}

/// Encodes a branch.
pub(crate) const fn branch(funct3: u32, rs1: Reg, rs2: Reg, distance: i32) -> u32 {
    let bits = distance.cast_unsigned();
    let high = (bits >> 12 & 1) << 6 | bits >> 5 & 0x3f;
    let low = bits >> 1 & 0xf;
    high << 25 | field(rs2, 20) | field(rs1, 15) | funct3 << 12 | low << 8 | (bits >> 11 & 1) << 7 | 0x63
}

/// Encodes `jal`.
pub(crate) const fn jump(rd: Reg, distance: i32) -> u32 {
    let bits = distance.cast_unsigned();
    let low = (bits >> 1 & 0x3ff) << 21 | (bits >> 11 & 1) << 20 | (bits >> 12 & 0xff) << 12;
    (bits >> 20 & 1) << 31 | low | field(rd, 7) | 0x6f
}

/// Encodes `lui`; the low 12 bits of the value are 0.
pub(crate) const fn lui(rd: Reg, value: u32) -> u32 {
    value & 0xffff_f000 | field(rd, 7) | 0x37
}

/// Encodes an instruction of the extension A.
fn atomic(funct5: u32, width: Width, order: Order, rd: Reg, base: Reg, source: Reg) -> u32 {
    let order = u32::from(order.acquire) << 1 | u32::from(order.release);
    funct5 << 27
        | order << 25
        | field(source, 20)
        | field(base, 15)
        | (width as u32) << 12
        | field(rd, 7)
        | 0x2f
}

/// Encodes a fence.
fn fence(fence: Fence) -> u32 {
    let set = |accesses: Accesses| u32::from(accesses.read) << 1 | u32::from(accesses.write);
    match fence {
        Fence::Normal(before, after) => set(before) << 24 | set(after) << 20 | 0x0f,
        Fence::Tso => 0x8330_000f,
        Fence::Instruction => 0x0000_100f,
    }
}

/// Returns an operation's `funct3`.
const fn alu(op: Alu) -> u32 {
    match op {
        Alu::Add | Alu::Sub => 0,
        Alu::Xor => 4,
        Alu::Or => 6,
        Alu::And => 7,
    }
}

/// Returns an AMO's `funct5`.
const fn amo(op: Amo) -> u32 {
    match op {
        Amo::Add => 0b00000,
        Amo::Swap => 0b00001,
        Amo::Xor => 0b00100,
        Amo::Or => 0b01000,
        Amo::And => 0b01100,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns register `number`.
    fn x(number: u8) -> Reg {
        Reg::new(number)
    }

    #[test]
    fn instructions_have_the_encodings_of_gnu_as() {
        let word = Width::Word;
        let cases = [
            (
                Inst::Load {
                    width: word,
                    unsigned: false,
                    order: Order::NONE,
                    rd: x(5),
                    base: x(6),
                    offset: -4,
                },
                0xffc3_2283_u32,
            ),
            (
                Inst::Store {
                    width: Width::Double,
                    order: Order::NONE,
                    source: x(7),
                    base: x(8),
                    offset: 40,
                },
                0x0274_3423,
            ),
            (Inst::LoadReserved { width: word, order: Order::ACQUIRE, rd: x(5), base: x(6) }, 0x1403_22af),
            (
                Inst::StoreConditional {
                    width: word,
                    order: Order::RELEASE,
                    rd: x(5),
                    source: x(7),
                    base: x(6),
                },
                0x1a73_22af,
            ),
            (
                Inst::Amo {
                    op: Amo::Or,
                    width: Width::Double,
                    order: Order::BOTH,
                    rd: x(5),
                    source: x(7),
                    base: x(6),
                },
                0x4673_32af,
            ),
            (Inst::Fence(Fence::Normal(Accesses::RW, Accesses::W)), 0x0310_000f),
            (Inst::Immediate { op: Alu::Xor, rd: x(1), rs1: x(2), value: -1 }, 0xfff1_4093),
            (Inst::Register { op: Alu::Sub, rd: x(1), rs1: x(2), rs2: x(3) }, 0x4031_00b3),
            (Inst::JumpRegister { rs1: x(10), offset: 0 }, 0x0005_0067),
        ];
        for (inst, code) in cases {
            assert_eq!(
                encode(0, inst).map(|code| format!("{code:#010x}")),
                Ok(format!("{code:#010x}")),
                "{inst:?}"
            );
        }
    }

    #[test]
    fn branches_and_jumps_reach_both_ways() {
        let branch = Inst::Branch { compare: Compare::NotEqual, rs1: x(5), rs2: x(0), target: 0 };
        assert_eq!(encode(2, branch), Ok(0xfe02_9ce3));
        assert_eq!(encode(0, Inst::Jump { target: 3 }), Ok(0x00c0_006f));
    }

    #[test]
    fn a_plain_load_with_an_annotation_is_refused() {
        let load = Inst::Load {
            width: Width::Word,
            unsigned: false,
            order: Order::ACQUIRE,
            rd: x(5),
            base: x(6),
            offset: 0,
        };
        assert_eq!(assemble(&[load]), Err(AssembleError::Annotation));
    }
}
