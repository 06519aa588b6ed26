//! One table on the way of a walk.

use crate::address::Phys;

use super::EntryPlace;

/// A table that is about to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    pub(super) at: Phys,
    pub(super) level: u8,
    /// The first address that it serves, without the upper bits.
    pub(super) low: u64,
    /// The entry that leads there.
    pub(super) by: Option<EntryPlace>,
    /// The walk of the table with this entry.
    pub(super) visit: Visit,
}

/// A walk of one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Visit {
    /// The first one, which reports faults.
    First,
    /// A further one. Its faults were reported, or follow from a loop.
    Again,
}
