//! Blocks of instructions: what a hart executes between two moments at which others matter.

use super::inspect::{Inspected, Inspector};
use crate::hart::trap::Exit;
use crate::hart::{Hart, Privilege};
use crate::isa::Inst;
use crate::world::World;

/// Why a block of instructions ended.
pub(super) enum End {
    /// Its instructions were executed.
    Done,
    /// Quick translations may be wrong now.
    Changed,
    /// An instruction did not simply retire.
    Exit(Exit),
}

/// Begins a hart at its entry, whose page it fetches fresh.
pub(super) fn begin(hart: &mut Hart, world: &mut World, entry: u64, opaque: u64) {
    hart.start(entry, opaque, &mut world.choices);
    hart.translations.change_root(hart.csrs.satp, world.memory.time());
    hart.view.fresh = Some((entry & !0xfff, world.memory.time()));
}

/// Returns what quick translations depend on besides the root.
pub(super) const fn context(hart: &Hart) -> u64 {
    let supervisor = matches!(hart.privilege, Privilege::Supervisor) as u64;
    supervisor | (hart.csrs.sstatus >> 18 & 3) << 1
}

/// Executes instructions until a time, and shows each to the inspector.
pub(super) fn run(
    hart: &mut Hart,
    world: &mut World,
    until: u64,
    inspector: &mut Option<Box<dyn Inspector>>,
) -> End {
    match inspector {
        None => run_shown(hart, world, until, |_, _| {}),
        Some(inspector) => {
            run_shown(hart, world, until, |hart, world| inspector.look(&Inspected { hart, world }))
        }
    }
}

/// Executes instructions until a time, and shows each before it is executed.
#[inline]
fn run_shown(hart: &mut Hart, world: &mut World, until: u64, mut show: impl FnMut(&Hart, &World)) -> End {
    let generation = world.memory.generation();
    while world.now < until {
        let inst = match world.fetch(hart) {
            Ok(inst) => inst,
            Err(trap) => return End::Exit(Exit::Trap(trap)),
        };
        show(hart, world);
        let result = if world.ordered {
            execute_in_view(hart, world, inst)
        } else {
            crate::execute::execute(hart, world, inst)
        };
        match result {
            Ok(()) => {
                world.now += 1;
                hart.retired += 1;
            }
            Err(Exit::Trap(trap)) => {
                return End::Exit(Exit::Trap(trap));
            }
            Err(exit) => {
                world.now += 1;
                hart.retired += 1;
                return End::Exit(exit);
            }
        }
        if world.memory.generation() != generation {
            return End::Changed;
        }
    }
    End::Done
}

/// Executes an instruction, and follows the views of the registers that it reads and writes.
#[inline]
fn execute_in_view(hart: &mut Hart, world: &mut World, inst: Inst) -> Result<(), Exit> {
    let view = &mut hart.view;
    let registers = &view.registers;
    let mut operand = registers[usize::from(inst.rs1 & 31)].max(registers[usize::from(inst.rs2 & 31)]);
    if inst.op.is_csr() || inst.op.is_float() {
        // A CSR or a floating-point register: it may depend on any load.
        operand = operand.max(view.read);
    }
    view.operand = operand;
    view.result = operand;
    let result = crate::execute::execute(hart, world, inst);
    let view = &mut hart.view;
    view.registers[usize::from(inst.rd & 31)] = view.result;
    view.registers[0] = 0;
    result
}
