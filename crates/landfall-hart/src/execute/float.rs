//! Instructions of F and D.

use crate::hart::Hart;
use crate::hart::trap::Exit;
use crate::isa::Inst;
use crate::world::World;

use super::not_permitted;

/// Executes an instruction of F or D.
#[cold]
#[inline(never)]
pub(super) fn execute(_hart: &mut Hart, _world: &mut World, _inst: Inst) -> Result<(), Exit> {
    Err(not_permitted())
}
