//! An audit, as a user requests it.

use std::path::PathBuf;

use landfall_audit::{Format, Napot, Phys, Root, Types, Updates};

use crate::gdb::endpoint::Endpoint;

/// An audit, as a user requests it.
#[derive(Clone, Debug)]
pub struct AuditRequest {
    /// The source of the tables.
    pub source: Source,
    /// The roots. Without one they are those of the harts, those that a core's notes state, or
    /// those that a search finds.
    pub roots: Vec<Root>,
    /// Facts from the user that tables do not contain.
    pub hints: Hints,
    /// The expected address space, for a comparison.
    pub against: Option<Comparison>,
}

/// An expected address space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The plan of the kernel of Landfall's that runs, by the decisions in its memory.
    Plan,
    /// A plan or a saved audit.
    File(PathBuf),
}

/// The source of the tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A QEMU that runs, by QMP.
    Qmp(Endpoint),
    /// A QEMU that runs, by its debugger's stub.
    Gdb(Endpoint),
    /// An ELF core.
    Core(PathBuf),
    /// Raw memory.
    Raw {
        /// The file.
        path: PathBuf,
        /// The address of its first byte.
        base: Phys,
    },
}

/// Facts from the user that tables do not contain.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// The device tree: RAM, memory that must not be mapped, and extensions.
    pub tree: Option<PathBuf>,
    /// The ELF of Linux, for the names of its parts.
    pub symbols: Option<PathBuf>,
    /// The layout.
    pub layout: LayoutOf,
    /// The format of entries.
    pub entries: Entries,
}

/// The source of a layout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LayoutOf {
    /// The mappings' shape, unless symbols or a plan state more.
    #[default]
    Shape,
    /// Linux's documented layout.
    Linux,
    /// A plan or a landing report, as JSON.
    File(PathBuf),
}

/// The properties of entries that a user states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entries {
    /// N.
    pub napot: Option<Napot>,
    /// Memory types.
    pub types: Option<Types>,
    /// A and D.
    pub updates: Option<Updates>,
}

impl Entries {
    /// Returns a format with what the user states.
    #[must_use]
    pub fn over(self, format: Format) -> Format {
        Format {
            napot: self.napot.unwrap_or(format.napot),
            types: self.types.unwrap_or(format.types),
            updates: self.updates.unwrap_or(format.updates),
        }
    }
}
