//! The firmware's features of a hart (FWFT).

use crate::config::Config;
use crate::liberty::{Choices, Liberty};

/// The features of a hart that the kernel can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a feature of the specification")]
pub(crate) struct Features {
    /// `DOUBLE_TRAP`: `sstatus.SDT` exists, and a trap while it is set is a double trap.
    pub(crate) double_trap: bool,
    /// `DOUBLE_TRAP` cannot change any more.
    pub(crate) double_trap_locked: bool,
    /// `PTE_AD_HW_UPDATING`: the hart sets A and D. Page faults ask for them otherwise.
    pub(crate) updates_entries: bool,
    /// `PTE_AD_HW_UPDATING` cannot change any more.
    pub(crate) updates_entries_locked: bool,
}

impl Features {
    /// Returns the features of a hart before its first start.
    ///
    /// Double traps are off, unless an earlier kernel has left them on (`RandomRegisters`).
    pub(crate) fn new(config: &Config, index: usize, choices: &mut Choices) -> Self {
        let double_trap =
            config.extensions.ssdbltrp && choices.choose(index, Liberty::RandomRegisters, 2) != 0;
        Self { double_trap, ..Self::reset(config) }
    }

    /// Returns the features of a hart after its reset.
    pub(crate) const fn reset(config: &Config) -> Self {
        Self {
            double_trap: false,
            double_trap_locked: false,
            updates_entries: config.extensions.svadu,
            updates_entries_locked: false,
        }
    }
}
