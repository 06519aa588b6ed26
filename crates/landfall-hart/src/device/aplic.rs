//! The APLIC: one supervisor-level domain without children, in direct delivery mode.
//!
//! Source: RISC-V Advanced Interrupt Architecture 1.0, chapter 4.

mod source;

use crate::config::Controller;

use source::{Mode, Source};

/// The number of sources, with source 0, which does not exist.
const SOURCES: usize = Controller::SOURCES as usize + 1;
/// `domaincfg`: the read-only byte, and IE. DM and BE are read-only zero.
const DOMAIN: u32 = 0x8000_0000;
const DOMAIN_ENABLE: u32 = 0x100;
/// The variable bits of priorities and thresholds, as in QEMU's `virt`.
const PRIORITY: u32 = 7;

/// An APLIC.
#[derive(Debug)]
pub(super) struct Aplic {
    enable: bool,
    sources: [Source; SOURCES],
    targets: Vec<Idc>,
}

/// An interrupt delivery control structure: one hart's.
#[derive(Clone, Debug, Default)]
struct Idc {
    deliver: bool,
    force: bool,
    threshold: u32,
}

impl Aplic {
    /// Returns the APLIC of a machine with `harts` harts.
    pub(super) fn new(harts: usize) -> Self {
        Self { enable: false, sources: [Source::default(); SOURCES], targets: vec![Idc::default(); harts] }
    }

    /// Sets the level of a source's wire. Returns true if it has changed.
    pub(super) fn set_wire(&mut self, source: u32, level: bool) -> bool {
        let Some(source) = self.sources.get_mut(source as usize) else { return false };
        let changed = source.wire != level;
        let before = source.rectified();
        source.wire = level;
        let edge = matches!(source.mode, Mode::Rising | Mode::Falling);
        source.pending |= edge && !before && source.rectified();
        changed
    }

    /// Returns true if the domain's signal to a hart is asserted.
    pub(super) fn interrupts(&self, hart: usize) -> bool {
        let idc = &self.targets[hart];
        self.enable && idc.deliver && (idc.force || self.top(hart) != 0)
    }

    /// Loads a register. Reserved and write-only ones are 0.
    pub(super) fn load(&mut self, offset: u64) -> u32 {
        let Ok(offset) = usize::try_from(offset) else { return 0 };
        match offset {
            0 => DOMAIN | if self.enable { DOMAIN_ENABLE } else { 0 },
            0x4..0x1000 => self.source(offset / 4).map_or(0, |source| source.mode as u32),
            0x1c00..0x1c80 => self.word(offset, Source::is_pending),
            0x1d00..0x1d80 => self.word(offset, Source::rectified),
            0x1e00..0x1e80 => self.word(offset, |source| source.enabled),
            0x3004..0x4000 => self.source(offset % 0x1000 / 4).map_or(0, Source::target),
            0x4000.. => self.load_idc((offset - 0x4000) / 32, offset % 32),
            _ => 0,
        }
    }

    /// Stores into a register. Stores into reserved and read-only ones are ignored.
    pub(super) fn store(&mut self, offset: u64, value: u32) {
        let Ok(offset) = usize::try_from(offset) else { return };
        match offset {
            0 => self.enable = value & DOMAIN_ENABLE != 0,
            0x4..0x1000 => self.change(offset / 4, |source| source.configure(value)),
            0x1c00..0x1c80 => self.change_word(offset, value, |source| source.set_pending(true)),
            0x1d00..0x1d80 => self.change_word(offset, value, |source| source.set_pending(false)),
            0x1e00..0x1e80 => self.change_word(offset, value, |source| source.set_enabled(true)),
            0x1f00..0x1f80 => self.change_word(offset, value, |source| source.set_enabled(false)),
            // `setipnum` and `setipnum_le`.
            0x1cdc | 0x2000 => self.change(value as usize, |source| source.set_pending(true)),
            0x1ddc => self.change(value as usize, |source| source.set_pending(false)),
            0x1edc => self.change(value as usize, |source| source.set_enabled(true)),
            0x1fdc => self.change(value as usize, |source| source.set_enabled(false)),
            0x3004..0x4000 => self.change(offset % 0x1000 / 4, |source| source.set_target(value)),
            0x4000.. => self.store_idc((offset - 0x4000) / 32, offset % 32, value),
            _ => {}
        }
    }

    /// Returns a source that exists.
    fn source(&self, number: usize) -> Option<&Source> {
        self.sources.get(number).filter(|_| number != 0)
    }

    /// Changes a source that exists.
    fn change(&mut self, number: usize, change: impl FnOnce(&mut Source)) {
        if let Some(source) = self.sources.get_mut(number).filter(|_| number != 0) {
            change(source);
        }
    }

    /// Returns one bit for each of 32 sources, by the register's offset in its array.
    fn word(&self, offset: usize, bit: impl Fn(&Source) -> bool) -> u32 {
        let first = offset % 0x80 / 4 * 32;
        (0..32).fold(0, |word, index| word | u32::from(self.source(first + index).is_some_and(&bit)) << index)
    }

    /// Changes the sources whose bits are set.
    fn change_word(&mut self, offset: usize, value: u32, change: impl Fn(&mut Source)) {
        let first = offset % 0x80 / 4 * 32;
        for index in (0..32).filter(|index| value >> index & 1 != 0) {
            self.change(first + index, &change);
        }
    }

    /// Loads a register of a hart's structure. Those of harts that do not exist are 0.
    fn load_idc(&mut self, hart: usize, offset: usize) -> u32 {
        let Some(idc) = self.targets.get(hart) else { return 0 };
        match offset {
            0x00 => u32::from(idc.deliver),
            0x04 => u32::from(idc.force),
            0x08 => idc.threshold,
            0x18 => self.top(hart),
            0x1c => self.claim(hart),
            _ => 0,
        }
    }

    /// Stores into a register of a hart's structure.
    fn store_idc(&mut self, hart: usize, offset: usize, value: u32) {
        let Some(idc) = self.targets.get_mut(hart) else { return };
        match offset {
            // WARL: 0 and 1 are legal; another value leaves the old one.
            0x00 if value < 2 => idc.deliver = value == 1,
            0x04 if value < 2 => idc.force = value == 1,
            0x08 => idc.threshold = value & PRIORITY,
            _ => {}
        }
    }

    /// Returns `topi`: the pending and enabled source with the lowest priority number.
    fn top(&self, hart: usize) -> u32 {
        let threshold = self.targets[hart].threshold;
        let numbered = self.sources.iter().zip(0u32..).skip(1);
        let ready = numbered.filter(|(source, _)| {
            let above = threshold == 0 || source.priority < threshold;
            source.enabled && source.is_pending() && source.hart as usize == hart && above
        });
        let best = ready.min_by_key(|(source, number)| (source.priority, *number));
        best.map_or(0, |(source, number)| number << 16 | source.priority)
    }

    /// Returns `claimi`, and clears the source's pending bit, or `iforce` if there is no source.
    fn claim(&mut self, hart: usize) -> u32 {
        let top = self.top(hart);
        if top == 0 {
            self.targets[hart].force = false;
        }
        self.change((top >> 16) as usize, |source| source.set_pending(false));
        top
    }
}

#[cfg(test)]
mod tests;
