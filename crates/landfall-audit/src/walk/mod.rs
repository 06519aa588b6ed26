//! The walk: everything that one root maps.
//!
//! The walk is depth first, so leaves come in ascending order of their addresses in each half, the
//! lower half first. Nothing is kept of a table but its place. So the walk of any number of tables
//! takes the memory of five of them, and some bytes for each.
//!
//! An entry that leads to a table that was walked before is reported. The table is walked again for
//! it, after all others, because a hart does so too. Loops end with the levels, and limits bound
//! tables that multiply.

mod entries;
mod fault;
mod path;
mod repeats;
mod tables;
mod visit;
mod walker;

use serde::{Serialize, Serializer};

use crate::address::{Phys, Span, Virt};
use crate::attributes::Attributes;
use crate::leaf::LeafSize;

pub use fault::{Fault, FaultKind};
pub use path::{Path, PathEnd, path};
pub use repeats::Repeats;
pub(crate) use tables::Places;
pub use tables::Tables;
pub use walker::Walker;

/// The mapping of one entry, or of 16 that map 64 KiB together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// First virtual address.
    pub virt: Virt,
    /// First physical address.
    pub phys: Phys,
    /// Size.
    pub size: LeafSize,
    /// Permission and attributes.
    pub attributes: Attributes,
}

/// The place of an entry, and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct EntryPlace {
    /// The address of its table.
    pub table: Phys,
    /// The level of the table; 0 is the last.
    pub level: u8,
    /// Its number in the table.
    pub index: u16,
    /// The entry.
    #[serde(serialize_with = "hex")]
    pub bits: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde requires")]
fn hex<S: Serializer>(bits: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{bits:#018x}"))
}

/// Receives everything that a walk meets: first in the order of addresses, then what
/// [`Walker::repeat`] adds.
pub trait Sink {
    /// Takes a leaf.
    fn leaf(&mut self, leaf: Leaf);
    /// Takes a fault.
    fn fault(&mut self, fault: Fault);
    /// Takes addresses that an earlier root maps by the same tables.
    fn inherited(&mut self, span: Span<Virt>, from: usize);
}

/// The work of walks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Tables that were read.
    pub tables: u64,
    /// Further walks of these tables, for other entries that lead to them.
    pub repeats: u64,
    /// Bytes that were read, of the search for roots too.
    pub bytes: u64,
    /// Entries that were visited.
    pub entries: u64,
}
