//! The editor: changes tables that are in use.
//!
//! Each operation first looks at everything that it will touch and sets aside all the frames that it will take. What it refuses it has
//! not begun. What it changes is, at any moment and for any hart, either the old translation or the new one:
//!
//! - An entry is one store of 64 bits ([`TableMemory`]): "it is generally unsafe to update a leaf PTE using a set of stores of a width
//!   less than the width of the PTE" (privileged specification, "Supervisor Memory-Management Fence Instruction").
//! - A table is full before an entry points to it, with a `fence` between the two.
//! - A leaf that is split becomes a table of smaller leaves that translate the same, and only then are some of those changed. One of 64 KiB becomes 16
//!   of 4 KiB in its place, entry by entry.
//!
//! An operation on a stretch of many leaves is not one store: another hart may see some of them changed and others not yet.
//!
//! # Fences
//!
//! Harts may keep any translation that was valid since their last fence, and invalid entries too. So nothing is certain to have happened
//! before every hart that uses the tables has executed what the returned [`Fence`] says. The same section of the specification:
//!
//! - "If software modifies a leaf PTE, it should execute SFENCE.VMA with rs1 set to a virtual address within the page. If any PTE along
//!   the traversal path had its G bit set, rs2 must be x0": that is [`Fence::Leaves`], for each page of the stretch or, equally right, once
//!   for all (`sfence.vma` alone). Leaves of this crate are global.
//! - "If software modifies a non-leaf PTE, it should execute SFENCE.VMA with rs1=x0": that is [`Fence::All`].
//! - After [`Editor::map`], and after [`Editor::protect`] that only adds permissions, it "may choose to execute the SFENCE.VMA lazily",
//!   when a page fault says so.
//! - `sfence.vma` orders the hart that executes it and no other: the rest need an interrupt, or the SBI's remote fences.
//! - "A page is upgraded to a superpage without first clearing" is what this editor never does; after a split "it is unpredictable whether
//!   the old non-leaf PTE or the new leaf PTE is used, but the behavior is otherwise well defined", and both say the same.

mod error;
mod frames;
mod levels;
mod slot;

use core::fmt;
use core::sync::atomic::{Ordering, fence};

use crate::addr::{PhysAddr, VirtAddr};
use crate::entry::{Access, Entry, LeafFormat};
use crate::leaf::LeafSize;
use crate::mapper::Mapping;
use crate::memory::{TableMemory, TableReader};
use crate::walk::{Translation, translate};

pub use error::EditError;
pub use frames::Frames;
pub use levels::{Levels, Sv39, Sv48, Sv57};

use frames::Reserve;
use slot::{ENTRIES, Slot, bytes, index, leaf_size};

/// Bits R, W and X of an entry.
const RWX: u64 = 0b1110;

/// What every hart that uses the tables must execute before it relies on a change.
#[must_use = "until every hart has executed the fence, the old translations may be used"]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fence {
    /// Only leaves have changed: `sfence.vma` with rs1 = an address in each page of the stretch and rs2 = x0, or [`Fence::All`].
    Leaves,
    /// A pointer to a table has changed too: `sfence.vma` with rs1 = rs2 = x0. Frames that were given back ([`Frames::give_back`]) may be
    /// read as tables until then.
    All,
}

/// Changes the tables below a root. One at a time may do so; harts may use the tables meanwhile.
///
/// `L` is the paging mode: a [`Mode`](crate::Mode), or [`Sv39`], [`Sv48`], [`Sv57`], which fix it when the program is compiled.
///
/// It knows of one root. Where several share a table below their roots, that table must not become empty: the editor would give it back.
pub struct Editor<L, M, F> {
    levels: L,
    format: LeafFormat,
    memory: M,
    frames: F,
    root: PhysAddr,
}

impl<L: fmt::Debug, M, F> fmt::Debug for Editor<L, M, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Editor")
            .field("levels", &self.levels)
            .field("format", &self.format)
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}

impl<L: Levels, M: TableReader + TableMemory, F: Frames> Editor<L, M, F> {
    /// An editor of the tables at `root`, which are sound: this crate's, or as strict, with leaves of `format`.
    pub const fn new(levels: L, format: LeafFormat, memory: M, frames: F, root: PhysAddr) -> Self {
        Self { levels, format, memory, frames, root }
    }

