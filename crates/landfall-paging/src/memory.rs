//! Access to table memory, for the mapper and the walker.

use core::sync::atomic::{Ordering, fence};

use crate::addr::PhysAddr;
use crate::entry::Entry;

/// Memory that tables are written to. An address names an entry: it is a multiple of 8 within a
/// table.
///
/// If a hart uses the tables meanwhile ([`Editor`](crate::Editor)), each entry is one store of 64
/// bits.
///
/// The trait is safe to implement: no unsafe code relies on an implementation that it does not
/// know. An implementation that writes to the memory of its own machine writes to any address that
/// its caller gives. So only an unsafe function may create its value. Its contract names the
/// tables, and the value goes to a [`Mapper`](crate::Mapper) or an editor of those tables alone.
pub trait TableMemory {
    /// Writes `count` entries from `at` on: `first`, then each `step` more than the one before.
    fn write_run(&mut self, at: PhysAddr, first: Entry, step: u64, count: usize);

    /// Writes `count` invalid entries from `at` on.
    fn write_invalid(&mut self, at: PhysAddr, count: usize) {
        self.write_run(at, Entry::INVALID, 0, count);
    }

    /// Orders the stores that fill a table before the store that makes harts find it.
    fn publish(&mut self) {
        fence(Ordering::Release);
    }
}

/// Memory that tables are read from. An implementation that reads the memory of the machine on
/// which it runs is made like one of [`TableMemory`].
pub trait TableReader {
    /// The entry at `at`.
    fn read(&self, at: PhysAddr) -> Entry;
}

/// Memory that keeps nothing: for finding out how many tables a set of mappings takes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counting;

impl TableMemory for Counting {
    fn write_run(&mut self, _: PhysAddr, _: Entry, _: u64, _: usize) {}
}
