//! Writes of CSRs. Each field takes a legal value (WARL).

use crate::world::World;

use super::super::Hart;
use super::super::interrupt;
use super::{number, satp, status};

/// Fence of I/O implies memory, in user mode.
const FIOM: u64 = 1;
/// `cbo.inval` in user mode: 0 traps, 1 flushes, 3 invalidates. 2 is reserved.
const CBIE: u64 = 3 << 4;
/// `cbo.clean` and `cbo.flush` work in user mode.
const CBCFE: u64 = 1 << 6;
/// `cbo.zero` works in user mode.
const CBZE: u64 = 1 << 7;

/// Writes a CSR that [`read`](super::read::read) returned.
pub(super) fn write(hart: &mut Hart, world: &mut World, number: u16, value: u64) {
    let implementation = hart.implementation;
    let csrs = &mut hart.csrs;
    match number {
        number::FFLAGS => float(hart, 0x1f, value),
        number::FRM => float(hart, 0xe0, value << 5),
        number::FCSR => float(hart, 0xff, value),
        number::SSTATUS => status::write(hart, value),
        number::SIE => csrs.sie = value & interrupt::ALL,
        number::STVEC => csrs.stvec = implementation.vector(csrs.stvec, value),
        number::SCOUNTEREN => csrs.scounteren = value & implementation.counter_enables,
        number::SENVCFG => csrs.senvcfg = environment(csrs.senvcfg, world, value),
        number::SSCRATCH => csrs.sscratch = value,
        number::SEPC => csrs.sepc = implementation.address(value & !1),
        number::SCAUSE => csrs.scause = value & implementation.causes,
        number::STVAL => csrs.stval = implementation.address(value),
        number::SIP => csrs.software_interrupt = value & interrupt::SOFTWARE != 0,
        number::STIMECMP => csrs.timer = value,
        number::SATP => satp::write(hart, world, value),
        _ => unreachable!("a CSR that a read returns is read-only or has a write"),
    }
}

/// Writes the bits of `mask` of `fcsr`.
fn float(hart: &mut Hart, mask: u64, value: u64) {
    hart.csrs.fcsr = hart.csrs.fcsr & !mask | value & mask;
    hart.csrs.sstatus |= status::FS_DIRTY;
}

/// Returns the legal value of `senvcfg` for a write.
fn environment(old: u64, world: &World, value: u64) -> u64 {
    let extensions = &world.config.extensions;
    let mut fields = FIOM;
    if extensions.zicbom {
        fields |= CBCFE;
        // A reserved value leaves the field.
        if value & CBIE != 2 << 4 {
            fields |= CBIE;
        }
    }
    if extensions.zicboz {
        fields |= CBZE;
    }
    old & !fields | value & fields
}
