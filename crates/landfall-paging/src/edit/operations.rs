//! The operations: map, protect, unmap.

use super::change::Leaves;
use super::fence::hull;
use super::frames::Reserve;
use super::position::{self, GROUP, Scope, bytes, leaf_size};
use super::whole::Whole;
use super::{EditError, Editor, Fence, Frames, Half, LeafKind, Levels};
use crate::addr::{PhysAddr, VirtAddr};
use crate::entry::{Access, Entry, MemoryType};
use crate::label::Label;
use crate::leaf::LeafSize;
use crate::mapper::Mapping;
use crate::memory::{TableMemory, TableReader};
use crate::range::VirtRange;

/// Bits R, W and X of an entry.
const RWX: u64 = 0b1110;

/// Leaves of a device's registers.
const DEVICE: LeafKind = LeafKind { memory: MemoryType::Device, label: Label::NONE };

/// In the regions that the editor owns.
impl<L: Levels, M: TableReader + TableMemory, F: Frames> Editor<L, M, F> {
    /// Maps a stretch that is not mapped, with the largest leaves that fit. Frames for tables need
    /// not hold zeros.
    ///
    /// `mapping.phys` is RAM: a hart may read what is mapped before the program does. The editor
    /// does not know other addresses of the same memory; its caller ensures that none is writable
    /// where another is executable.
    ///
    /// A table without entries is used as it is, even where a larger leaf would fit.
    ///
    /// # Errors
    /// [`EditError::Misaligned`], [`EditError::LowerHalf`], [`EditError::OutOfRange`],
    /// [`EditError::NotOwned`], [`EditError::Mapped`] and [`EditError::OutOfFrames`]; nothing has
    /// changed then.
    #[inline]
    pub fn map(&mut self, mapping: Mapping) -> Result<Fence, EditError> {
        self.map_leaves(mapping, LeafKind::default(), Scope::Owned)
    }

    /// As [`Editor::map`], with a memory type and a label.
    ///
    /// # Errors
    /// As [`Editor::map`].
    #[inline]
    pub fn map_as(&mut self, mapping: Mapping, kind: LeafKind) -> Result<Fence, EditError> {
        self.map_leaves(mapping, kind, Scope::Owned)
    }

    /// Maps the registers of a device, which must not be cached. T-Head's parts require that in
    /// each leaf, and Svpbmt has a type for it.
    ///
    /// # Errors
    /// As [`Editor::map`].
    pub fn map_device(&mut self, mapping: Mapping) -> Result<Fence, EditError> {
        self.map_leaves(mapping, DEVICE, Scope::Owned)
    }

    /// Gives a stretch that is mapped another access. A leaf that reaches beyond the stretch is
    /// split.
    ///
    /// # Errors
    /// [`EditError::Misaligned`], [`EditError::LowerHalf`], [`EditError::OutOfRange`],
    /// [`EditError::NotOwned`], [`EditError::NotMapped`], [`EditError::Malformed`] and
    /// [`EditError::OutOfFrames`]; nothing has changed then.
    #[inline]
    pub fn protect(&mut self, virt: VirtAddr, size: u64, access: Access) -> Result<Fence, EditError> {
        self.change_access(virt, size, access, Scope::Owned)
    }

    /// Unmaps a stretch that is mapped. A leaf that reaches beyond the stretch is split; tables
    /// that become empty are given back, the root excepted.
    ///
    /// A table that may have become empty is read until an entry is found in it: up to 512 reads.
    ///
    /// # Errors
    /// As [`Editor::protect`]: a split takes frames. Nothing has changed then.
    #[inline]
    pub fn unmap(&mut self, virt: VirtAddr, size: u64) -> Result<Fence, EditError> {
        self.remove(virt, size, Scope::Owned)
    }
}

/// Anywhere in the upper half.
#[expect(
    unsafe_code,
    reason = "objects of the program may lie at these addresses; the crate itself has no unsafe block"
)]
impl<L: Levels, M: TableReader + TableMemory, F: Frames> Editor<L, M, F> {
    /// As [`Editor::map`], at any address of the upper half.
    ///
    /// # Safety
    /// No code relies on a fault at these addresses, as a stack does on the page below it. Nothing
    /// is unmapped there that a hart may still reach through a translation that it keeps.
    ///
    /// # Errors
    /// As [`Editor::map`], but for [`EditError::NotOwned`].
    #[inline]
    pub unsafe fn map_anywhere(&mut self, mapping: Mapping) -> Result<Fence, EditError> {
        self.map_leaves(mapping, LeafKind::default(), Scope::Anywhere)
    }

    /// As [`Editor::map_device`], at any address of the upper half.
    ///
    /// # Safety
    /// As [`Editor::map_anywhere`].
    ///
    /// # Errors
    /// As [`Editor::map_anywhere`].
    pub unsafe fn map_device_anywhere(&mut self, mapping: Mapping) -> Result<Fence, EditError> {
        self.map_leaves(mapping, DEVICE, Scope::Anywhere)
    }

