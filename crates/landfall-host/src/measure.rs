//! Instructions that a landing takes, counted from outside: the image holds no code that measures.
//!
//! The machine runs under `-icount`, with which QEMU counts the instructions of its one hart
//! exactly. The machine is stopped at the first and last instruction of each phase, where `instret`
//! is read. Instructions in machine mode count too, so a measured kernel should call firmware
//! rarely before `main`. The kernel's address need not be known: breakpoints follow it by its
//! registers, as gdb's do.
//!
//! ```text
//! image's first instruction                                                            main
//!   |-- other --|-- rebase --|-- other --|-- tree --|-- random --| ... |-- rebase --|-- other --|
//!   '------------------------------------- total ------------------------------------------'
//! ```

mod counter;

use std::time::Instant;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::gdb::GdbError;
use crate::stopped::StoppedMachine;
use crate::symbols::{SymbolError, Symbols};
use counter::Counter;

/// A part of the landing that is counted separately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Reading the device tree.
    Tree,
    /// Random numbers.
    Random,
    /// Making the plan.
    Plan,
    /// Building the tables.
    Tables,
    /// Adding to the slots.
    Rebase,
}

impl Part {
    /// All parts, in the order of the report.
    pub const ALL: [Self; 5] = [Self::Tree, Self::Random, Self::Plan, Self::Tables, Self::Rebase];

    /// Returns the part's key in the report.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::Random => "random",
            Self::Plan => "plan",
            Self::Tables => "tables",
            Self::Rebase => "rebase",
        }
    }
}

/// Code of the kernel whose instructions count for a part. Phases within a phase count for the
/// outer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phase {
    /// The symbol where it begins.
    pub begins: &'static str,
    /// Its end.
    pub ends: End,
    /// The part that it counts for.
    pub part: Part,
}

/// The end of a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The return address: `ra` at the phase's beginning.
    Return,
    /// At a symbol.
    Symbol(&'static str),
}

/// The phases of a landing, by the symbols of the crate `landfall`.
pub const PHASES: [Phase; 5] = [
    Phase { begins: "landfall_rebase", ends: End::Return, part: Part::Rebase },
    Phase { begins: "landfall_read_tree", ends: End::Return, part: Part::Tree },
    Phase { begins: "landfall_random", ends: End::Return, part: Part::Random },
    Phase { begins: "landfall_plan", ends: End::Return, part: Part::Plan },
    Phase { begins: "landfall_build_tables", ends: End::Return, part: Part::Tables },
];

/// The first instruction after the landing, at its virtual address.
pub const LANDED: &str = "__landfall_main";

/// The counted instructions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Instructions {
    loader: u64,
    efi_loader: u64,
    total: u64,
    parts: [u64; Part::ALL.len()],
}

impl Instructions {
    /// All instructions, up to the first one of `main`.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// Those before the image's first, from the hart's reset on: firmware's and the boot loader's.
    #[must_use]
    pub const fn loader(&self) -> u64 {
        self.loader
    }

    /// Returns the instructions of the image's own EFI loader: from its entry to the image's first
    /// instruction as a kernel, without the firmware's services.
    #[must_use]
    pub const fn efi_loader(&self) -> u64 {
        self.efi_loader
    }

    /// Those of one part.
    #[must_use]
    pub const fn of(&self, part: Part) -> u64 {
        self.parts[part as usize]
    }

    /// Those of no part.
    #[must_use]
    pub fn other(&self) -> u64 {
        self.total.saturating_sub(self.parts.iter().sum())
    }

    /// Returns the report's object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("loader".to_owned(), self.loader.into());
        object.insert("efi_loader".to_owned(), self.efi_loader.into());
        object.insert("total".to_owned(), self.total.into());
        object.extend(Part::ALL.map(|part| (part.key().to_owned(), self.of(part).into())));
        object.insert("other".to_owned(), self.other().into());
        Value::Object(object)
    }
}

impl std::fmt::Display for Instructions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} instructions:", self.total)?;
        for part in Part::ALL {
            write!(f, " {} {},", part.key(), self.of(part))?;
        }
        write!(f, " other {}; {} before the image's first", self.other(), self.loader)?;
        if self.efi_loader > 0 {
            write!(f, ", and {} in the image's own EFI loader", self.efi_loader)?;
        }
        Ok(())
    }
}

/// Why nothing was counted.
#[derive(Debug, Error)]
pub enum MeasureError {
    /// A phase's symbol is not in the kernel.
    #[error("the kernel has no symbol \"{name}\", which counting instructions requires")]
    NoSymbol {
        /// The symbol.
        name: &'static str,
    },
    /// A file of ours.
    #[error("cannot create a directory for QEMU's files: {0}")]
    Directory(std::io::Error),
    /// The ELF with the symbols.
    #[error(transparent)]
    Symbols(#[from] SymbolError),
    /// The debugger's connection.
    #[error(transparent)]
    Gdb(#[from] GdbError),
}

/// Counts the landing of a machine that stands at the kernel's first instruction. `None` where it
/// does not come to `main` by `until`.
///
/// # Errors
/// [`MeasureError`] says what stood in the way.
pub fn landing(
    stopped: &mut StoppedMachine,
    symbols: &Symbols,
    until: Instant,
) -> Result<Option<Instructions>, MeasureError> {
    count(stopped, symbols, &PHASES, LANDED, until)
}

/// Counts the instructions of each of `phases`, and all up to, and not with, the one at `last`.
///
/// # Errors
/// As [`landing`].
pub fn count(
    stopped: &mut StoppedMachine,
    symbols: &Symbols,
    phases: &[Phase],
    last: &'static str,
    until: Instant,
) -> Result<Option<Instructions>, MeasureError> {
    Counter::new(stopped, symbols, phases, last, until)?.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_part_takes_is_other() {
        let instructions = Instructions { loader: 7, efi_loader: 0, total: 100, parts: [10, 20, 5, 30, 15] };
        let json = instructions.to_json().to_string();
        let expected = r#"{"loader":7,"efi_loader":0,"total":100,"tree":10,"random":20,"plan":5,"tables":30,"rebase":15,"other":20}"#;
        assert_eq!(json, expected);
        let text = "100 instructions: tree 10, random 20, plan 5, tables 30, rebase 15, other 20; 7 before the image's first";
        assert_eq!(instructions.to_string(), text);
        let under_efi = Instructions { efi_loader: 3, ..instructions };
        assert_eq!(under_efi.to_string(), format!("{text}, and 3 in the image's own EFI loader"));
        assert!(Part::ALL.iter().enumerate().all(|(index, &part)| part as usize == index));
    }
}
