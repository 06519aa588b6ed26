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
/// Bits of extensions and reserved bits. Leaves that have one are left to the general case, and
/// with T-Head's format all are.
const UPPER: u64 = u64::MAX << 54;
/// The bit that an invalid entry has while it waits for a fence.
const WAITING: u64 = 1 << 7;

/// Bits of an address within a leaf of 4 KiB, and of 2 MiB. Larger leaves are left to the general
/// case.
const SMALL: usize = 12;
const LARGE: usize = 21;

/// Entries of one table that follow each other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whole {
    /// The addresses that they serve.
    pub(super) stretch: VirtRange,
    pub(super) at: PhysAddr,
    /// The offset of `at` in the table.
    offset: u64,
    /// The first of them.
    pub(super) entry: Entry,
    /// The number of those behind it.
    pub(super) more: usize,
    /// The number of bits of an address within what an entry serves.
    pub(super) shift: usize,
}

impl Whole {
    /// Returns the number of entries.
    pub(super) const fn count(self) -> usize {
        self.more + 1
    }

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
        let is_free = |entry: Entry| entry.bits() & (V | WAITING) == 0;
        let fits = |entry: Entry, shift: usize| {
            let is_largest = shift != 12 || !self.format.has_napot();
            is_free(entry) && is_largest && phys.is_aligned(1 << shift)
        };
        let whole = self.whole(virt, size, scope, fits)?;
        (is_reached && self.others(whole, is_free)).then_some(whole)
    }

    /// Returns the leaves that map a stretch. `None` if they are not entries of one table, differ
    /// in more than their page, are 64 KiB each, or if it is an error.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the result is many values, of which the caller uses few")]
    pub(super) fn whole_leaves(&self, virt: VirtAddr, size: u64, scope: Scope) -> Option<Whole> {
        let is_sound = |entry: Entry, shift| {
            let bits = entry.bits();
            bits & (UPPER | unaligned(shift)) == 0 && is_leaf(bits)
        };
        let whole = self.whole(virt, size, scope, is_sound)?;
        let is_like =
            |entry: Entry| (entry.bits() ^ whole.entry.bits()) & (!VARIABLE | unaligned(whole.shift)) == 0;
        self.others(whole, is_like).then_some(whole)
    }

    /// Returns true if the entry before the first is in the same table, and valid. Then the table
    /// is not empty.
    #[inline]
    pub(super) fn has_neighbor(&self, whole: Whole) -> bool {
        whole.offset != 0 && self.memory.read(whole.at.wrapping_sub(8)).is_valid()
    }

    /// Returns the entries that serve a stretch, if each is filled and all are in one table. The
    /// first must fit, given the number of bits of an address within what it serves.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the result is many values, of which the caller uses few")]
    fn whole(
        &self,
        virt: VirtAddr,
        size: u64,
        scope: Scope,
        fits: impl Fn(Entry, usize) -> bool,
    ) -> Option<Whole> {
        let stretch = self.changeable(virt, size, scope)?;
        // One step for each level, so that a mode that the compiler knows takes no loop.
        let mut table = self.root;
        for level in [4, 3, 2] {
            if level < self.levels.mode().levels() {
                let entry = self.memory.read(Place::of(table, virt, 12 + 9 * level).at);
                if entry.bits() & KIND != V {
                    return None;
                }
                table = entry.target();
            }
        }
        let large = Place::of(table, virt, LARGE);
        let entry = self.memory.read(large.at);
        if entry.bits() & KIND != V {
            return large.filled(entry, stretch).filter(|_| fits(entry, LARGE));
        }
        let small = Place::of(entry.target(), virt, SMALL);
        let entry = self.memory.read(small.at);
        small.filled(entry, stretch).filter(|_| fits(entry, SMALL))
    }

    /// Returns the addresses if an operation in `scope` may change them. Alignment aside, it is
    /// `None` wherever [`Editor::check_stretch`] returns an error.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the scope is known")]
    fn changeable(&self, virt: VirtAddr, size: u64, scope: Scope) -> Option<VirtRange> {
        let mode = self.levels.mode();
        let stretch = VirtRange::checked(virt, size)?;
        let may_change = match (self.half, scope) {
            (Half::User, _) => stretch.end().get() <= mode.half_size(),
            (Half::Kernel, Scope::Owned) => {
                virt >= mode.upper_half() && self.owned.iter().any(|owned| owned.contains(stretch))
            }
            (Half::Kernel, Scope::Anywhere) => virt >= mode.upper_half(),
        };
        may_change.then_some(stretch)
    }

    /// Returns true if all entries but the first are so.
    #[inline]
    fn others(&self, whole: Whole, is_so: impl Fn(Entry) -> bool) -> bool {
        let at = |index| whole.at.wrapping_add(index * 8);
        whole.more == 0 || (1..=whole.more as u64).all(|index| is_so(self.memory.read(at(index))))
    }
}

/// Returns true if V and R are set, and W and X are not both. Then these bits are 3, 7 or 11, each
/// one less than a multiple of 4.
const fn is_leaf(bits: u64) -> bool {
    ((bits & KIND) + 1) & !0b1100 == 0
}

/// Returns the bits of an entry that are set if its page number is not aligned to `1 << shift`
/// bytes.
const fn unaligned(shift: usize) -> u64 {
    ((1 << shift) - 1) >> 12 << 10
}

/// The place of an entry.
#[derive(Clone, Copy, Debug)]
struct Place {
    at: PhysAddr,
    offset: u64,
    shift: usize,
}

impl Place {
    /// Returns the place of the entry of `virt` in a table whose entries serve `1 << shift` bytes.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the caller knows the shift")]
    const fn of(table: PhysAddr, virt: VirtAddr, shift: usize) -> Self {
        let offset = virt.get() >> (shift - 3) & 0xff8;
        Self { at: table.wrapping_add(offset), offset, shift }
    }

    /// Returns the entries from this one on, `entry`, that a stretch fills. `None` if it fills one
    /// in part, or reaches beyond their table.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the caller knows the shift")]
    fn filled(self, entry: Entry, stretch: VirtRange) -> Option<Whole> {
        let Self { at, offset, shift } = self;
        let (virt, size) = (stretch.start(), stretch.size());
        if size == 1 << shift {
            let whole = Whole { stretch, at, offset, entry, more: 0, shift };
            return virt.is_aligned(1 << shift).then_some(whole);
        }
        let more = (size >> shift).checked_sub(1)?;
        let is_filled = (virt.get() | size) & ((1 << shift) - 1) == 0;
        let is_in_one = offset + more * 8 < PAGE_SIZE;
        let whole = Whole { stretch, at, offset, entry, more: usize::try_from(more).ok()?, shift };
        (is_filled && is_in_one).then_some(whole)
    }
}
