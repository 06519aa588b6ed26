//! The stores of an operation, in the order in which harts may see them.

use super::frames::Reserve;
use super::position::{self, ENTRIES, Position, bytes, index};
use super::{Editor, Frames, Levels};
use crate::addr::{PhysAddr, VirtAddr};
use crate::entry::Entry;
use crate::leaf::LeafSize;
use crate::memory::{TableMemory, TableReader};
use crate::range::VirtRange;

/// Entries that follow each other: `first`, then each `step` more than the one before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaves {
    pub(super) first: Entry,
    pub(super) step: u64,
    pub(super) count: usize,
}

impl<L: Levels, M: TableReader + TableMemory, F: Frames> Editor<L, M, F> {
    /// Writes leaves of `level` from `virt` on. The position's entry is in a table of that level,
    /// or is invalid and above it. Then tables are made, each full before an entry points to it.
    /// Their other entries are as the position's: its reason to map nothing holds for all of them.
    pub(super) fn write_leaves(
        &mut self,
        position: Position,
        level: usize,
        virt: VirtAddr,
        leaves: Leaves,
        reserve: &mut Reserve,
    ) {
        let Leaves { mut first, mut step, mut count } = leaves;
        for level in level..position.level {
            let table = reserve.take(&self.memory);
            let (before, behind) = (index(virt, level), index(virt, level) + count);
            self.memory.write_run(table, position.entry, 0, before);
            self.memory.write_run(table.wrapping_add(before as u64 * 8), first, step, count);
            self.memory.write_run(table.wrapping_add(behind as u64 * 8), position.entry, 0, ENTRIES - behind);
            (first, step, count) = (Entry::table(table), 0, 1);
        }
        if level < position.level {
            self.memory.publish();
        }
        self.memory.write_run(position.at, first, step, count);
    }

    /// Splits the leaf of `inside` until one begins, or ends, at `edge`. Returns the addresses of a
    /// leaf of 64 KiB that became 16 of 4 KiB: all of its entries have changed.
    pub(super) fn split(&mut self, inside: VirtAddr, edge: VirtAddr, reserve: &mut Reserve) -> VirtRange {
        let group_size = LeafSize::K64.bytes();
        loop {
            let Position { level, at, entry } = self.find(inside);
            if self.is_one_of_many(entry, level) && !edge.is_aligned(group_size) {
                let first = position::without_size(entry);
                let group = at.align_down(position::GROUP as u64 * 8);
                self.memory.write_run(group, first, Entry::step(bytes(0)), position::GROUP);
                return VirtRange::new(inside.align_down(group_size), group_size);
            }
            if edge.is_aligned(bytes(level)) {
                return VirtRange::EMPTY;
            }
            let table = reserve.take(&self.memory);
            // All bits but the address stay: the same translation, in smaller steps.
            self.memory.write_run(table, entry, Entry::step(bytes(level - 1)), ENTRIES);
            self.memory.publish();
            self.memory.write_run(at, Entry::table(table), 0, 1);
        }
    }

    /// Releases the table of `position` if it is empty, and then the empty tables above it. In that
    /// table `count` entries from `virt` on have just become invalid. Returns true if it released
    /// one.
    pub(super) fn free_empty(&mut self, position: Position, virt: VirtAddr, count: usize) -> bool {
        let (mut at, mut level, mut count) = (position.at, position.level, count);
        let mut freed = false;
        while level + 1 < self.levels.mode().levels() {
            let first = index(virt, level);
            let table = at.align_down(ENTRIES as u64 * 8);
            let behind = at.wrapping_add(count as u64 * 8);
            // The neighbor in front comes first, then the entries behind, in which the rest of a
            // range lies. One read is most often enough.
            if first != 0 && self.memory.read(at.wrapping_sub(8)).is_valid()
                || !self.are_invalid(behind, ENTRIES - first - count)
                || !self.are_invalid(table, first)
            {
                break;
            }
            level += 1;
            at = self.entry_at(virt, level);
            self.memory.write_invalid(at, 1);
            self.frames.give_back(table);
            (freed, count) = (true, 1);
        }
        freed
    }

    /// Returns true if the `count` entries from `at` on are invalid.
    fn are_invalid(&self, at: PhysAddr, count: usize) -> bool {
        (0..count as u64).all(|index| !self.memory.read(at.wrapping_add(index * 8)).is_valid())
    }
}