    /// As [`Editor::protect`], at any address of the upper half.
    ///
    /// # Safety
    /// Until the access is restored, no hart makes an access there that `access` forbids.
    /// References, code, stacks and tables that an editor writes to are such accesses.
    ///
    /// # Errors
    /// As [`Editor::protect`], but for [`EditError::NotOwned`].
    #[inline]
    pub unsafe fn protect_anywhere(
        &mut self,
        virt: VirtAddr,
        size: u64,
        access: Access,
    ) -> Result<Fence, EditError> {
        self.change_access(virt, size, access, Scope::Anywhere)
    }

    /// As [`Editor::unmap`], at any address of the upper half.
    ///
    /// # Safety
    /// No hart uses an object, code, a stack or a table there, until the range is mapped to the
    /// same memory again.
    ///
    /// # Errors
    /// As [`Editor::unmap`], but for [`EditError::NotOwned`].
    #[inline]
    pub unsafe fn unmap_anywhere(&mut self, virt: VirtAddr, size: u64) -> Result<Fence, EditError> {
        self.remove(virt, size, Scope::Anywhere)
    }
}

impl<L: Levels, M: TableReader + TableMemory, F: Frames> Editor<L, M, F> {
    #[inline]
    fn map_leaves(&mut self, mapping: Mapping, kind: LeafKind, scope: Scope) -> Result<Fence, EditError> {
        let Some(whole) = self.whole_unmapped(mapping, scope) else {
            return self.map_any(mapping, kind, scope);
        };
        let leaf = Entry::leaf(mapping.phys, mapping.access);
        let first = self.finish(leaf, leaf_size(whole.level()), kind);
        self.memory.write_run(whole.at, first, Entry::step(1 << whole.shift), whole.count());
        Ok(Fence::Leaves(whole.stretch))
    }

    /// Maps a stretch of leaves of any size, and makes tables for them.
    #[inline(never)]
    fn map_any(&mut self, mapping: Mapping, kind: LeafKind, scope: Scope) -> Result<Fence, EditError> {
        let needed = self.check_unmapped(mapping, scope)?;
        let mut reserve = Reserve::fill(needed, &mut self.frames, &mut self.memory)?;
        let Mapping { mut virt, mut phys, mut size, access } = mapping;
        while size != 0 {
            let position = self.find(virt);
            let level = self.largest_leaf(virt.get() | phys.get(), size).min(position.level);
            let leaf = Entry::leaf(phys, access);
            let leaves = if self.fits_napot(level, virt, phys, size) {
                Leaves { first: self.finish(leaf, LeafSize::K64, kind), step: 0, count: GROUP }
            } else {
                let room =
                    position::run_length(virt, level, size).min(self.pages_before_napot(level, virt, phys));
                let count = if level == position.level { self.unmapped_run(position, room) } else { room };
                let first = self.finish(leaf, leaf_size(level), kind);
                Leaves { first, step: Entry::step(bytes(level)), count }
            };
            self.write_leaves(position, level, virt, leaves, &mut reserve);
            let done = bytes(level) * leaves.count as u64;
            (virt, phys, size) = (virt.wrapping_add(done), phys.wrapping_add(done), size - done);
        }
        Ok(Fence::after(needed, VirtRange::new(mapping.virt, mapping.size)))
    }

    /// Returns the leaf, of `size`, as this editor's harts and half need it.
    fn finish(&self, leaf: Entry, size: LeafSize, kind: LeafKind) -> Entry {
        let leaf = if self.half == Half::User { leaf.for_user() } else { leaf };
        leaf.formatted(self.format, size).of_type(kind.memory, self.format).labelled(kind.label)
    }

    /// Returns true if the next leaf, in a table of `level`, is one of 64 KiB.
    fn fits_napot(&self, level: usize, virt: VirtAddr, phys: PhysAddr, size: u64) -> bool {
        let large = LeafSize::K64.bytes();
        self.format.has_napot() && level == 0 && size >= large && (virt.get() | phys.get()) & (large - 1) == 0
    }

    /// Returns the most pages that precede the first place for a leaf of 64 KiB.
    fn pages_before_napot(&self, level: usize, virt: VirtAddr, phys: PhysAddr) -> usize {
        let large = LeafSize::K64.bytes();
        if !self.format.has_napot() || level != 0 || (virt.get() ^ phys.get()) & (large - 1) != 0 {
            return usize::MAX;
        }
        GROUP - position::index(virt, 0) % GROUP
    }

    #[inline]
    fn change_access(
        &mut self,
        virt: VirtAddr,
        size: u64,
        access: Access,
        scope: Scope,
    ) -> Result<Fence, EditError> {
        let Some(whole) = self.whole_leaves(virt, size, scope) else {
            return self.change_any(virt, size, access, scope);
        };
        if whole.more == 0 {
            self.write_access(whole.at, whole.entry, 1, access);
        } else {
            self.write_accesses(whole, access);
        }
        Ok(Fence::Leaves(whole.stretch))
    }

