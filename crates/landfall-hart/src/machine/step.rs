//! One hart, one instruction at a time, for comparisons with other machines.

use super::block::{self, End};
use super::{Machine, Outcome};
use crate::hart::csr::status;
use crate::hart::trap::{self, Exit};
use crate::hart::{Privilege, State};
use crate::sbi;

/// The state of a hart between two instructions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HartState {
    /// The address of the next instruction.
    pub pc: u64,
    /// True in supervisor mode, false in user mode.
    pub supervisor: bool,
    /// The integer registers; `x[0]` is 0.
    pub x: [u64; 32],
    /// The floating-point registers.
    pub f: [u64; 32],
    /// `sstatus`.
    pub sstatus: u64,
    /// `sie`.
    pub sie: u64,
    /// `stvec`.
    pub stvec: u64,
    /// `sscratch`.
    pub sscratch: u64,
    /// `sepc`.
    pub sepc: u64,
    /// `scause`.
    pub scause: u64,
    /// `stval`.
    pub stval: u64,
    /// `satp`.
    pub satp: u64,
    /// `fcsr`.
    pub fcsr: u64,
}

impl Machine {
    /// Returns the state of a hart, by its index.
    ///
    /// # Panics
    /// Panics if there is no such hart. So do the other functions that take an index.
    #[must_use]
    pub fn hart_state(&self, index: usize) -> HartState {
        let hart = &self.harts[index];
        let csrs = &hart.csrs;
        let dirty = csrs.sstatus & status::FS == status::FS;
        HartState {
            pc: hart.pc,
            supervisor: hart.privilege == Privilege::Supervisor,
            x: hart.x,
            f: hart.f,
            sstatus: csrs.sstatus | u64::from(dirty) << 63,
            sie: csrs.sie,
            stvec: csrs.stvec,
            sscratch: csrs.sscratch,
            sepc: csrs.sepc,
            scause: csrs.scause,
            stval: csrs.stval,
            satp: csrs.satp,
            fcsr: csrs.fcsr,
        }
    }

    /// Sets the state of a hart. It continues with no earlier translation.
    pub fn set_hart_state(&mut self, index: usize, state: &HartState) {
        let Self { harts, world, .. } = self;
        let hart = &mut harts[index];
        hart.pc = state.pc;
        hart.privilege = if state.supervisor { Privilege::Supervisor } else { Privilege::User };
        hart.x = state.x;
        hart.x[0] = 0;
        hart.f = state.f;
        let csrs = &mut hart.csrs;
        csrs.sstatus = state.sstatus & !(1 << 63);
        csrs.sie = state.sie;
        csrs.stvec = state.stvec;
        csrs.sscratch = state.sscratch;
        csrs.sepc = state.sepc;
        csrs.scause = state.scause;
        csrs.stval = state.stval;
        csrs.satp = state.satp;
        csrs.fcsr = state.fcsr;
        hart.translations.change_root(state.satp, world.memory.time());
        world.fence_translations(hart, None, None);
    }

    /// Sets an integer register of a hart.
    pub fn set_register(&mut self, index: usize, register: u8, value: u64) {
        self.harts[index].set(register, value);
    }

    /// Returns the encoding of a hart's next instruction; `None` if its fetch faults.
    pub fn instruction(&mut self, index: usize) -> Option<u32> {
        let Self { harts, world, .. } = self;
        let hart = &mut harts[index];
        hart.translations.prepare(block::context(hart), world.memory.generation());
        world.fetch(hart).ok()?;
        u32::try_from(world.encoding(hart)).ok()
    }

    /// Executes one instruction of a hart, or takes the trap that it causes. Takes no interrupt,
    /// and `wfi` does not wait.
    pub fn step(&mut self, index: usize) -> Option<Outcome> {
        let Self { harts, world, .. } = self;
        let hart = &mut harts[index];
        hart.translations.prepare(block::context(hart), world.memory.generation());
        let outcome = match block::run(hart, world, world.now + 1) {
            End::Done | End::Changed | End::Exit(Exit::Resync | Exit::Evaluate | Exit::Wait) => None,
            End::Exit(Exit::Trap(trap)) => {
                world.now += 1;
                self.trap(index, trap)
            }
            End::Exit(Exit::Call) => sbi::call(self, index),
        };
        self.leave_due(index);
        if self.harts[index].state == State::Waiting {
            self.harts[index].state = State::Started;
        }
        outcome
    }

    /// Takes the interrupt of this number.
    pub fn interrupt(&mut self, index: usize, number: u64) {
        // SDT implies that SIE is clear, so an interrupt is never a double trap.
        let _ = trap::enter_interrupt(&mut self.harts[index], number);
    }

    /// Returns the loads from devices so far, of all harts.
    #[must_use]
    pub const fn device_loads(&self) -> u64 {
        self.world.device_loads
    }
}
