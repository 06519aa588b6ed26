//! The CSRs of a hart.

mod environment;
pub(crate) mod number;
mod read;
mod satp;
mod seed;
pub(crate) mod status;
#[cfg(test)]
mod tests;
mod write;

use crate::world::World;

use super::trap::{Cause, Trap};
use super::{Hart, Privilege};

pub(super) use seed::Entropy;

/// The CSRs.
#[derive(Clone, Debug)]
pub(crate) struct Csrs {
    /// `sstatus`, without SD.
    pub(crate) sstatus: u64,
    /// `satp`.
    pub(crate) satp: u64,
    /// `sie`.
    pub(crate) sie: u64,
    /// `sip.SSIP`. The other bits of `sip` are derived.
    pub(crate) software_interrupt: bool,
    /// `stvec`.
    pub(crate) stvec: u64,
    /// `scounteren`.
    pub(crate) scounteren: u64,
    /// `senvcfg`.
    pub(crate) senvcfg: u64,
    /// `sscratch`.
    pub(crate) sscratch: u64,
    /// `sepc`.
    pub(crate) sepc: u64,
    /// `scause`.
    pub(crate) scause: u64,
    /// `stval`.
    pub(crate) stval: u64,
    /// The time at which STIP is set: `stimecmp`, or what the SBI was asked for.
    pub(crate) timer: u64,
    /// `fcsr`: the flags in bits 4 to 0, the rounding mode in bits 7 to 5.
    pub(crate) fcsr: u64,
    /// The entropy source.
    pub(super) entropy: Entropy,
}

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

impl Default for Csrs {
    fn default() -> Self {
        Self {
            sstatus: status::UXL,
            satp: 0,
            sie: 0,
            software_interrupt: false,
            stvec: 0,
            scounteren: 0,
            senvcfg: 0,
            sscratch: 0,
            sepc: 0,
            scause: 0,
            stval: 0,
            timer: u64::MAX,
            fcsr: 0,
            entropy: Entropy::default(),
        }
    }
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
        1 => supervisor,
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
    let old = read::read(hart, world, number).ok_or(ILLEGAL)?;
    let new = match operation {
        CsrOperation::Read => return Ok(old),
        CsrOperation::Write | CsrOperation::WriteOnly => operand,
        CsrOperation::Set => old | operand,
        CsrOperation::Clear => old & !operand,
    };
    write::write(hart, world, number, new);
    Ok(old)
}
