//! Atomic instructions.

use crate::hart::Hart;
use crate::hart::trap::{Cause, Exit, Trap};
use crate::isa::{Inst, Op};
use crate::world::{Order, World};

use super::alu::sign32;

/// Executes an atomic instruction, and returns the value of its destination.
#[inline(never)]
pub(super) fn execute(hart: &mut Hart, world: &mut World, inst: Inst) -> Result<u64, Exit> {
    let (op, size) = split(inst.op);
    let address = hart.get(inst.rs1);
    let operand = hart.get(inst.rs2);
    let order = Order { acquire: inst.imm & 2 != 0, release: inst.imm & 1 != 0 };
    if !address.is_multiple_of(size) {
        let cause = if op == Op::LrD { Cause::LoadMisaligned } else { Cause::StoreMisaligned };
        return Err(Trap::new(cause, address).into());
    }
    let value = match op {
        Op::LrD => world.load_reserved(hart, address, size, order)?,
        Op::ScD => {
            let stored = world.store_conditional(hart, address, size, operand, order)?;
            return Ok(u64::from(!stored));
        }
        _ => world.atomic(hart, address, size, order, |old| modify(op, size, old, operand))?,
    };
    Ok(extended(value, size))
}

/// Returns the operation on 8 bytes that does the same, and the number of bytes.
fn split(op: Op) -> (Op, u64) {
    let double = match op {
        Op::LrW => Op::LrD,
        Op::ScW => Op::ScD,
        Op::AmoswapW => Op::AmoswapD,
        Op::AmoaddW => Op::AmoaddD,
        Op::AmoxorW => Op::AmoxorD,
        Op::AmoandW => Op::AmoandD,
        Op::AmoorW => Op::AmoorD,
        Op::AmominW => Op::AmominD,
        Op::AmomaxW => Op::AmomaxD,
        Op::AmominuW => Op::AmominuD,
        Op::AmomaxuW => Op::AmomaxuD,
        _ => return (op, 8),
    };
    (double, 4)
}

const fn extended(value: u64, size: u64) -> u64 {
    if size == 4 { sign32(value) } else { value }
}

/// Returns the value that an AMO stores; its low `size` bytes count.
///
/// Words are compared after extension by their sign, which keeps the unsigned order too.
fn modify(op: Op, size: u64, old: u64, operand: u64) -> u64 {
    let (a, b) = (extended(old, size), extended(operand, size));
    match op {
        Op::AmoaddD => a.wrapping_add(b),
        Op::AmoxorD => a ^ b,
        Op::AmoandD => a & b,
        Op::AmoorD => a | b,
        Op::AmominD => a.cast_signed().min(b.cast_signed()).cast_unsigned(),
        Op::AmomaxD => a.cast_signed().max(b.cast_signed()).cast_unsigned(),
        Op::AmominuD => a.min(b),
        Op::AmomaxuD => a.max(b),
        _ => b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the word and the double word that an AMO stores.
    fn both(op: Op, old: u64, operand: u64) -> (u32, u64) {
        (modify(op, 4, old, operand) as u32, modify(op, 8, old, operand))
    }

    #[test]
    fn each_operation_stores_what_its_name_says() {
        let (a, b) = (0xffff_fff0_8000_0001, 0x0000_0001_7fff_fff3);
        assert_eq!(both(Op::AmoswapD, a, b), (0x7fff_fff3, b));
        assert_eq!(both(Op::AmoaddD, a, b), (0xffff_fff4, 0xffff_fff1_ffff_fff4));
        assert_eq!(both(Op::AmoxorD, a, b), (0xffff_fff2, 0xffff_fff1_ffff_fff2));
        assert_eq!(both(Op::AmoandD, a, b), (1, 1));
        assert_eq!(both(Op::AmoorD, a, b), (0xffff_fff3, 0xffff_fff1_ffff_fff3));
        assert_eq!(both(Op::AmominD, a, b), (0x8000_0001, a));
        assert_eq!(both(Op::AmomaxD, a, b), (0x7fff_fff3, b));
        assert_eq!(both(Op::AmominuD, a, b), (0x7fff_fff3, b));
        assert_eq!(both(Op::AmomaxuD, a, b), (0x8000_0001, a));
    }

    #[test]
    fn words_ignore_the_upper_half_of_the_operand() {
        // As words 1 and 2, as double words the other way round.
        let (a, b) = (0xf000_0000_0000_0001, 2);
        assert_eq!(modify(Op::AmomaxuD, 4, a & 0xffff_ffff, b), 2);
        assert_eq!(modify(Op::AmominuD, 4, 2, a), 1);
        assert_eq!(modify(Op::AmomaxD, 4, 1, 0x7fff_ffff_ffff_fffe), 1);
    }

    #[test]
    fn every_word_operation_has_its_double_operation() {
        for op in [Op::LrW, Op::ScW, Op::AmoswapW, Op::AmoaddW, Op::AmomaxuW] {
            let (double, size) = split(op);
            assert_eq!(size, 4);
            assert_eq!(format!("{double:?}"), format!("{op:?}").replace('W', "D"));
            assert_eq!(split(double), (double, 8));
        }
    }
}
