//! The sources of an APLIC in supervisor mode's domain (AIA 1.0, 4.5).

use super::Unavailable;
use super::registers::Registers;
use crate::devices::{Controller, Trigger, Triggers};

const DOMAIN_CONFIG: u64 = 0x0000;
const SOURCE_CONFIG: u64 = 0x0000;
const INPUTS: u64 = 0x1d00;
const CLEAR_ENABLES: u64 = 0x1f00;
const SET_ENABLE_BY_NUMBER: u64 = 0x1edc;
const CLEAR_ENABLE_BY_NUMBER: u64 = 0x1fdc;
const SET_PENDING_BY_NUMBER: u64 = 0x2000;
const TARGET: u64 = 0x3000;

/// `domaincfg` (4.5.1): interrupts are on; by wires, or by messages.
const INTERRUPTS: u32 = 1 << 8;
const MESSAGES: u32 = 1 << 2;
/// `target` (4.5.16): the hart index, above the priority or the identity.
const HART_INDEX_SHIFT: u32 = 18;

/// The way in which a domain interrupts harts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    Wires,
    Messages,
}

/// A domain.
#[derive(Debug)]
pub(super) struct Aplic {
    pub(super) registers: Registers,
    triggers: Triggers,
}

impl Aplic {
    /// Turns all sources off, and the domain on.
    pub(super) fn new(registers: Registers, controller: &Controller, delivery: Delivery) -> Self {
        for word in 0..=u64::from(controller.last_source) / 32 {
            registers.write(CLEAR_ENABLES + word * 4, u32::MAX);
        }
        let mode = if delivery == Delivery::Messages { MESSAGES } else { 0 };
        registers.write(DOMAIN_CONFIG, INTERRUPTS | mode);
        Self { registers, triggers: controller.triggers.clone() }
    }

    /// Returns true if the level of a source is active (4.5.7), or if it reports edges.
    pub(super) fn is_active(&self, source: usize) -> bool {
        let inputs = self.registers.read(INPUTS + source as u64 / 32 * 4);
        !self.is_level(source) || inputs >> (source % 32) & 1 != 0
    }

    /// Returns true if a source that has been on reports a level.
    pub(super) fn is_level(&self, source: usize) -> bool {
        let mode = self.registers.read(SOURCE_CONFIG + source as u64 * 4);
        mode == Trigger::HighLevel as u32 || mode == Trigger::LowLevel as u32
    }

    /// Turns a source on. `low` is its priority or its identity at that hart.
    pub(super) fn turn_on(&self, source: usize, hart_index: u16, low: u32) -> Result<(), Unavailable> {
        let place = source as u64 * 4;
        self.turn_off(source);
        let trigger = self.triggers.of(source) as u32;
        self.registers.write(SOURCE_CONFIG + place, trigger);
        // A source that this domain does not have is 0 (4.5.2).
        if self.registers.read(SOURCE_CONFIG + place) != trigger {
            return Err(Unavailable::Source);
        }
        self.registers.write(TARGET + place, u32::from(hart_index) << HART_INDEX_SHIFT | low);
        self.registers.write(SET_ENABLE_BY_NUMBER, source as u32);
        Ok(())
    }

    pub(super) fn turn_off(&self, source: usize) {
        self.registers.write(CLEAR_ENABLE_BY_NUMBER, source as u32);
    }

    /// Makes a source pending if its level still is active (4.7, 4.9.2).
    pub(super) fn look_again(&self, source: usize) {
        self.registers.write(SET_PENDING_BY_NUMBER, source as u32);
    }
}
