//! Answers of the model, with the way that leads to them.

use core::fmt;

use crate::entry::Flags;

/// The address spaces that an entry of an address-translation cache serves.
///
/// An entry may serve a walk "if the ASID associated with the entry matches [...] or if the entry
/// is associated with a global mapping".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    /// The address space with this ASID.
    Asid(u16),
    /// All address spaces: the entry or one above it has G.
    Global,
}

impl Holder {
    /// Returns true if a walk with this ASID may use the entry.
    #[must_use]
    pub fn serves(self, asid: u16) -> bool {
        self == Self::Global || self == Self::Asid(asid)
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asid(asid) => write!(f, "ASID {asid}"),
            Self::Global => write!(f, "all ASIDs"),
        }
    }
}

/// The target of an address, and the flags of the leaf that leads there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Translation {
    /// The physical address.
    pub phys: u64,
    /// The leaf's flags.
    pub flags: Flags,
    /// The leaf's memory type: PBMT on harts with Svpbmt, bits 63:59 on T-Head's, 0 on others.
    pub memory: u8,
}

/// A result of a translation that a hart may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A page fault.
    Fault,
    /// A physical address.
    Reaches(Translation),
    /// The hart reads a word that no test stored, so any address.
    Garbage,
    /// MODE is Bare: the address is physical.
    Bare,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault => write!(f, "a page fault"),
            Self::Reaches(Translation { phys, flags, memory: 0 }) => write!(f, "{phys:#x}, {flags}"),
            Self::Reaches(Translation { phys, flags, memory }) => {
                write!(f, "{phys:#x}, {flags}, memory type {memory}")
            }
            Self::Garbage => write!(f, "anything: it reads garbage as an entry"),
            Self::Bare => write!(f, "the same physical address: MODE is Bare"),
        }
    }
}

/// The source of an entry on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// Memory, as it is now.
    Memory,
    /// Memory, before a store by another hart that no fence has ordered.
    BeforeStore,
    /// The hart's address-translation cache.
    Kept,
}

/// An entry on the way to an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// The level of the entry's table; 0 is the last.
    pub level: u32,
    /// The physical address of the entry.
    pub entry: u64,
    /// The entry; `None` is garbage.
    pub bits: Option<u64>,
    /// The source of its value.
    pub source: Source,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { level, entry, bits, source } = self;
        write!(f, "level {level}, entry at {entry:#x}: ")?;
        match bits {
            Some(bits) => write!(f, "{bits:#x}")?,
            None => write!(f, "garbage")?,
        }
        match source {
            Source::Memory => Ok(()),
            Source::BeforeStore => write!(f, ", before a store that no fence has ordered"),
            Source::Kept => write!(f, ", kept"),
        }
    }
}

/// A translation that a hart may choose, and the entries that lead to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// The hart.
    pub hart: usize,
    /// The address spaces in which the hart may choose it.
    pub holder: Holder,
    /// The virtual address.
    pub virt: u64,
    /// The result.
    pub outcome: Outcome,
    /// The entries, from the highest level that the hart reads down.
    pub path: Vec<Step>,
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hart, holder, virt, outcome, path } = self;
        write!(f, "hart {hart} may translate {virt:#x} under {holder} to {outcome}")?;
        path.iter().try_for_each(|step| write!(f, "\n  {step}"))
    }
}

/// A way by which a hart may reach physical memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reach {
    /// The hart.
    pub hart: usize,
    /// The address spaces in which the hart may use it.
    pub holder: Holder,
    /// The virtual address of the first byte that is reached.
    pub virt: u64,
    /// That byte, and the flags and memory type of the leaf.
    pub translation: Translation,
    /// The physical address of the leaf's entry.
    pub entry: u64,
}

/// A way by which a hart may read a frame as a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TableUse {
    /// The hart.
    pub hart: usize,
    /// The address spaces in which the hart may walk it.
    pub holder: Holder,
    /// The physical address of the table.
    pub table: u64,
    /// The table's level; 0 is the last.
    pub level: u32,
    /// The first virtual address that the table serves; 0 for a root.
    pub virt: u64,
}

impl fmt::Display for TableUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hart, holder, table, level, virt } = self;
        write!(f, "hart {hart} may read {table:#x} as a table of level {level} for {virt:#x}, {holder}")
    }
}