    /// Where `virt` leads, as [`translate`](crate::translate) says it.
    pub fn walk(&self, virt: VirtAddr) -> Translation {
        if !self.levels.mode().is_canonical(virt) {
            return Translation::Unmapped;
        }
        let Slot { level, entry, .. } = self.find(virt);
        if !entry.is_valid() {
            return Translation::Unmapped;
        }
        match entry.access() {
            Some(access) if self.is_leaf(entry, level) && !self.is_one_of_many(entry, level) => {
                let offset = virt.get() & (bytes(level) - 1);
                Translation::Mapped { physical: entry.target().add(offset), access, leaf: leaf_size(level) }
            }
            // What the editor does not write, the walker may know.
            _ => translate(&self.memory, self.levels.mode(), self.format, self.root, virt),
        }
    }

    /// Maps a stretch that is not mapped, with the largest leaves that fit, but never of 64 KiB. Frames for tables need not hold zeros.
    ///
    /// A table without entries is used as it is, even where a larger leaf would fit.
    ///
    /// # Errors
    /// [`EditError::Misaligned`], [`EditError::OutOfRange`], [`EditError::Mapped`] and [`EditError::OutOfFrames`]; nothing has changed then.
    pub fn map(&mut self, mapping: Mapping) -> Result<Fence, EditError> {
        let format = self.format;
        self.map_as(mapping, |leaf, size| leaf.formatted(format, size))
    }

    /// The same for the registers of devices, which must not be cached: T-Head's parts want that said in each leaf.
    ///
    /// # Errors
    /// As [`Editor::map`].
    pub fn map_device(&mut self, mapping: Mapping) -> Result<Fence, EditError> {
        let format = self.format;
        self.map_as(mapping, |leaf, _| leaf.for_device(format))
    }

    fn map_as(
        &mut self,
        mapping: Mapping,
        finish: impl Fn(Entry, LeafSize) -> Entry,
    ) -> Result<Fence, EditError> {
        let needed = self.check_unmapped(mapping)?;
        let mut reserve = Reserve::fill(needed, &mut self.frames, &mut self.memory)?;
        let Mapping { mut virt, mut phys, mut size, access } = mapping;
        while size != 0 {
            let slot = self.find(virt);
            let level = self.largest_leaf(virt.get() | phys.get(), size).min(slot.level);
            let room = run_length(virt, level, size);
            let count = if level == slot.level { self.unmapped_run(slot, room) } else { room };
            let first = finish(Entry::leaf(phys, access), leaf_size(level));
            self.write_leaves(slot, level, virt, first, count, &mut reserve);
            let done = bytes(level) * count as u64;
            (virt, phys, size) = (virt.add(done), phys.add(done), size - done);
        }
        Ok(fence_for(needed))
    }

    /// Gives a stretch that is mapped another access. A leaf that reaches beyond the stretch is split.
    ///
    /// Of two addresses of one frame the editor knows nothing: that none is writable where another is executable is for the caller to see to.
    ///
    /// # Errors
    /// [`EditError::Misaligned`], [`EditError::OutOfRange`], [`EditError::NotMapped`], [`EditError::Malformed`] and
    /// [`EditError::OutOfFrames`]; nothing has changed then.
    pub fn protect(&mut self, virt: VirtAddr, size: u64, access: Access) -> Result<Fence, EditError> {
        let needed = self.split_edges(virt, size)?;
        let rwx = Entry::leaf(PhysAddr::new(0), access).bits() & RWX;
        let mut slot = self.find(virt);
        let mut at = virt;
        let mut left = size;
        loop {
            let entry = Entry::from_bits(slot.entry.bits() & !RWX | rwx);
            self.memory.write_run(slot.at, entry, 0, 1);
            left -= bytes(slot.level);
            if left == 0 {
                return Ok(fence_for(needed));
            }
            at = at.add(bytes(slot.level));
            slot = self.next(slot, at);
        }
    }

    /// Unmaps a stretch that is mapped. A leaf that reaches beyond the stretch is split; tables that become empty are given back, the root
    /// excepted.
    ///
    /// A table that may have become empty is read until an entry is found in it: up to 512 reads.
    ///
    /// # Errors
    /// As [`Editor::protect`]: a split takes frames. Nothing has changed then.
    pub fn unmap(&mut self, virt: VirtAddr, size: u64) -> Result<Fence, EditError> {
        let mut fence = fence_for(self.split_edges(virt, size)?);
        let (mut at, mut left) = (virt, size);
        while left != 0 {
            let slot = self.find(at);
            let room = run_length(at, slot.level, left);
            // Only leaves are mapped, so a run ends at a pointer.
            let is_leaf = |entry: Entry| entry.is_valid() && entry.is_leaf();
            let count = 1 + self.run(slot, room, is_leaf);
            self.memory.write_invalid(slot.at, count);
            if self.free_empty(slot, at, count) {
                fence = Fence::All;
            }
            let done = bytes(slot.level) * count as u64;
            (at, left) = (at.add(done), left - done);
        }
        Ok(fence)
    }

