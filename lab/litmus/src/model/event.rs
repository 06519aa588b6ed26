//! Accesses to memory and fences, with their dependencies.

use crate::inst::{Fence, Order, Width};

/// A set of events of one hart or of one execution, by index.
pub(super) type Set = u64;

/// An event of a hart.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// A memory operation.
    Access(Access),
    /// A fence.
    Fence(Fence),
}

/// A memory operation. An AMO is one operation that reads and writes.
#[derive(Clone, Debug)]
pub(super) struct Access {
    /// The instruction's kind.
    pub(super) kind: Kind,
    /// The first byte's address.
    pub(super) address: u64,
    /// The width.
    pub(super) width: Width,
    /// The loaded value, zero-extended; 0 for a store.
    pub(super) read: u64,
    /// The stored value; 0 for a load.
    pub(super) written: u64,
    /// Its annotations.
    pub(super) order: Order,
    /// The paired load-reserved, for a store-conditional.
    pub(super) pair: Option<usize>,
    /// The events on which its address depends.
    pub(super) address_sources: Set,
    /// The events on which its data depend.
    pub(super) data_sources: Set,
    /// The events on which earlier branches depend.
    pub(super) control_sources: Set,
}

/// The kind of a memory operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A load.
    Load,
    /// A store.
    Store,
    /// A load-reserved.
    Reserved,
    /// A store-conditional that succeeded.
    Conditional,
    /// An AMO.
    Amo,
}

impl Access {
    /// Returns true if it is a load operation.
    pub(super) const fn reads(&self) -> bool {
        matches!(self.kind, Kind::Load | Kind::Reserved | Kind::Amo)
    }

    /// Returns true if it is a store operation.
    pub(super) const fn writes(&self) -> bool {
        matches!(self.kind, Kind::Store | Kind::Conditional | Kind::Amo)
    }

    /// Returns true if it has an annotation of the kind `RCsc`. Those of plain loads and stores are
    /// `RCpc`.
    pub(super) const fn is_rcsc(&self) -> bool {
        self.order.any() && !matches!(self.kind, Kind::Load | Kind::Store)
    }

    /// Returns true if it accesses the byte.
    pub(super) const fn covers(&self, byte: u64) -> bool {
        self.address <= byte && byte - self.address < self.width.bytes()
    }

    /// Returns true if both access a byte.
    pub(super) const fn overlaps(&self, other: &Self) -> bool {
        self.address < other.address + other.width.bytes()
            && other.address < self.address + self.width.bytes()
    }

    /// Returns the addresses of its bytes.
    pub(super) fn bytes(&self) -> impl Iterator<Item = u64> + use<> {
        self.address..self.address + self.width.bytes()
    }

    /// Returns what it stores in a byte that it covers.
    pub(super) const fn written_byte(&self, byte: u64) -> u8 {
        self.written.to_le_bytes()[offset(byte, self.address)]
    }

    /// Returns what it returns for a byte that it covers.
    pub(super) const fn read_byte(&self, byte: u64) -> u8 {
        self.read.to_le_bytes()[offset(byte, self.address)]
    }
}

/// Returns the distance of a byte from the start of an access that covers it.
#[expect(clippy::cast_possible_truncation, reason = "an access has at most 8 bytes")]
pub(super) const fn offset(byte: u64, start: u64) -> usize {
    (byte - start) as usize
}
