//! Faults: entries that map nothing, and tables that are not walked.

use crate::address::{Span, Virt};
use crate::memory::Missing;

use super::EntryPlace;

/// An entry that does not map what it serves, or a table that cannot be walked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The kind of fault.
    pub kind: FaultKind,
    /// The virtual addresses that the entry serves.
    pub span: Span<Virt>,
    /// The entry; a missing root has no entry.
    pub place: Option<EntryPlace>,
}

/// A kind of [`Fault`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// A reserved bit is set. A hart raises a page fault.
    Reserved,
    /// W without R. A hart raises a page fault.
    WriteOnly,
    /// A pointer in a table of the last level. A hart raises a page fault.
    Deep,
    /// A leaf whose memory does not begin at a multiple of its size. A hart raises a page fault.
    Misaligned,
    /// N with a reserved encoding. A hart raises a page fault.
    NapotReserved,
    /// The entry differs from the first with N among 16 that map 64 KiB together. A hart may use
    /// any of them for all. The audit takes each for its own page.
    NapotGroup,
    /// A pointer to a table on the way to this one.
    Loop,
    /// A pointer to a table that another entry leads to as well.
    Shared {
        /// The first address that the table serves by the other entry.
        first: Virt,
        /// The number of the root that leads there first.
        root: usize,
        /// Its level there.
        level: u8,
    },
    /// A table that the source does not have.
    Missing(Missing),
    /// A table beyond the limit of the walk. The walk ends there.
    Limit,
    /// The first entry that leads to a table that was walked before, and that is not followed: the
    /// limit of repeats is reached.
    NotFollowed {
        /// The number of such entries of the root, this one included.
        entries: u64,
    },
}