    /// Writes `count` leaves of `level` from `virt` on, `first` in front. The slot's entry is in a table of that level, or is empty and above
    /// it: then tables are made, each full before anything points to it.
    fn write_leaves(
        &mut self,
        slot: Slot,
        level: usize,
        virt: VirtAddr,
        first: Entry,
        count: usize,
        reserve: &mut Reserve,
    ) {
        let (mut first, mut step, mut count) = (first, Entry::step(bytes(level)), count);
        for level in level..slot.level {
            let table = reserve.take(&self.memory);
            let (before, behind) = (index(virt, level), index(virt, level) + count);
            self.memory.write_invalid(table, before);
            self.memory.write_run(table.add(before as u64 * 8), first, step, count);
            self.memory.write_invalid(table.add(behind as u64 * 8), ENTRIES - behind);
            (first, step, count) = (Entry::table(table), 0, 1);
        }
        if level < slot.level {
            publish();
        }
        self.memory.write_run(slot.at, first, step, count);
    }

    /// Checks that a stretch is mapped, and splits the leaves that reach beyond it. Says how many tables that took.
    fn split_edges(&mut self, virt: VirtAddr, size: u64) -> Result<u64, EditError> {
        let needed = self.check_mapped(virt, size)?;
        let mut reserve = Reserve::fill(needed, &mut self.frames, &mut self.memory)?;
        if needed != 0 || self.format == LeafFormat::Napot {
            self.split(virt, virt, &mut reserve);
            self.split(virt.add(size - 1), virt.add(size), &mut reserve);
        }
        Ok(needed)
    }

    /// Splits the leaf of `inside` until one begins, or ends, at `edge`.
    fn split(&mut self, inside: VirtAddr, edge: VirtAddr, reserve: &mut Reserve) {
        loop {
            let Slot { level, at, entry } = self.find(inside);
            if self.is_one_of_many(entry, level) && !edge.is_aligned(LeafSize::K64.bytes()) {
                let first = slot::without_size(entry);
                let group = at.align_down(slot::GROUP as u64 * 8);
                self.memory.write_run(group, first, Entry::step(bytes(0)), slot::GROUP);
                return;
            }
            if edge.is_aligned(bytes(level)) {
                return;
            }
            let table = reserve.take(&self.memory);
            // All bits but the address stay: the same translation, in smaller steps.
            self.memory.write_run(table, entry, Entry::step(bytes(level - 1)), ENTRIES);
            publish();
            self.memory.write_run(at, Entry::table(table), 0, 1);
        }
    }

    /// Gives back the table of `slot`, in which `count` entries from `virt` on have just become invalid, and those above it, as far as
    /// they are empty. Says whether it did.
    fn free_empty(&mut self, slot: Slot, virt: VirtAddr, count: usize) -> bool {
        let (mut at, mut level, mut count) = (slot.at, slot.level, count);
        let mut freed = false;
        while level + 1 < self.levels.mode().levels() {
            let first = index(virt, level);
            let table = at.align_down(ENTRIES as u64 * 8);
            let is_empty = |index: usize| !self.memory.read(table.add(index as u64 * 8)).is_valid();
            // The neighbour in front first, then what is behind, where the rest of a stretch lies: one read is most often enough.
            if !((0..first).rev().take(1).all(is_empty)
                && (first + count..ENTRIES).all(is_empty)
                && (0..first).all(is_empty))
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
}

/// Orders what fills a table before the store that makes harts find it.
fn publish() {
    fence(Ordering::Release);
}

/// What must be fenced after a change that made `tables` tables.
const fn fence_for(tables: u64) -> Fence {
    if tables == 0 { Fence::Leaves } else { Fence::All }
}

/// How many entries of a table of `level` serve `size` bytes from `virt` on, up to the table's end.
fn run_length(virt: VirtAddr, level: usize, size: u64) -> usize {
    (ENTRIES - index(virt, level)).min(usize::try_from(size / bytes(level)).unwrap_or(ENTRIES))
}
