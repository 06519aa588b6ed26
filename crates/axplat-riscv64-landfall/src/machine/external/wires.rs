//! An APLIC that interrupts harts by wires: each CPU has an IDC structure (AIA 1.0, 4.8.1).

use super::Unavailable;
use super::aplic::Aplic;
use crate::devices::Outputs;

const IDC: u64 = 0x4000;
const IDC_STRIDE: u64 = 32;
const DELIVERY: u64 = 0x00;
const THRESHOLD: u64 = 0x08;
const CLAIM: u64 = 0x1c;

/// The source in a claim, above its priority.
const SOURCE_SHIFT: u32 = 16;
/// All sources have one.
const PRIORITY: u32 = 1;

#[derive(Debug)]
pub(super) struct Wires {
    aplic: Aplic,
    indexes: Outputs,
}

impl Wires {
    pub(super) const fn new(aplic: Aplic, indexes: Outputs) -> Self {
        Self { aplic, indexes }
    }

    fn idc(&self, cpu: usize) -> Option<u64> {
        self.indexes.of(cpu).map(|index| IDC + u64::from(index) * IDC_STRIDE)
    }

    /// Lets interrupts of any priority through to a CPU.
    pub(super) fn open(&self, cpu: usize) -> Option<()> {
        let idc = self.idc(cpu)?;
        self.aplic.registers.write(idc + THRESHOLD, 0);
        self.aplic.registers.write(idc + DELIVERY, 1);
        Some(())
    }

    /// Routes a source to a CPU, or to none.
    pub(super) fn set(&self, source: usize, to: Option<u8>) -> Result<(), Unavailable> {
        let Some(cpu) = to else {
            self.aplic.turn_off(source);
            return Ok(());
        };
        let index = self.indexes.of(cpu.into()).ok_or(Unavailable::Cpu)?;
        self.aplic.turn_on(source, index, PRIORITY)
    }

    /// Handles all sources that are pending at a CPU. A claim ends an edge; a level ends when the
    /// device ends it (4.7). QEMU keeps a level pending until the next claim.
    pub(super) fn handle(&self, cpu: usize, mut handler: impl FnMut(usize)) {
        let Some(idc) = self.idc(cpu) else { return };
        loop {
            match self.aplic.registers.read(idc + CLAIM) >> SOURCE_SHIFT {
                0 => return,
                source if self.aplic.is_active(source as usize) => handler(source as usize),
                _ => {}
            }
        }
    }
}
