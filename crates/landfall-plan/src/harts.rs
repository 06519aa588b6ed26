//! The harts of a machine.
//!
//! ```
//! use landfall_paging::Mode;
//! use landfall_plan::harts::{Extension, Extensions, Hart, Harts, Mmu};
//!
//! let extensions = Extensions::NONE.with(Extension::Svnapot);
//! let mut harts = Harts::EMPTY;
//! harts.push(Hart { id: 7, mmu: Mmu::from_name("riscv,sv48"), extensions });
//! assert!(harts.find(7).is_some_and(|hart| hart.reaches(Mode::Sv39)));
//! ```

mod absence;
mod index;
mod set;

use landfall_paging::Mode;

pub use crate::extensions::{Extension, Extensions};
pub use absence::Absence;
pub use index::HartIndex;
pub use set::HartSet;

/// The capacity of [`Harts`]. QEMU's `virt` has as many harts with its IMSIC.
pub const MAX_HARTS: usize = 512;

/// A hart's address translation in the device tree: `mmu-type`.
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
    /// Returns the meaning of an `mmu-type`, whose bytes may be any.
    #[must_use]
    pub fn from_name(name: impl AsRef<[u8]>) -> Self {
        match name.as_ref().strip_prefix(b"riscv,") {
            Some(b"none" | b"sv32") => Self::None,
            Some(mode) => Mode::BEST_FIRST
                .into_iter()
                .find(|known| known.name().as_bytes() == mode)
                .map_or(Self::Unstated, Self::Upto),
            None => Self::Unstated,
        }
    }

    const fn code(self) -> u8 {
        match self {
            Self::Unstated => 0,
            Self::None => 1,
            Self::Upto(mode) => mode as u8,
        }
    }

    fn of_code(code: u8) -> Self {
        match code {
            0 => Self::Unstated,
            1 => Self::None,
            code => Mode::BEST_FIRST
                .into_iter()
                .find(|mode| *mode as u8 == code)
                .map_or(Self::Unstated, Self::Upto),
        }
    }
}

/// An enabled hart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hart {
    /// Its id, as the SBI knows it.
    pub id: u64,
    /// Its `mmu-type`.
    pub mmu: Mmu,
    /// The extensions that the device tree lists for it.
    pub extensions: Extensions,
}

impl Hart {
    /// Returns true if the hart can land in `mode` by the tree.
    #[must_use]
    pub fn reaches(&self, mode: Mode) -> bool {
        matches!(self.mmu, Mmu::Upto(best) if best >= mode)
    }
}

/// The facts about a hart besides its id. Two bytes each: the list lies in the file of every
/// kernel.
#[derive(Clone, Copy, Debug)]
struct Traits {
    mmu: u8,
    extensions: Extensions,
}

/// The enabled harts, in the device tree's order.
#[derive(Clone, Debug)]
pub struct Harts {
    ids: [u64; MAX_HARTS],
    traits: [Traits; MAX_HARTS],
    len: usize,
    beyond: u32,
    /// The highest id of all: trees list ids in ascending order, and a higher one needs no search.
    highest: u64,
}

impl Harts {
    /// No hart.
    pub const EMPTY: Self = Self {
        ids: [0; MAX_HARTS],
        traits: [Traits { mmu: 0, extensions: Extensions::NONE }; MAX_HARTS],
        len: 0,
        beyond: 0,
        highest: 0,
    };

    /// Takes all harts away.
    pub const fn clear(&mut self) {
        (self.len, self.beyond, self.highest) = (0, 0, 0);
    }

    /// Returns the number of harts in the list.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Returns true if the list holds no hart.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The ids of the harts.
    #[must_use]
    pub fn ids(&self) -> &[u64] {
        self.ids.get(..self.len).unwrap_or_default()
    }

    /// The harts.
    pub fn iter(&self) -> impl Iterator<Item = Hart> + Clone {
        self.ids().iter().zip(&self.traits).map(|(id, traits)| hart(*id, *traits))
    }

    /// Returns the number of harts in the tree beyond [`MAX_HARTS`]. They stay with the firmware.
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
    pub fn find(&self, id: u64) -> Option<Hart> {
        let index = self.ids().iter().position(|known| *known == id)?;
        self.traits.get(index).map(|traits| hart(id, *traits))
    }

    /// Adds a hart; one whose id is known already is not added again.
    pub fn push(&mut self, hart: Hart) {
        if self.knows(hart.id) {
            return;
        }
        if self.len == MAX_HARTS {
            self.beyond = self.beyond.saturating_add(1);
        } else {
            self.put(hart);
        }
    }

    /// Adds the hart that boots. In a full list it takes the place of the last hart, which is
    /// counted as one beyond.
    pub fn push_boot_hart(&mut self, hart: Hart) {
        if self.knows(hart.id) {
            return;
        }
        if self.len == MAX_HARTS {
            self.len -= 1;
            self.beyond = self.beyond.saturating_add(1);
        }
        self.put(hart);
    }

    fn knows(&self, id: u64) -> bool {
        self.len != 0 && id <= self.highest && self.ids().contains(&id)
    }

    fn put(&mut self, hart: Hart) {
        if let (Some(id), Some(traits)) = (self.ids.get_mut(self.len), self.traits.get_mut(self.len)) {
            *id = hart.id;
            *traits = Traits { mmu: hart.mmu.code(), extensions: hart.extensions };
            self.highest = self.highest.max(hart.id);
            self.len += 1;
        }
    }
}

fn hart(id: u64, traits: Traits) -> Hart {
    Hart { id, mmu: Mmu::of_code(traits.mmu), extensions: traits.extensions }
}
