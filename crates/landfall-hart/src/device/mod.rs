//! The devices.

use crate::config::Config;

/// The devices.
#[derive(Debug)]
pub(crate) struct Devices {
    /// What the machine has printed, through any console.
    pub(crate) output: Vec<u8>,
}

impl Devices {
    /// Returns the devices of a machine.
    pub(crate) fn new(_config: &Config) -> Self {
        Self { output: Vec::new() }
    }

    /// Returns true if a device has registers at the physical address.
    pub(crate) fn covers(&self, _address: u64) -> bool {
        false
    }

    /// Loads `size` bytes (1, 2, 4 or 8) from a register; `None` is an access fault.
    pub(crate) fn load(&mut self, _address: u64, _size: u64) -> Option<u64> {
        None
    }

    /// Stores into a register; `None` is an access fault.
    pub(crate) fn store(&mut self, _address: u64, _size: u64, _value: u64) -> Option<()> {
        None
    }

    /// Returns true if the interrupt controller has an interrupt for the hart (SEIP).
    pub(crate) fn interrupts(&self, _hart: usize) -> bool {
        false
    }
}
