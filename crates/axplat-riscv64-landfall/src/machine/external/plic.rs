//! The platform-level interrupt controller (RISC-V PLIC specification, "Memory Map"). Each CPU has
//! a context, with a bit for each source and with claim registers.

use super::registers::Registers;
use super::{ROUTES, Routes, Unavailable};
use crate::config::devices::SOURCES;
use crate::devices::Outputs;

const ENABLE: u64 = 0x2000;
const ENABLE_STRIDE: u64 = 0x80;
const CONTEXT: u64 = 0x20_0000;
const CONTEXT_STRIDE: u64 = 0x1000;
const CLAIM: u64 = 4;

#[derive(Debug)]
pub(super) struct Plic {
    registers: Registers,
    contexts: Outputs,
}

impl Plic {
    pub(super) const fn new(registers: Registers, contexts: Outputs) -> Self {
        Self { registers, contexts }
    }

    fn context(&self, cpu: usize) -> Option<u64> {
        self.contexts.of(cpu).map(u64::from)
    }

    const fn claim_registers(context: u64) -> u64 {
        CONTEXT + context * CONTEXT_STRIDE
    }

    /// Lets nothing through but what goes to this CPU; interrupts of any priority above 0.
    pub(super) fn open(&self, cpu: usize, routes: &Routes) -> Option<()> {
        let context = self.context(cpu)?;
        for first in (0..SOURCES).step_by(32) {
            self.write_enables(cpu, first, routes);
        }
        self.registers.write(Self::claim_registers(context), 0);
        Some(())
    }

    /// Writes the bits of the 32 sources around `source` for a CPU.
    fn write_enables(&self, cpu: usize, source: usize, routes: &Routes) {
        let Some(context) = self.context(cpu) else { return };
        let word = source / 32;
        let goes_here =
            |bit: &usize| routes.get(word * 32 + bit).is_some_and(|to| to.map(usize::from) == Some(cpu));
        let bits = (0..32).filter(goes_here).fold(0, |bits, bit| bits | 1 << bit);
        self.registers.write(ENABLE + context * ENABLE_STRIDE + word as u64 * 4, bits);
    }

    /// Routes a source to a CPU, or to none.
    pub(super) fn set(&self, source: usize, to: Option<u8>, routes: &mut Routes) -> Result<(), Unavailable> {
        let from = routes.get(source).copied().flatten();
        if let Some(cpu) = to {
            self.context(cpu.into()).ok_or(Unavailable::Cpu)?;
        }
        if let Some(route) = routes.get_mut(source) {
            *route = to;
        }
        // First off, then on: never at two CPUs.
        for cpu in [from.filter(|from| Some(*from) != to), to].into_iter().flatten() {
            self.write_enables(cpu.into(), source, routes);
        }
        // The priority comes last: QEMU looks for pending sources when a priority changes, and not
        // when a source is enabled.
        self.registers.write(source as u64 * 4, 1);
        Ok(())
    }

    /// Handles all sources that are pending at a CPU.
    pub(super) fn handle(&self, cpu: usize, mut handler: impl FnMut(usize)) {
        let Some(context) = self.context(cpu) else { return };
        let claim = Self::claim_registers(context) + CLAIM;
        loop {
            let source = self.registers.read(claim);
            if source == 0 {
                return;
            }
            handler(source as usize);
            ROUTES.with(|routes| self.complete(cpu, claim, source, routes));
        }
    }

    /// Completes a source. The controller ignores a completion by a context where the source is off
    /// (specification, "Interrupt Completion"), and would never report it again. If the handler
    /// turned it off or moved it, it is on for that moment.
    fn complete(&self, cpu: usize, claim: u64, source: u32, routes: &mut Routes) {
        let index = source as usize;
        let route = routes.get(index).copied().flatten();
        let kept = route.map(usize::from) == Some(cpu);
        let own = u8::try_from(cpu).ok();
        if let Some(slot) = routes.get_mut(index).filter(|_| !kept) {
            *slot = own;
            self.write_enables(cpu, index, routes);
        }
        self.registers.write(claim, source);
        if let Some(slot) = routes.get_mut(index).filter(|_| !kept) {
            *slot = route;
            self.write_enables(cpu, index, routes);
        }
    }
}
