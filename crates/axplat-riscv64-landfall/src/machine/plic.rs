//! The platform-level interrupt controller (RISC-V PLIC specification, "Memory Map").
//!
//! All device interrupts go to the hart that boots. A hart of ArceOS cannot state its number to
//! a platform, and each hart has claim registers of its own.

use core::sync::atomic::{AtomicU32, Ordering};

use landfall::address::VirtAddr;

use crate::config::devices::SOURCES;

const ENABLE: u64 = 0x2000;
const ENABLE_STRIDE: u64 = 0x80;
const CONTEXT: u64 = 0x20_0000;
const CONTEXT_STRIDE: u64 = 0x1000;
const CLAIM: u64 = 4;

/// A controller whose registers are mapped.
#[derive(Debug)]
pub(super) struct Plic {
    registers: VirtAddr,
    /// The boot hart's, in supervisor mode.
    context: u64,
    /// The content of its enable registers.
    enabled: [AtomicU32; SOURCES / 32],
}

impl Plic {
    pub(super) const fn new(registers: VirtAddr, context: u32) -> Self {
        Self { registers, context: context as u64, enabled: [const { AtomicU32::new(0) }; SOURCES / 32] }
    }

    fn register(&self, offset: u64) -> *mut u32 {
        core::ptr::with_exposed_provenance_mut(self.registers.wrapping_add(offset).get() as usize)
    }

    fn write(&self, offset: u64, value: u32) {
        // SAFETY: the offset is one of the specification's, and the tree says that there is such a
        // controller.
        unsafe { self.register(offset).write_volatile(value) };
    }

    fn read(&self, offset: u64) -> u32 {
        // SAFETY: as above; of all registers only a claim has an effect, which the caller wants.
        unsafe { self.register(offset).read_volatile() }
    }

    /// Lets nothing through but what will be enabled; interrupts of any priority above 0.
    pub(super) fn open(&self) {
        (0..self.enabled.len() as u64).for_each(|word| self.write(self.enable(word), 0));
        self.write(self.claim_registers(), 0);
    }

    const fn enable(&self, word: u64) -> u64 {
        ENABLE + self.context * ENABLE_STRIDE + word * 4
    }

    const fn claim_registers(&self) -> u64 {
        CONTEXT + self.context * CONTEXT_STRIDE
    }

    /// Lets a source through, or no longer.
    pub(super) fn set_enabled(&self, source: usize, state: Source) {
        let Some(word) = self.enabled.get(source / 32) else { return };
        let bit = 1 << (source % 32);
        self.write(source as u64 * 4, 1);
        let mut wanted = match state {
            Source::On => word.fetch_or(bit, Ordering::AcqRel) | bit,
            Source::Off => word.fetch_and(!bit, Ordering::AcqRel) & !bit,
        };
        // Another hart may write an older value in between: then the last one writes the
        // newest.
        loop {
            self.write(self.enable(source as u64 / 32), wanted);
            match word.load(Ordering::Acquire) {
                newest if newest == wanted => return,
                newest => wanted = newest,
            }
        }
    }

    /// Handles all sources that are pending.
    pub(super) fn handle(&self, mut handler: impl FnMut(usize)) {
        loop {
            let source = self.read(self.claim_registers() + CLAIM);
            if source == 0 {
                return;
            }
            handler(source as usize);
            self.write(self.claim_registers() + CLAIM, source);
        }
    }
}

/// The state of a source's interrupts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    On,
    Off,
}
