//! A source of interrupts, and its state.

use super::PRIORITY;

/// A source.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Source {
    pub(super) mode: Mode,
    pub(super) wire: bool,
    /// The pending bit of a source that is not level-sensitive.
    pub(super) pending: bool,
    pub(super) enabled: bool,
    pub(super) hart: u32,
    pub(super) priority: u32,
}

/// A source mode: field SM of `sourcecfg`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
    #[default]
    Inactive = 0,
    Detached = 1,
    Rising = 4,
    Falling = 5,
    High = 6,
    Low = 7,
}

impl Source {
    /// Returns the rectified input value.
    pub(super) const fn rectified(&self) -> bool {
        match self.mode {
            Mode::Inactive | Mode::Detached => false,
            Mode::Rising | Mode::High => self.wire,
            Mode::Falling | Mode::Low => !self.wire,
        }
    }

    /// Returns true if the source is level-sensitive.
    pub(super) const fn is_level(&self) -> bool {
        matches!(self.mode, Mode::High | Mode::Low)
    }

    /// Returns the pending bit: of a level-sensitive source, its rectified input.
    pub(super) const fn is_pending(&self) -> bool {
        if self.is_level() { self.rectified() } else { self.pending }
    }

    /// Sets or clears the pending bit, if the mode permits that.
    pub(super) fn set_pending(&mut self, pending: bool) {
        if self.mode != Mode::Inactive && !self.is_level() {
            self.pending = pending;
        }
    }

    /// Sets or clears the enable bit of an active source.
    pub(super) fn set_enabled(&mut self, enabled: bool) {
        self.enabled = enabled && self.mode != Mode::Inactive;
    }

    /// Stores into `sourcecfg`. A delegation and a reserved mode are not supported and become 0.
    pub(super) fn configure(&mut self, value: u32) {
        let mode = match value & 0x407 {
            1 => Mode::Detached,
            4 => Mode::Rising,
            5 => Mode::Falling,
            6 => Mode::High,
            7 => Mode::Low,
            _ => Mode::Inactive,
        };
        let wire = self.wire;
        if mode == Mode::Inactive {
            *self = Self { wire, ..Self::default() };
        } else if self.mode == Mode::Inactive {
            // The fields of `target` are unspecified now; 0 is no priority.
            *self = Self { mode, wire, priority: 1, ..Self::default() };
        } else {
            // No write here clears the pending bit.
            let pending = self.is_pending();
            (self.mode, self.pending) = (mode, pending);
        }
    }

    /// Returns `target`.
    pub(super) const fn target(&self) -> u32 {
        self.hart << 18 | self.priority
    }

    /// Stores into `target`; priority 0 becomes 1.
    pub(super) fn set_target(&mut self, value: u32) {
        if self.mode != Mode::Inactive {
            self.hart = value >> 18;
            self.priority = (value & PRIORITY).max(1);
        }
    }
}
