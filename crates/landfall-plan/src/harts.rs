//! The harts of a machine.

use landfall_paging::Mode;

/// How many harts [`Harts`] holds.
pub const MAX_HARTS: usize = 128;

/// What the device tree says of a hart's address translation: `mmu-type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mmu {
    /// Nothing, or something that this version does not know.
    Unstated,
    /// `riscv,none`, or `riscv,sv32`, which no 64-bit kernel can use.
    None,
    /// The best mode that it has.
    Upto(Mode),
}

impl Mmu {
    /// What the text of `mmu-type` says.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name.strip_prefix("riscv,") {
            Some("none" | "sv32") => Self::None,
            Some(mode) => Mode::from_name(mode).map_or(Self::Unstated, Self::Upto),
            None => Self::Unstated,
        }
    }
}

/// Whether a hart has leaves of 64 KiB (the extension Svnapot).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Svnapot {
    /// The tree does not say so.
    #[default]
    Absent,
    /// It has.
    Present,
}

/// An enabled hart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hart {
    /// Its id, as the SBI knows it.
    pub id: u64,
    /// Its `mmu-type`.
    pub mmu: Mmu,
    /// Whether it has leaves of 64 KiB.
    pub svnapot: Svnapot,
}

impl Hart {
    /// Whether the tree says that the hart can land in `mode`.
    #[must_use]
    pub fn reaches(&self, mode: Mode) -> bool {
        matches!(self.mmu, Mmu::Upto(best) if best >= mode)
    }
}

/// The enabled harts, in the device tree's order.
#[derive(Clone, Debug)]
pub struct Harts {
    list: [Hart; MAX_HARTS],
    len: usize,
    beyond: u32,
}

impl Harts {
    /// No hart.
    pub const EMPTY: Self = Self {
        list: [Hart { id: 0, mmu: Mmu::Unstated, svnapot: Svnapot::Absent }; MAX_HARTS],
        len: 0,
        beyond: 0,
    };

    /// The harts.
    #[must_use]
    pub fn as_slice(&self) -> &[Hart] {
        self.list.get(..self.len).unwrap_or_default()
    }

    /// How many more the tree has than [`MAX_HARTS`]. They stay where the firmware keeps them.
    #[must_use]
    pub const fn beyond(&self) -> u32 {
        self.beyond
    }

    /// The same harts, of a machine that has so many more.
    #[must_use]
    pub const fn with_beyond(mut self, beyond: u32) -> Self {
        self.beyond = beyond;
        self
    }

    /// The hart of this id.
    #[must_use]
    pub fn find(&self, id: u64) -> Option<&Hart> {
        self.as_slice().iter().find(|hart| hart.id == id)
    }

    /// Adds a hart; one whose id is known already is not added again.
    pub fn push(&mut self, hart: Hart) {
        if self.find(hart.id).is_some() {
            return;
        }
        match self.list.get_mut(self.len) {
            Some(slot) => {
                *slot = hart;
                self.len += 1;
            }
            None => self.beyond = self.beyond.saturating_add(1),
        }
    }

    /// Like [`Harts::push`], and if there is no room left the last hart gives up its place: for the hart that boots.
    pub fn push_boot_hart(&mut self, hart: Hart) {
        if self.len == MAX_HARTS && self.find(hart.id).is_none() {
            self.len -= 1;
            self.beyond += 1;
        }
        self.push(hart);
    }
}
