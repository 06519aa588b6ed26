//! Executes one decoded instruction.

use crate::hart::Hart;
use crate::hart::trap::Exit;
use crate::isa::Inst;
use crate::world::World;

/// Executes an instruction, and moves `pc` behind it or to its target.
///
/// # Errors
/// Returns why the loop of instructions must stop. After a trap, `pc` is the instruction's own address.
#[inline]
pub(crate) fn execute(hart: &mut Hart, world: &mut World, inst: Inst) -> Result<(), Exit> {
    todo!()
}
