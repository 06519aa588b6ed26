//! The CSRs of a hart.

use crate::hart::Hart;
use crate::hart::trap::Trap;
use crate::world::World;

/// The CSRs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Csrs {
    /// `sstatus`.
    pub(crate) sstatus: u64,
    /// `satp`.
    pub(crate) satp: u64,
}

/// What an instruction does with a CSR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CsrOperation {
    /// Reads it.
    Read,
    /// Reads and writes it.
    Write,
    /// Reads it and sets bits.
    Set,
    /// Reads it and clears bits.
    Clear,
    /// Writes it, without the side effects of reading.
    WriteOnly,
}

/// Accesses a CSR, and returns its old value.
pub(crate) fn access(
    _hart: &mut Hart,
    _world: &mut World,
    _number: u16,
    _operation: CsrOperation,
    _operand: u64,
) -> Result<u64, Trap> {
    todo!()
}
