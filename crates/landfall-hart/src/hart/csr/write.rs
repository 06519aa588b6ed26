//! Writes of CSRs. Each field takes a legal value (WARL).

use crate::world::World;

use super::super::Hart;
use super::super::interrupt;
use super::{environment, more, number, satp, status};

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
        number::SENVCFG => csrs.senvcfg = environment::legal(csrs.senvcfg, &world.config.extensions, value),
        number::SSCRATCH => csrs.sscratch = value,
        number::SEPC => csrs.sepc = implementation.address(value & !1),
        number::SCAUSE => csrs.scause = value & implementation.causes,
        number::STVAL => csrs.stval = implementation.address(value),
        number::SIP => csrs.software_interrupt = value & interrupt::SOFTWARE != 0,
        number::STIMECMP => csrs.timer = value,
        number::SATP => satp::write(hart, world, value),
        _ => more::write(hart, number, value),
    }
}

/// Writes the bits of `mask` of `fcsr`.
fn float(hart: &mut Hart, mask: u64, value: u64) {
    hart.csrs.fcsr = hart.csrs.fcsr & !mask | value & mask;
    hart.csrs.sstatus |= status::FS_DIRTY;
}
