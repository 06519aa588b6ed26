//! The common case: a stretch whose leaves are whole entries of one table.
//!
//! One walk is enough then, and one look at each entry. No table is made, and no leaf is split. All
//! other stretches, and all errors, are left to the general case.

use super::position::{Scope, VARIABLE};
use super::{Editor, Frames, Half, Levels};
use crate::addr::{PAGE_SIZE, PhysAddr, VirtAddr};
use crate::entry::Entry;
use crate::mapper::Mapping;
use crate::memory::{TableMemory, TableReader};
use crate::range::VirtRange;

/// Bits V, R, W, X: those of a pointer are V alone.
const KIND: u64 = 0b1111;
const V: u64 = 0b0001;
const R: u64 = 0b0010;
const WX: u64 = 0b1100;
/// Bits that are clear in a leaf without N and of a known format: 63, and 60 to 54.
const UPPER: u64 = 1 << 63 | 0x7f << 54;
/// The bit that an invalid entry has while it waits for a fence.
const WAITING: u64 = 1 << 7;

/// Entries of one table that follow each other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whole {
    pub(super) at: PhysAddr,
    /// The first of them.
    pub(super) entry: Entry,
    pub(super) count: usize,
    /// The number of bits of an address within what an entry serves.
    pub(super) shift: usize,
}

impl Whole {
    /// Returns the level of the table.
    pub(super) const fn level(self) -> usize {
        (self.shift - 12) / 9
    }
}

impl<L: Levels, M: TableReader + TableMemory, F: Frames> Editor<L, M, F> {
    /// Returns the entries that can become the leaves of `mapping`. `None` if they are not entries
    /// of one table, if leaves of 64 KiB are possible, or if it is an error.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the result is many values, of which the caller uses few")]
    pub(super) fn whole_unmapped(&self, mapping: Mapping, scope: Scope) -> Option<Whole> {
        let Mapping { virt, phys, size, .. } = mapping;
        let is_reached = phys.get() < 1 << 56 && size <= (1 << 56) - phys.get();
        let whole = self.whole(virt, size, scope).filter(|_| is_reached)?;
        let is_aligned = phys.is_aligned(1 << whole.shift);
        let is_largest = whole.shift != 12 || !self.format.has_napot();
        let is_free = |entry: Entry| entry.bits() & (V | WAITING) == 0;
        (is_aligned && is_largest && is_free(whole.entry) && self.others(whole, is_free)).then_some(whole)
    }

    /// Returns the leaves that map a stretch. `None` if they are not entries of one table, differ
    /// in more than their page, are 64 KiB each, or if it is an error.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the result is many values, of which the caller uses few")]
    pub(super) fn whole_leaves(&self, virt: VirtAddr, size: u64, scope: Scope) -> Option<Whole> {
        let whole = self.whole(virt, size, scope)?;
        let bits = whole.entry.bits();
        let is_sound = bits & (UPPER | V | R) == V | R
            && bits & WX != WX
            && (whole.shift == 12 || whole.entry.target().is_aligned(1 << whole.shift));
        let is_like = |entry: Entry| {
            // The low bits of the page number are those of the leaf's alignment.
            let same = !VARIABLE | (((1 << whole.shift) - 1) >> 12 << 10);
            (entry.bits() ^ bits) & same == 0
        };
        (is_sound && self.others(whole, is_like)).then_some(whole)
    }

    /// Returns true if the entry before the one at `at` is in the same table, and valid. Then the
    /// table is not empty.
    #[inline]
    pub(super) fn has_neighbor(&self, at: PhysAddr) -> bool {
        !at.is_aligned(PAGE_SIZE) && self.memory.read(at.wrapping_sub(8)).is_valid()
    }

    /// Returns the entries that serve a stretch, if each is filled and all are in one table.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the result is many values, of which the caller uses few")]
    fn whole(&self, virt: VirtAddr, size: u64, scope: Scope) -> Option<Whole> {
        if !self.may_change(virt, size, scope) {
            return None;
        }
        // One step for each level, so that a mode that the compiler knows takes no loop.
        let mut table = self.root;
        for level in [4, 3, 2, 1] {
            if level < self.levels.mode().levels() {
                let at = table.wrapping_add(virt.get() >> (9 + 9 * level) & 0xff8);
                let entry = self.memory.read(at);
                if entry.bits() & KIND != V {
                    return filled(at, entry, 12 + 9 * level, virt, size);
                }
                table = entry.target();
            }
        }
        let at = table.wrapping_add(virt.get() >> 9 & 0xff8);
        filled(at, self.memory.read(at), 12, virt, size)
    }

    /// Returns true if an operation in `scope` may change these addresses. Alignment aside, it is
    /// false wherever [`Editor::check_stretch`] returns an error.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the result is many values, of which the caller uses few")]
    fn may_change(&self, virt: VirtAddr, size: u64, scope: Scope) -> bool {
        let mode = self.levels.mode();
        match (self.half, scope) {
            (Half::User, _) => size <= mode.half_size() && virt.get() <= mode.half_size() - size,
            (Half::Kernel, Scope::Owned) => {
                let stretch = VirtRange::new(virt, size);
                virt >= mode.upper_half()
                    && stretch.size() == size
                    && self.owned.iter().any(|owned| owned.contains(stretch))
            }
            (Half::Kernel, Scope::Anywhere) => virt >= mode.upper_half() && size <= u64::MAX - virt.get(),
        }
    }

    /// Returns true if all entries but the first are so.
    #[inline]
    fn others(&self, whole: Whole, is_so: impl Fn(Entry) -> bool) -> bool {
        let at = |index| whole.at.wrapping_add(index * 8);
        whole.count == 1 || (1..whole.count as u64).all(|index| is_so(self.memory.read(at(index))))
    }
}

/// Returns the entries from that at `at` on which a stretch fills. `None` if it fills one in part,
/// or reaches beyond their table.
#[inline(always)]
#[expect(clippy::inline_always, reason = "the caller knows the shift")]
fn filled(at: PhysAddr, entry: Entry, shift: usize, virt: VirtAddr, size: u64) -> Option<Whole> {
    if size == 1 << shift {
        let whole = Whole { at, entry, count: 1, shift };
        return virt.is_aligned(1 << shift).then_some(whole);
    }
    let count = size >> shift;
    let is_filled = (virt.get() | size) & ((1 << shift) - 1) == 0;
    let is_in_one = count != 0 && (at.get() & 0xff8) + count * 8 <= PAGE_SIZE;
    let whole = Whole { at, entry, count: usize::try_from(count).ok()?, shift };
    (is_filled && is_in_one).then_some(whole)
}