    /// Changes the access of leaves of any size, and splits those that reach beyond the stretch.
    #[inline(never)]
    fn change_any(
        &mut self,
        virt: VirtAddr,
        size: u64,
        access: Access,
        scope: Scope,
    ) -> Result<Fence, EditError> {
        let stretch = self.check_stretch(virt, size, scope)?;
        let fence = self.split_edges(stretch)?;
        let (mut at, mut left) = (stretch.start(), stretch.size());
        let mut position = self.find(at);
        loop {
            let count = 1 + self.alike(position, position::run_length(at, position.level, left));
            self.write_access(position.at, position.entry, count, access);
            let done = bytes(position.level) * count as u64;
            left -= done;
            if left == 0 {
                return Ok(fence);
            }
            at = at.wrapping_add(done);
            position = self.next(position.behind(count), at);
        }
    }

    #[inline(never)]
    fn write_accesses(&mut self, whole: Whole, access: Access) {
        self.write_access(whole.at, whole.entry, whole.count(), access);
    }

    /// Writes another access to `count` leaves from `at` on, the first of which is `entry`.
    #[inline]
    fn write_access(&mut self, mut at: PhysAddr, mut entry: Entry, count: usize, access: Access) {
        let rwx = Entry::leaf(PhysAddr::new(0), access).bits() & RWX;
        for left in (0..count).rev() {
            self.memory.write_run(at, Entry::from_bits(entry.bits() & !RWX | rwx), 0, 1);
            if left != 0 {
                at = at.wrapping_add(8);
                entry = self.memory.read(at);
            }
        }
    }

    #[inline]
    fn remove(&mut self, virt: VirtAddr, size: u64, scope: Scope) -> Result<Fence, EditError> {
        let Some(whole) = self.whole_leaves(virt, size, scope) else {
            return self.remove_any(virt, size, scope);
        };
        let is_freed = if whole.more == 0 {
            self.memory.write_invalid(whole.at, 1);
            !self.has_neighbor(whole) && self.free_table(whole.stretch)
        } else {
            self.remove_run(whole)
        };
        Ok(if is_freed { Fence::All } else { Fence::Leaves(whole.stretch) })
    }

    /// Unmaps the leaves of a stretch that are whole entries of one table. Returns true if that
    /// table was given back.
    #[inline(never)]
    fn remove_run(&mut self, whole: Whole) -> bool {
        self.memory.write_invalid(whole.at, whole.count());
        !self.has_neighbor(whole) && self.free_table(whole.stretch)
    }

    /// Gives the table of a stretch back if it is empty. Its leaves there have just become invalid.
    /// Returns true if it was.
    #[inline(never)]
    fn free_table(&mut self, stretch: VirtRange) -> bool {
        let position = self.find(stretch.start());
        let count = position::run_length(stretch.start(), position.level, stretch.size());
        self.free_empty(position, stretch.start(), count)
    }

    /// Unmaps leaves of any size, and splits those that reach beyond the stretch.
    #[inline(never)]
    fn remove_any(&mut self, virt: VirtAddr, size: u64, scope: Scope) -> Result<Fence, EditError> {
        let stretch = self.check_stretch(virt, size, scope)?;
        let mut fence = self.split_edges(stretch)?;
        let (mut at, mut left) = (stretch.start(), stretch.size());
        while left != 0 {
            let position = self.find(at);
            let room = position::run_length(at, position.level, left);
            // Only leaves are mapped, so a run ends at a pointer.
            let is_leaf = |entry: Entry| entry.is_valid() && entry.is_leaf();
            let count = 1 + self.run(position, room, is_leaf);
            self.memory.write_invalid(position.at, count);
            if self.free_empty(position, at, count) {
                fence = Fence::All;
            }
            let done = bytes(position.level) * count as u64;
            (at, left) = (at.wrapping_add(done), left - done);
        }
        Ok(fence)
    }

    /// Checks that a stretch is mapped, and splits the leaves that reach beyond it. Returns the
    /// fence after that, and after any change of leaves in the stretch.
    pub(super) fn split_edges(&mut self, stretch: VirtRange) -> Result<Fence, EditError> {
        let needed = self.check_mapped(stretch)?;
        let mut reserve = Reserve::fill(needed, &mut self.frames, &mut self.memory)?;
        let mut changed = stretch;
        if needed != 0 || self.format.has_napot() {
            let (virt, end) = (stretch.start(), stretch.end());
            for (inside, edge) in [(virt, virt), (virt.wrapping_add(stretch.size() - 1), end)] {
                changed = hull(changed, self.split(inside, edge, &mut reserve));
            }
        }
        Ok(Fence::after(needed, changed))
    }
}
