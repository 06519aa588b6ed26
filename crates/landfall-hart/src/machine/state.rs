//! The state of a hart, as other machines know it too.

use super::Machine;
use crate::hart::Privilege;
use crate::hart::csr::status;

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

    /// Returns the physical address of a hart's next instruction, by the present tables; `None` if
    /// they do not map it.
    pub fn physical_pc(&mut self, index: usize) -> Option<u64> {
        let Self { harts, world, .. } = self;
        let hart = &harts[index];
        match hart.csrs.satp >> 60 {
            0 => Some(hart.pc),
            _ => world.walk_of(hart.csrs.satp, hart.pc).map(|(_, physical)| physical),
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
}
