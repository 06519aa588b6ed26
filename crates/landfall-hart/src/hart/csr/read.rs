//! Reads of CSRs.

use crate::world::World;

use super::super::implementation::Part;
use super::super::interrupt;
use super::super::{Hart, Privilege};
use super::{more, number, status};

/// Returns the value of a CSR, or `None` if the hart has none or withholds it.
pub(crate) fn read(hart: &Hart, world: &World, number: u16) -> Option<u64> {
    let csrs = &hart.csrs;
    let value = match number {
        number::FFLAGS => float(hart)? & 0x1f,
        number::FRM => float(hart)? >> 5,
        number::FCSR => float(hart)?,
        number::SSTATUS => status::read(hart),
        number::SIE => csrs.sie,
        number::STVEC => csrs.stvec,
        number::SCOUNTEREN => csrs.scounteren,
        number::SENVCFG if hart.implementation.senvcfg => csrs.senvcfg,
        number::SSCRATCH => csrs.sscratch,
        number::SEPC => csrs.sepc,
        number::SCAUSE => csrs.scause,
        number::STVAL => csrs.stval,
        number::SIP => interrupt::sip(hart, world),
        number::STIMECMP if world.config.extensions.sstc => csrs.timer,
        number::SATP => csrs.satp,
        // None of its extensions is on: no MAEE, so entries are as the specification states.
        number::SXSTATUS if hart.implementation.part == Part::C910 => 0,
        number::CYCLE..=number::HPMCOUNTER31 => counter(hart, world, number)?,
        _ => more::read(hart, number)?,
    };
    Some(value)
}

/// Returns `fcsr` if the floating-point unit is on.
fn float(hart: &Hart) -> Option<u64> {
    (hart.csrs.sstatus & status::FS != 0).then_some(hart.csrs.fcsr)
}

/// Returns the value of a counter, if the hart has it and user mode may read it.
fn counter(hart: &Hart, world: &World, number: u16) -> Option<u64> {
    let enabled = hart.csrs.scounteren >> (number - number::CYCLE) & 1 != 0;
    if hart.privilege == Privilege::User && !enabled {
        return None;
    }
    match number {
        number::TIME => world.config.extensions.time.then(|| interrupt::time(world)),
        number::CYCLE => hart.implementation.counters.then_some(world.now),
        number::INSTRET => hart.implementation.counters.then_some(hart.retired),
        // No event can be counted.
        number::HPMCOUNTER3.. => hart.implementation.event_counters.then_some(0),
        _ => None,
    }
}
