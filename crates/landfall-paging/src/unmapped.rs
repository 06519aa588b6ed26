//! The bits of software in entries: a label in leaves, and the reason why an entry maps nothing.
//!
//! "If PTE.V=0, all other bits are don't-cares and may be used freely by software" (privileged
//! specification, "Addressing and Memory Protection"). So the tables themselves hold the state of
//! addresses that are not mapped, and no second list can differ from them.

use crate::addr::PhysAddr;
use crate::entry::Entry;
use crate::label::Label;

/// The state of addresses that an invalid entry serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmapped {
    /// They have no user.
    Free,
    /// They stay unmapped on purpose, as a guard does, or wait to be mapped.
    Reserved(Label),
    /// Their leaf was withdrawn. Its memory and these addresses are not used again until every hart
    /// has executed a fence.
    Withdrawn(Label),
}

/// Bits 7 and 6 of an invalid entry.
const STATE: u64 = 0b11 << 6;
const RESERVED: u64 = 0b01 << 6;
/// The entry was a leaf: all its other bits are as they were.
const LEAF: u64 = 0b10 << 6;
/// The entry was a pointer to a table.
const TABLE: u64 = 0b11 << 6;

impl Entry {
    /// The entry that keeps its addresses unmapped.
    #[must_use]
    pub(crate) const fn reserved(label: Label) -> Self {
        Self::from_bits(RESERVED).labelled(label)
    }

    /// Returns the state of the addresses of an invalid entry. `None` for a valid one.
    #[must_use]
    pub const fn unmapped(self) -> Option<Unmapped> {
        if self.is_valid() {
            return None;
        }
        Some(match self.bits() & STATE {
            RESERVED => Unmapped::Reserved(self.label()),
            LEAF | TABLE => Unmapped::Withdrawn(self.label()),
            _ => Unmapped::Free,
        })
    }

    /// Returns the leaf without V. It still names its memory.
    pub(crate) const fn withdrawn_leaf(self) -> Self {
        Self::from_bits(self.bits() & !(STATE | 1) | LEAF)
    }

    /// Returns the pointer without V. It still names its table.
    pub(crate) const fn withdrawn_table(self) -> Self {
        Self::from_bits(self.bits() & !(STATE | 1) | TABLE)
    }

    /// Returns true if the entry is invalid and was a leaf.
    pub(crate) const fn is_withdrawn_leaf(self) -> bool {
        self.bits() & (STATE | 1) == LEAF
    }

    /// Returns true if the entry is invalid and waits for a fence.
    pub(crate) const fn is_withdrawn(self) -> bool {
        self.bits() & (1 << 7 | 1) == 1 << 7
    }

    /// Returns the table to which the entry, which is invalid, pointed.
    pub(crate) const fn table_withdrawn(self) -> Option<PhysAddr> {
        if self.bits() & (STATE | 1) == TABLE { Some(self.target()) } else { None }
    }
}
