//! Instructions of F and D.
//!
//! Values are bits of registers here; [`format`] has the two precisions, and the files beside it
//! the arithmetic on them.

mod arithmetic;
mod compare;
mod convert;
mod format;
mod root;

use rustc_apfloat::ieee::{Double, Single};
use rustc_apfloat::{FloatConvert, Round};

use crate::hart::Hart;
use crate::hart::csr::status::{FS, FS_DIRTY};
use crate::hart::trap::Exit;
use crate::isa::{FloatFields, Inst, Op};
use crate::world::World;

use self::format::{Format, Rounded, flag};
use super::alu::sign32;
use super::{advance, not_permitted};

/// Executes an instruction of F or D.
#[cold]
#[inline(never)]
pub(super) fn execute(hart: &mut Hart, world: &mut World, inst: Inst) -> Result<(), Exit> {
    if hart.csrs.sstatus & FS == 0 {
        return Err(not_permitted());
    }
    match inst.op {
        Op::Flw | Op::Fld | Op::Fsw | Op::Fsd => access(hart, world, inst)?,
        _ if FloatFields::of(inst.imm).double => compute::<Double, Single>(hart, inst)?,
        _ => compute::<Single, Double>(hart, inst)?,
    }
    advance(hart, inst);
    Ok(())
}

/// Executes a load or a store.
fn access(hart: &mut Hart, world: &mut World, inst: Inst) -> Result<(), Exit> {
    let address = hart.get(inst.rs1).wrapping_add(i64::from(inst.imm >> 5).cast_unsigned());
    let register = (inst.imm.cast_unsigned() & 31) as u8;
    match inst.op {
        Op::Flw => {
            let bits = world.load(hart, address, 4)?;
            write::<Single>(hart, register, bits);
        }
        Op::Fld => {
            let bits = world.load(hart, address, 8)?;
            write::<Double>(hart, register, bits);
        }
        Op::Fsw => world.store(hart, address, 4, hart.f[usize::from(register)])?,
        _ => world.store(hart, address, 8, hart.f[usize::from(register)])?,
    }
    Ok(())
}

/// Executes another instruction: of precision `F`, or a conversion to `F` from the other precision.
fn compute<F: Format, Other: Format + FloatConvert<F>>(hart: &mut Hart, inst: Inst) -> Result<(), Exit> {
    let fields = FloatFields::of(inst.imm);
    let round = rounding(hart, fields.rounding).ok_or(not_permitted())?;
    let a = read::<F>(hart, fields.rs1);
    let b = read::<F>(hart, fields.rs2);
    let c = read::<F>(hart, fields.rs3);
    let x = hart.get(inst.rs1);
    let result = match inst.op {
        Op::Fadd => arithmetic::add::<F>(a, b, round),
        Op::Fsub => arithmetic::add::<F>(a, b ^ F::SIGN, round),
        Op::Fmul => arithmetic::multiply::<F>(a, b, round),
        Op::Fdiv => arithmetic::divide::<F>(a, b, round),
        Op::Fsqrt => root::square_root::<F>(a, round),
        Op::Fmadd => arithmetic::multiply_add::<F>(a, b, c, round),
        Op::Fmsub => arithmetic::multiply_add::<F>(a, b, c ^ F::SIGN, round),
        Op::Fnmsub => arithmetic::multiply_add::<F>(a ^ F::SIGN, b, c, round),
        Op::Fnmadd => arithmetic::multiply_add::<F>(a ^ F::SIGN, b, c ^ F::SIGN, round),
        Op::Fsgnj => Rounded::exact(a & !F::SIGN | b & F::SIGN),
        Op::Fsgnjn => Rounded::exact(a & !F::SIGN | !b & F::SIGN),
        Op::Fsgnjx => Rounded::exact(a ^ b & F::SIGN),
        Op::Fmin => compare::smaller::<F>(a, b),
        Op::Fmax => compare::larger::<F>(a, b),
        Op::FcvtFromW => convert::from_integer::<F>(i128::from(x as i32), round),
        Op::FcvtFromWu => convert::from_integer::<F>(i128::from(x as u32), round),
        Op::FcvtFromL => convert::from_integer::<F>(i128::from(x.cast_signed()), round),
        Op::FcvtFromLu => convert::from_integer::<F>(i128::from(x), round),
        Op::FcvtFloat => convert::precision::<Other, F>(read::<Other>(hart, fields.rs1), round),
        Op::FmvFromX => Rounded::exact(x & F::MASK),
        _ => {
            let value = to_integer::<F>(hart, inst.op, fields, round);
            raise(hart, value.flags);
            hart.set(inst.rd, value.bits);
            return Ok(());
        }
    };
    raise(hart, result.flags);
    write::<F>(hart, fields.rd, result.bits);
    Ok(())
}

/// Executes an instruction whose destination is an integer register.
fn to_integer<F: Format>(hart: &Hart, op: Op, fields: FloatFields, round: Round) -> Rounded {
    let a = read::<F>(hart, fields.rs1);
    let b = read::<F>(hart, fields.rs2);
    match op {
        Op::Feq => compare::equal::<F>(a, b),
        Op::Flt => compare::less::<F>(a, b),
        Op::Fle => compare::less_or_equal::<F>(a, b),
        Op::Fclass => Rounded::exact(compare::class::<F>(a)),
        Op::FcvtToW => convert::to_integer::<F>(a, i32::MIN.into(), i32::MAX.into(), round),
        // The result of 32 bits is extended by its sign.
        Op::FcvtToWu => {
            let result = convert::to_integer::<F>(a, 0, u32::MAX.into(), round);
            Rounded { bits: sign32(result.bits), ..result }
        }
        Op::FcvtToL => convert::to_integer::<F>(a, i64::MIN.into(), i64::MAX.into(), round),
        Op::FcvtToLu => convert::to_integer::<F>(a, 0, u64::MAX.into(), round),
        // A move copies the bits, boxed or not.
        _ => {
            let raw = hart.f[usize::from(fields.rs1)];
            Rounded::exact(if F::WIDTH == 32 { sign32(raw) } else { raw })
        }
    }
}

/// Returns the direction of an instruction's rounding mode; 7 is the mode of `fcsr`.
fn rounding(hart: &Hart, mode: u8) -> Option<Round> {
    direction(if mode == 7 { hart.csrs.fcsr >> 5 & 7 } else { mode.into() })
}

/// Returns the direction of a rounding mode; 5 to 7 are reserved.
fn direction(mode: u64) -> Option<Round> {
    Some(match mode {
        0 => Round::NearestTiesToEven,
        1 => Round::TowardZero,
        2 => Round::TowardNegative,
        3 => Round::TowardPositive,
        4 => Round::NearestTiesToAway,
        _ => return None,
    })
}

/// Returns the value of a register, or the canonical NaN if it is not boxed as `F` has to be.
fn read<F: Format>(hart: &Hart, register: u8) -> u64 {
    let raw = hart.f[usize::from(register)];
    if raw | F::MASK == u64::MAX { raw & F::MASK } else { F::canonical_nan() }
}

/// Sets a register, boxed.
fn write<F: Format>(hart: &mut Hart, register: u8, bits: u64) {
    hart.f[usize::from(register)] = bits | !F::MASK;
    hart.csrs.sstatus |= FS_DIRTY;
}

/// Sets flags of `fcsr`.
fn raise(hart: &mut Hart, flags: u64) {
    if flags != 0 {
        hart.csrs.fcsr |= flags & flag::ALL;
        hart.csrs.sstatus |= FS_DIRTY;
    }
}

#[cfg(test)]
mod tests;
