//! Counting the tables of a set of mappings, without building them.
//!
//! A mapping has large leaves in its middle and smaller ones at both ends. So at most two tables of
//! each smaller level are its own, whatever its size.

use crate::entry::LeafFormat;
use crate::leaf::{LeafCount, LeafSize};
use crate::mapper::{MapError, Mapping, Order, shift};
use crate::mode::Mode;

/// The tables and leaves that a [`Mapper`](crate::Mapper) would make of the same mappings.
///
/// ```
/// use landfall_paging::{Access, LeafFormat, LeafSize, Mapping, Mode, PhysAddr};
/// use landfall_paging::{TableCount, VirtAddr};
///
/// let mut count = TableCount::new(Mode::Sv39, LeafFormat::Plain);
/// let (virt, phys) = (VirtAddr::new(0x4000_0000), PhysAddr::new(0x8000_0000));
/// count.add(Mapping { virt, phys, size: 0x20_1000, access: Access::ReadOnly })?;
/// // One leaf of 2 MiB and one of 4 KiB, in a table each, below the root.
/// let leaves = count.leaves();
/// assert_eq!((count.pages(), leaves[LeafSize::M2], leaves[LeafSize::K4]), (3, 1, 1));
/// # Ok::<(), landfall_paging::MapError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TableCount {
    mode: Mode,
    format: LeafFormat,
    order: Order,
    pages: u64,
    leaves: LeafCount,
    /// By level: the number behind that of the last table, 0 without any.
    next: [u64; 5],
}

impl TableCount {
    /// The root alone.
    #[must_use]
    pub const fn new(mode: Mode, format: LeafFormat) -> Self {
        Self { mode, format, order: Order::new(mode), pages: 1, leaves: LeafCount::NONE, next: [0; 5] }
    }

    /// Returns the number of tables, the root included.
    #[must_use]
    pub const fn pages(&self) -> u64 {
        self.pages
    }

    /// Returns the leaves.
    #[must_use]
    pub const fn leaves(&self) -> &LeafCount {
        &self.leaves
    }

    /// Adds a mapping behind those before.
    ///
    /// # Errors
    /// Those of [`Mapper::map`](crate::Mapper::map), but for [`MapError::OutOfTables`].
    pub fn add(&mut self, mapping: Mapping) -> Result<(), MapError> {
        self.order.check(mapping)?;
        // Without the sign, the addresses of a mode do not overflow.
        let start = mapping.virt.get() & (2 * self.order.half - 1);
        let end = start + mapping.size;
        let apart = mapping.virt.get() ^ mapping.phys.get();
        let root = self.mode.levels() - 1;
        // The part that leaves of this level and of larger ones map.
        let (mut part, mut level) = ((start, end), 0);
        while level < root {
            let inside = (1 << shift(level + 1)) - 1;
            let larger = ((part.0 + inside) & !inside, part.1 & !inside);
            if apart & inside != 0 || larger.0 >= larger.1 {
                break;
            }
            self.add_leaves(level, (part.1 - part.0) - (larger.1 - larger.0));
            if start & inside != 0 {
                self.add_tables(level, start, start);
            }
            if end & inside != 0 {
                self.add_tables(level, end, end);
            }
            (part, level) = (larger, level + 1);
        }
        self.add_leaves(level, part.1 - part.0);
        self.join_leaves(apart, (start, end));
        // All larger tables that lead here. Those above a table that is counted are counted too.
        while level < root && (end - 1) >> shift(level + 1) >= self.next[level] {
            self.add_tables(level, start, end - 1);
            level += 1;
        }
        Ok(())
    }

    /// Counts the tables of a level from the one that serves `first` to the one that serves `last`.
    fn add_tables(&mut self, level: usize, first: u64, last: u64) {
        let (first, end) = (first >> shift(level + 1), (last >> shift(level + 1)) + 1);
        // The first may be the last of the mapping before.
        self.pages += end - first.max(self.next[level]);
        self.next[level] = end;
    }

    /// Counts the leaves of a level that map so many bytes.
    fn add_leaves(&mut self, level: usize, bytes: u64) {
        self.leaves[LeafSize::BY_LEVEL[level]] += leaves(bytes >> shift(level));
    }

    /// Counts leaves of 64 KiB in the place of those of 4 KiB that they replace.
    fn join_leaves(&mut self, apart: u64, (start, end): (u64, u64)) {
        let within = |size: LeafSize| {
            let inside = size.bytes() - 1;
            if apart & inside != 0 { 0 } else { (end & !inside).saturating_sub((start + inside) & !inside) }
        };
        if self.format == LeafFormat::Napot {
            let bytes = within(LeafSize::K64) - within(LeafSize::M2);
            self.leaves[LeafSize::K64] += leaves(bytes / LeafSize::K64.bytes());
            self.leaves[LeafSize::K4] -= leaves(bytes / LeafSize::K4.bytes());
        }
    }
}

/// A number of leaves as the histogram has it.
fn leaves(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
