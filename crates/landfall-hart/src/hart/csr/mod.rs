//! The CSRs of a hart.

mod environment;
pub(crate) mod more;
pub(crate) mod number;
mod read;
mod satp;
mod seed;
pub(crate) mod state;
pub(crate) mod status;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use read::read;

use crate::world::World;

use super::trap::{Cause, Trap};
use super::{Hart, Privilege};

/// An instruction's operation on a CSR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CsrOperation {
    /// Reads it: `csrrs` or `csrrc` with `x0` or an immediate of 0.
    Read,
    /// Reads and replaces it.
    Write,
    /// Reads it and sets bits.
    Set,
    /// Reads it and clears bits.
    Clear,
    /// Replaces it: `csrrw` into `x0`.
    WriteOnly,
}

/// Accesses a CSR, and returns its value before.
///
/// # Errors
/// Returns an illegal-instruction trap, whose value is 0, if the CSR is absent, the privilege mode
/// has no access, or a read-only CSR is written.
pub(crate) fn access(
    hart: &mut Hart,
    world: &mut World,
    number: u16,
    operation: CsrOperation,
    operand: u64,
) -> Result<u64, Trap> {
    const ILLEGAL: Trap = Trap::new(Cause::IllegalInstruction, 0);
    let supervisor = hart.privilege == Privilege::Supervisor;
    let permitted = match number >> 8 & 3 {
        0 => true,
        // The hypervisor's own, for the hart that has them.
        1 | 2 => supervisor,
        _ => false,
    };
    let read_only = number >> 10 == 3;
    if !permitted || read_only && operation != CsrOperation::Read {
        return Err(ILLEGAL);
    }
    if number == number::SEED {
        // A read alone would not use up what it returns.
        if operation == CsrOperation::Read || !supervisor || !world.config.extensions.zkr {
            return Err(ILLEGAL);
        }
        return Ok(seed::draw(hart, world));
    }
    let old = read(hart, world, number).ok_or(ILLEGAL)?;
    let new = match operation {
        CsrOperation::Read => return Ok(old),
        CsrOperation::Write | CsrOperation::WriteOnly => operand,
        CsrOperation::Set => old | operand,
        CsrOperation::Clear => old & !operand,
    };
    write::write(hart, world, number, new);
    Ok(old)
}
