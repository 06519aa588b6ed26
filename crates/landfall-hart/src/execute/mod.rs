//! Executes one decoded instruction.
//!
//! The instructions that programs mostly consist of are arms of one `match`. The others are in
//! files of their own, so that they stay out of the loop's way.

#![expect(
    clippy::cast_possible_truncation,
    reason = "instructions use the low 8, 16 or 32 bits of a register"
)]

mod alu;
mod atomic;
mod csr;
mod float;
mod system;

use crate::hart::Hart;
use crate::hart::trap::{Cause, Exit, Trap};
use crate::isa::{Inst, Op};
use crate::world::World;

use self::alu::{sign8, sign16, sign32};

/// Executes an instruction, and moves `pc` behind it or to its target.
///
/// An instruction that is not permitted traps with the value 0, because its encoding is not known
/// here; the caller replaces it by the encoding.
///
/// # Errors
/// Returns why the loop of instructions must stop. After a trap, `pc` is the instruction's own
/// address.
#[inline]
pub(crate) fn execute(hart: &mut Hart, world: &mut World, inst: Inst) -> Result<(), Exit> {
    let next = hart.pc.wrapping_add(u64::from(inst.len));
    let a = hart.get(inst.rs1);
    let b = hart.get(inst.rs2);
    let imm = i64::from(inst.imm).cast_unsigned();
    let amount = inst.imm.cast_unsigned();
    let address = a.wrapping_add(imm);
    let taken = match inst.op {
        Op::Beq => a == b,
        Op::Bne => a != b,
        Op::Blt => a.cast_signed() < b.cast_signed(),
        Op::Bge => a.cast_signed() >= b.cast_signed(),
        Op::Bltu => a < b,
        Op::Bgeu => a >= b,
        op => {
            let value = match op {
                Op::Addi => address,
                Op::Add => a.wrapping_add(b),
                Op::Lui => imm,
                Op::Auipc => hart.pc.wrapping_add(imm),
                Op::Ld => world.load(hart, address, 8)?,
                Op::Lw => sign32(world.load(hart, address, 4)?),
                Op::Lbu => world.load(hart, address, 1)?,
                Op::Lhu => world.load(hart, address, 2)?,
                Op::Lwu => world.load(hart, address, 4)?,
                Op::Lb => sign8(world.load(hart, address, 1)?),
                Op::Lh => sign16(world.load(hart, address, 2)?),
                Op::Sd => return store(hart, world, address, 8, b, next),
                Op::Sw => return store(hart, world, address, 4, b, next),
                Op::Sb => return store(hart, world, address, 1, b, next),
                Op::Sh => return store(hart, world, address, 2, b, next),
                Op::Jal => {
                    hart.set(inst.rd, next);
                    hart.pc = hart.pc.wrapping_add(imm);
                    return Ok(());
                }
                Op::Jalr => {
                    hart.set(inst.rd, next);
                    hart.pc = address & !1;
                    return Ok(());
                }
                Op::Slli => a.wrapping_shl(amount),
                Op::Srli => a.wrapping_shr(amount),
                Op::Srai => a.cast_signed().wrapping_shr(amount).cast_unsigned(),
                Op::Andi => a & imm,
                Op::Ori => a | imm,
                Op::Xori => a ^ imm,
                Op::Slti => u64::from(a.cast_signed() < imm.cast_signed()),
                Op::Sltiu => u64::from(a < imm),
                Op::And => a & b,
                Op::Or => a | b,
                Op::Xor => a ^ b,
                Op::Sub => a.wrapping_sub(b),
                Op::Slt => u64::from(a.cast_signed() < b.cast_signed()),
                Op::Sltu => u64::from(a < b),
                Op::Sll => a.wrapping_shl(b as u32),
                Op::Srl => a.wrapping_shr(b as u32),
                Op::Sra => a.cast_signed().wrapping_shr(b as u32).cast_unsigned(),
                Op::Addiw => sign32(address),
                Op::Addw => sign32(a.wrapping_add(b)),
                Op::Subw => sign32(a.wrapping_sub(b)),
                Op::Slliw => sign32(a.wrapping_shl(amount)),
                Op::Srliw => sign32((a & 0xffff_ffff).wrapping_shr(amount)),
                Op::Sraiw => sign32(a).cast_signed().wrapping_shr(amount).cast_unsigned(),
                Op::Sllw => sign32(a.wrapping_shl(b as u32 & 31)),
                Op::Srlw => sign32((a & 0xffff_ffff).wrapping_shr(b as u32 & 31)),
                Op::Sraw => sign32(a).cast_signed().wrapping_shr(b as u32 & 31).cast_unsigned(),
                Op::Mul => a.wrapping_mul(b),
                Op::Mulw => sign32(a.wrapping_mul(b)),
                Op::Mulhu => alu::mulhu(a, b),
                Op::Divu => alu::divu(a, b),
                Op::Remu => alu::remu(a, b),
                _ => return rare(hart, world, inst),
            };
            hart.set(inst.rd, value);
            hart.pc = next;
            return Ok(());
        }
    };
    hart.pc = if taken { hart.pc.wrapping_add(imm) } else { next };
    Ok(())
}

#[inline]
fn store(
    hart: &mut Hart,
    world: &mut World,
    address: u64,
    size: u64,
    value: u64,
    next: u64,
) -> Result<(), Exit> {
    world.store(hart, address, size, value)?;
    hart.pc = next;
    Ok(())
}

/// Executes an instruction of the less frequent groups.
#[inline(never)]
fn rare(hart: &mut Hart, world: &mut World, inst: Inst) -> Result<(), Exit> {
    let a = hart.get(inst.rs1);
    let b = hart.get(inst.rs2);
    let value = match inst.op {
        Op::Mulh => alu::mulh(a, b),
        Op::Mulhsu => alu::mulhsu(a, b),
        Op::Div => alu::div(a, b),
        Op::Rem => alu::rem(a, b),
        Op::Divw => alu::divw(a, b),
        Op::Divuw => alu::divuw(a, b),
        Op::Remw => alu::remw(a, b),
        Op::Remuw => alu::remuw(a, b),
        op if op.is_atomic() => atomic::execute(hart, world, inst)?,
        op if op.is_csr() => return csr::execute(hart, world, inst),
        op if op.is_float() => return float::execute(hart, world, inst),
        _ => return system::execute(hart, world, inst),
    };
    hart.set(inst.rd, value);
    advance(hart, inst);
    Ok(())
}

/// Moves `pc` behind an instruction.
fn advance(hart: &mut Hart, inst: Inst) {
    hart.pc = hart.pc.wrapping_add(u64::from(inst.len));
}

/// Returns the trap of an instruction that is not permitted, or not present.
const fn not_permitted() -> Exit {
    Exit::Trap(Trap::new(Cause::IllegalInstruction, 0))
}

#[cfg(test)]
mod tests;
