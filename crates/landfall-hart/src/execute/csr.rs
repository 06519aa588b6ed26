//! Instructions on CSRs.

use crate::hart::Hart;
use crate::hart::csr::number::{SATP, SIE, SIP, SSTATUS, STIMECMP};
use crate::hart::csr::{self, CsrOperation};
use crate::hart::trap::Exit;
use crate::isa::{Inst, Op};
use crate::world::World;

use super::advance;

/// Executes an instruction on a CSR.
#[cold]
#[inline(never)]
pub(super) fn execute(hart: &mut Hart, world: &mut World, inst: Inst) -> Result<(), Exit> {
    let bits = inst.imm.cast_unsigned();
    let number = (bits & 0xfff) as u16;
    let immediate = u64::from(bits >> 16 & 31);
    let (operation, operand) = match inst.op {
        Op::Csrrwi => (write(inst.rd), immediate),
        Op::Csrrsi => (change(CsrOperation::Set, immediate != 0), immediate),
        Op::Csrrci => (change(CsrOperation::Clear, immediate != 0), immediate),
        Op::Csrrs => (change(CsrOperation::Set, inst.rs1 != 0), hart.get(inst.rs1)),
        Op::Csrrc => (change(CsrOperation::Clear, inst.rs1 != 0), hart.get(inst.rs1)),
        _ => (write(inst.rd), hart.get(inst.rs1)),
    };
    let writes = !matches!(operation, CsrOperation::Read);
    let old = csr::access(hart, world, number, operation, operand)?;
    hart.set(inst.rd, old);
    advance(hart, inst);
    match number {
        _ if !writes => Ok(()),
        SSTATUS | SIE | SIP => Err(Exit::Evaluate),
        STIMECMP | SATP => Err(Exit::Resync),
        _ => Ok(()),
    }
}

/// Returns the operation of `csrrw`, which reads only if it has a destination.
fn write(rd: u8) -> CsrOperation {
    if rd == 0 { CsrOperation::WriteOnly } else { CsrOperation::Write }
}

/// Returns the operation of `csrrs` and `csrrc`, which only read if they have no source.
fn change(operation: CsrOperation, source: bool) -> CsrOperation {
    if source { operation } else { CsrOperation::Read }
}
