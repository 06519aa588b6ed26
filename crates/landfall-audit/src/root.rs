//! Roots: the tables that a `satp` names.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::address::{PAGE, Phys};

/// A paging mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// 39-bit virtual addresses.
    Sv39,
    /// 48-bit virtual addresses.
    Sv48,
    /// 57-bit virtual addresses.
    Sv57,
}

impl Mode {
    /// All modes.
    pub const ALL: [Self; 3] = [Self::Sv39, Self::Sv48, Self::Sv57];

    /// Returns the levels of tables.
    #[must_use]
    pub const fn levels(self) -> u8 {
        match self {
            Self::Sv39 => 3,
            Self::Sv48 => 4,
            Self::Sv57 => 5,
        }
    }

    /// Returns the name in text and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sv39 => "sv39",
            Self::Sv48 => "sv48",
            Self::Sv57 => "sv57",
        }
    }

    /// Returns the address with this low part, and all upper bits equal to the highest translated
    /// one.
    pub(crate) const fn canonical(self, low: u64) -> u64 {
        let unused = 64 - 12 - 9 * self.levels() as u32;
        ((low << unused).cast_signed() >> unused).cast_unsigned()
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A root table with its mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Root {
    /// The mode.
    pub mode: Mode,
    /// The address of the root table.
    pub table: Phys,
}

/// A value of `satp` that names no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotPaged {
    /// MODE is 0.
    #[error("satp is {satp:#x}: translation is off")]
    Bare {
        /// The register.
        satp: u64,
    },
    /// MODE is reserved.
    #[error("satp is {satp:#x}, whose MODE is reserved")]
    Reserved {
        /// The register.
        satp: u64,
    },
}

impl Root {
    /// Reads a `satp`: MODE in bits 63:60, ASID in 59:44, the root's page number in 43:0.
    ///
    /// # Errors
    /// [`NotPaged`] if the value names no table.
    pub const fn from_satp(satp: u64) -> Result<Self, NotPaged> {
        let mode = match satp >> 60 {
            0 => return Err(NotPaged::Bare { satp }),
            8 => Mode::Sv39,
            9 => Mode::Sv48,
            10 => Mode::Sv57,
            _ => return Err(NotPaged::Reserved { satp }),
        };
        Ok(Self { mode, table: Phys((satp & ((1 << 44) - 1)) * PAGE) })
    }
}

/// The reason to audit a root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Origin {
    /// The caller named it.
    Given,
    /// These harts have it in their `satp`.
    Harts {
        /// Hart ids.
        harts: Vec<u64>,
    },
    /// A search found it. It is a guess.
    Guess,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given => f.write_str("given"),
            Self::Guess => f.write_str("a guess: found by a search"),
            Self::Harts { harts } => {
                let harts: Vec<_> = harts.iter().map(ToString::to_string).collect();
                write!(f, "satp of hart {}", harts.join(", "))
            }
        }
    }
}
