//! Fences, cache blocks, calls, and the instructions of the supervisor.

use crate::hart::trap::{self, Cause, Exit, Trap};
use crate::hart::{Hart, Privilege};
use crate::isa::{Inst, Op};
use crate::world::World;

use super::{advance, not_permitted};

/// Executes an instruction.
#[cold]
#[inline(never)]
pub(super) fn execute(hart: &mut Hart, world: &mut World, inst: Inst) -> Result<(), Exit> {
    match inst.op {
        Op::Fence => world.fence(hart, accesses(hart, inst.imm.cast_unsigned())),
        Op::FenceI => {
            world.fence_instructions(hart);
            advance(hart, inst);
            return Err(Exit::Resync);
        }
        Op::CboInval | Op::CboClean | Op::CboFlush | Op::CboZero => block(hart, world, inst)?,
        Op::Ebreak => return Err(Trap::new(Cause::Breakpoint, hart.pc).into()),
        Op::Ecall if hart.privilege == Privilege::User => {
            return Err(Trap::new(Cause::UserCall, 0).into());
        }
        Op::Ecall => {
            advance(hart, inst);
            return Err(Exit::Call);
        }
        Op::Illegal => {
            let bits = u64::from(inst.imm.cast_unsigned());
            return Err(Trap::new(Cause::IllegalInstruction, bits).into());
        }
        _ if hart.privilege == Privilege::User => return Err(not_permitted()),
        _ => return supervisor(hart, world, inst),
    }
    advance(hart, inst);
    Ok(())
}

/// Executes an instruction that only supervisor mode may execute.
fn supervisor(hart: &mut Hart, world: &mut World, inst: Inst) -> Result<(), Exit> {
    let exit = match inst.op {
        Op::Sret => {
            trap::return_from(hart);
            return Err(Exit::Evaluate);
        }
        Op::Wfi => Exit::Wait,
        Op::SfenceVma => {
            let (address, asid) = operands(hart, inst);
            world.fence_translations(hart, address, asid);
            Exit::Resync
        }
        _ if !world.config.extensions.svinval => return Err(not_permitted()),
        Op::SinvalVma => {
            let (address, asid) = operands(hart, inst);
            world.invalidate_translations(hart, address, asid);
            Exit::Resync
        }
        Op::SfenceWInval => {
            world.fence_stores_before_invalidations(hart);
            advance(hart, inst);
            return Ok(());
        }
        // `sfence.inval.ir`
        _ => {
            hart.translations.order_invalidations();
            advance(hart, inst);
            return Ok(());
        }
    };
    advance(hart, inst);
    Err(exit)
}

/// Returns the address and the ASID of a fence of translations; `None` is register x0.
fn operands(hart: &Hart, inst: Inst) -> (Option<u64>, Option<u64>) {
    let operand = |register: u8| (register != 0).then(|| hart.get(register));
    (operand(inst.rs1), operand(inst.rs2))
}

/// Returns the bits of a `fence` with the accesses that it orders.
const fn accesses(hart: &Hart, bits: u32) -> u32 {
    // Input and output, among the predecessors and the successors.
    const DEVICES: u32 = 0xcc;
    let user = matches!(hart.privilege, Privilege::User);
    if user && hart.csrs.user_fences_imply_memory() { bits | (bits & DEVICES) >> 2 } else { bits }
}

/// Executes an instruction on a cache block.
fn block(hart: &mut Hart, world: &mut World, inst: Inst) -> Result<(), Exit> {
    let extensions = world.config.extensions;
    let (present, user_may) = match inst.op {
        Op::CboZero => (extensions.zicboz, hart.csrs.user_zeroes_blocks()),
        Op::CboInval => (extensions.zicbom, hart.csrs.user_invalidates_blocks()),
        _ => (extensions.zicbom, hart.csrs.user_cleans_blocks()),
    };
    if !present || hart.privilege == Privilege::User && !user_may {
        return Err(not_permitted());
    }
    let address = hart.get(inst.rs1);
    if inst.op == Op::CboZero {
        world.zero_block(hart, address)?;
    } else {
        world.manage_block(hart, address)?;
    }
    Ok(())
}
