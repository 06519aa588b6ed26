//! Unmapping in two steps, so that memory and addresses stay unused until a fence.
//!
//! [`Editor::withdraw`] clears V in each leaf and leaves the rest: an invalid entry's other bits
//! are software's, so it still names its memory. After the fence, [`Editor::sweep`] returns that
//! memory and frees the addresses. In between, nothing can be mapped there, and no list of frames
//! is needed.

use super::change::Leaves;
use super::frames::Reserve;
use super::position::{self, Position, Scope, bytes, bytes_in_entry};
use super::{EditError, Editor, Fence, Frames, Levels};
use crate::addr::{PhysAddr, VirtAddr};
use crate::entry::{Access, Entry};
use crate::label::Label;
use crate::leaf::LeafSize;
use crate::mapper::Mapping;
use crate::memory::{TableMemory, TableReader};
use crate::range::{PhysRange, VirtRange};

impl<L: Levels, M: TableReader + TableMemory, F: Frames> Editor<L, M, F> {
    /// Marks a stretch that is not mapped as unmapped on purpose: a guard, or addresses that wait
    /// for a mapping.
    ///
    /// No translation changes. If tables were made, the fence is [`Fence::All`]. A later mapping in
    /// them must not be used before it: harts may keep the entry that was invalid.
    ///
    /// # Errors
    /// As [`Editor::map`]: it takes tables where the stretch is a part of what an entry serves.
    pub fn reserve(&mut self, stretch: VirtRange, label: Label) -> Result<Fence, EditError> {
        self.write_unmapped(stretch, Entry::reserved(label))
    }

    /// Marks a stretch that is not mapped as free. The fence is as after [`Editor::reserve`].
    ///
    /// # Errors
    /// As [`Editor::reserve`].
    pub fn release(&mut self, stretch: VirtRange) -> Result<Fence, EditError> {
        self.write_unmapped(stretch, Entry::INVALID)
    }

    /// Unmaps a stretch that is mapped, and keeps its memory in the entries until
    /// [`Editor::sweep`]. A leaf that reaches beyond the stretch is split. No table is given back.
    ///
    /// # Errors
    /// As [`Editor::unmap`].
    pub fn withdraw(&mut self, virt: VirtAddr, size: u64) -> Result<Fence, EditError> {
        self.withdraw_leaves(self.check_stretch(virt, size, Scope::Owned)?)
    }

    /// As [`Editor::withdraw`], at any address of the editor's half.
    ///
    /// # Safety
    /// As [`Editor::unmap_anywhere`].
    ///
    /// # Errors
    /// As [`Editor::withdraw`], but for [`EditError::NotOwned`].
    #[expect(unsafe_code, reason = "objects of the program may lie at these addresses")]
    pub unsafe fn withdraw_anywhere(&mut self, virt: VirtAddr, size: u64) -> Result<Fence, EditError> {
        self.withdraw_leaves(self.check_stretch(virt, size, Scope::Anywhere)?)
    }

    fn withdraw_leaves(&mut self, stretch: VirtRange) -> Result<Fence, EditError> {
        let fence = self.split_edges(stretch)?;
        self.for_each_entry(stretch, |editor, position, _| {
            editor.memory.write_run(position.at, position.entry.withdrawn_leaf(), 0, 1);
        });
        Ok(fence)
    }

    /// Frees the addresses of a stretch that [`Editor::withdraw`] unmapped, and calls `each` with
    /// its memory. Memory that follows each other in both address spaces is one range. Entries that
    /// were not withdrawn stay.
    ///
    /// # Safety
    /// Every hart that uses the tables has executed the fence that `withdraw` returned.
    #[expect(unsafe_code, reason = "the contract is that of the harts, which are not known here")]
    pub unsafe fn sweep(&mut self, virt: VirtAddr, size: u64, each: impl FnMut(PhysRange)) {
        let mut runs = Runs::new(each);
        self.for_each_entry(VirtRange::new(virt, size), |editor, position, at| {
            if position.entry.is_withdrawn_leaf() {
                runs.add(editor.memory_of(position, at));
                editor.memory.write_invalid(position.at, 1);
            }
        });
        runs.finish();
    }

    /// Writes the same invalid entry throughout a stretch that is not mapped.
    fn write_unmapped(&mut self, stretch: VirtRange, entry: Entry) -> Result<Fence, EditError> {
        let (mut virt, mut size) = (stretch.start(), stretch.size());
        // Tables are taken as for leaves that could have any size: those of the same low bits.
        let phys = PhysAddr::new(virt.get() & ((1 << 56) - 1));
        let needed =
            self.check_unmapped(Mapping { virt, phys, size, access: Access::ReadOnly }, Scope::Owned)?;
        let mut reserve = Reserve::fill(needed, &mut self.frames, &mut self.memory)?;
        while size != 0 {
            let position = self.find(virt);
            let level = self.largest_leaf(virt.get(), size).min(position.level);
            let room = position::run_length(virt, level, size);
            let count = if level == position.level { self.unmapped_run(position, room) } else { room };
            self.write_leaves(position, level, virt, Leaves { first: entry, step: 0, count }, &mut reserve);
            let done = bytes(level) * count as u64;
            (virt, size) = (virt.wrapping_add(done), size - done);
        }
        Ok(Fence::after(needed, stretch))
    }

    /// Calls `each` with every entry that decides about addresses of `stretch`, in ascending order,
    /// and with the first of these addresses.
    fn for_each_entry(&mut self, stretch: VirtRange, mut each: impl FnMut(&mut Self, Position, VirtAddr)) {
        let (mut at, mut left) = (stretch.start(), stretch.size());
        if left == 0 {
            return;
        }
        let mut position = self.find(at);
        loop {
            each(self, position, at);
            let part = bytes_in_entry(at, position.level, left);
            left -= part;
            if left == 0 {
                return;
            }
            at = at.wrapping_add(part);
            position = self.next(position, at);
        }
    }

    /// Returns the memory that the leaf of `position` maps, or mapped, from `at` on: that of one
    /// entry, also for a leaf of 64 KiB.
    pub(super) fn memory_of(&self, position: Position, at: VirtAddr) -> PhysRange {
        let Position { level, entry, .. } = position;
        if !self.is_one_of_many(entry, level) {
            return PhysRange::new(entry.target(), bytes(level));
        }
        let large = LeafSize::K64.bytes();
        let page = entry.target().align_down(large).wrapping_add(at.get() & (large - 1));
        PhysRange::new(page, bytes(level))
    }
}

/// Joins ranges that follow each other.
pub(super) struct Runs<E> {
    run: PhysRange,
    each: E,
}

impl<E: FnMut(PhysRange)> Runs<E> {
    pub(super) const fn new(each: E) -> Self {
        Self { run: PhysRange::EMPTY, each }
    }

    pub(super) fn add(&mut self, range: PhysRange) {
        if !self.run.is_empty() && self.run.end() == range.start() {
            self.run = PhysRange::between(self.run.start(), range.end());
            return;
        }
        self.emit();
        self.run = range;
    }

    pub(super) fn finish(mut self) {
        self.emit();
    }

    fn emit(&mut self) {
        if !self.run.is_empty() {
            (self.each)(self.run);
        }
    }
}
