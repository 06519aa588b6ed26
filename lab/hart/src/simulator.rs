//! The simulator as a stepper, with all liberties off.

use landfall_hart::config::{Config, Extensions, Mode, Region, RegionKind};
use landfall_hart::{HartState, Machine};

use crate::lockstep::{Step, Stepper};
use crate::state::{Csr, Entry, Privilege, State};

/// The start of RAM, and the memory of OpenSBI in it.
const RAM: u64 = 0x8000_0000;
const FIRMWARE: u64 = 0x8_0000;

/// The only hart.
const HART: usize = 0;

/// A machine that the simulator imitates.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    /// The widest mode.
    pub widest: Mode,
    /// The extensions.
    pub extensions: Extensions,
}

/// The simulator.
#[derive(Debug)]
pub struct Simulator {
    machine: Machine,
}

impl Simulator {
    /// Returns a machine that holds `entry`.
    #[must_use]
    pub fn new(model: Model, entry: &Entry) -> Self {
        let region = |start, len, kind| Region { start, len, kind };
        let regions = vec![
            region(RAM, FIRMWARE, RegionKind::Firmware),
            region(RAM + FIRMWARE, entry.memory - FIRMWARE, RegionKind::Ram),
        ];
        let config = Config {
            widest: model.widest,
            extensions: model.extensions,
            asid_bits: 16,
            entry: entry.start,
            tree: entry.tree,
            contents: entry.contents.clone(),
            ..Config::virt(1, regions)
        };
        Self { machine: Machine::new(config) }
    }
}

impl Stepper for Simulator {
    fn state(&self) -> State {
        let found = self.machine.hart_state(HART);
        let privilege = if found.supervisor { Privilege::Supervisor } else { Privilege::User };
        let mut state = State { pc: found.pc, privilege, x: found.x, f: found.f, ..State::default() };
        for (csr, value) in [
            (Csr::Sstatus, found.sstatus),
            (Csr::Sie, found.sie),
            (Csr::Stvec, found.stvec),
            (Csr::Sscratch, found.sscratch),
            (Csr::Sepc, found.sepc),
            (Csr::Scause, found.scause),
            (Csr::Stval, found.stval),
            (Csr::Satp, found.satp),
            (Csr::Fcsr, found.fcsr),
        ] {
            state.set_csr(csr, value);
        }
        state
    }

    fn set_state(&mut self, state: &State) {
        let found = self.machine.hart_state(HART);
        let csr = |csr, own: u64| state.csr(csr).unwrap_or(own);
        let state = HartState {
            pc: state.pc,
            supervisor: state.privilege == Privilege::Supervisor,
            x: state.x,
            f: state.f,
            sstatus: csr(Csr::Sstatus, found.sstatus),
            sie: csr(Csr::Sie, found.sie),
            stvec: csr(Csr::Stvec, found.stvec),
            sscratch: csr(Csr::Sscratch, found.sscratch),
            sepc: csr(Csr::Sepc, found.sepc),
            scause: csr(Csr::Scause, found.scause),
            stval: csr(Csr::Stval, found.stval),
            satp: csr(Csr::Satp, found.satp),
            fcsr: csr(Csr::Fcsr, found.fcsr),
        };
        self.machine.set_hart_state(HART, &state);
    }

    fn instruction(&mut self) -> Option<u32> {
        self.machine.instruction(HART)
    }

    fn step(&mut self) -> Step {
        let before = self.machine.device_loads();
        if self.machine.step(HART).is_some() {
            return Step::Over;
        }
        if self.machine.device_loads() == before { Step::Done } else { Step::LoadedFromDevice }
    }

    fn pending(&mut self) -> Option<u64> {
        self.machine.pending_interrupt(HART)
    }

    fn interrupt(&mut self, number: u64) {
        self.machine.interrupt(HART, number);
    }

    fn set_register(&mut self, register: usize, value: u64) {
        if let Ok(register) = u8::try_from(register) {
            self.machine.set_register(HART, register, value);
        }
    }

    fn store(&mut self, address: u64, bytes: &[u8]) {
        // Firmware's stores to devices and to its own memory have no effect here.
        let _ = self.machine.write_memory(address, bytes);
    }
}
