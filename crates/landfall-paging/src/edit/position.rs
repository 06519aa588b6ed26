//! The survey before an operation changes anything: the entries that serve a range, and the number
//! of tables that it will take.

use super::{EditError, Editor, Frames, Half, Levels};
use crate::addr::{PAGE_SIZE, PhysAddr, VirtAddr};
use crate::entry::{Entry, LeafFormat};
use crate::leaf::LeafSize;
use crate::mapper::Mapping;
use crate::memory::{TableMemory, TableReader};
use crate::range::VirtRange;
use crate::unmapped::Unmapped;

/// Entries of a table.
pub(super) const ENTRIES: usize = 512;

/// Entries that make one leaf of 64 KiB (Svnapot).
pub(super) const GROUP: usize = 16;

/// N, bit 63, and the low bits of the page number that hold the size in an entry with it.
const N: u64 = 1 << 63;
const SIZE: u64 = 0b1111 << 10;
/// Reserved bits, which an editor does not know how to keep: 60 to 54, or 58 to 54 where T-Head's
/// memory type lies above. The memory type of Svpbmt (62 and 61) and T-Head's stay as they are.
const RESERVED: u64 = 0x7f << 54;
const RESERVED_THEAD: u64 = 0x1f << 54;

/// Bits in which sound leaves of one table may differ: the page number, and the label.
pub(super) const VARIABLE: u64 = ((1 << 46) - 1) << 8;

/// The addresses that an operation may change.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scope {
    /// Those of the editor's own regions.
    Owned,
    /// All of the upper half: the caller of an unsafe function vouches for them.
    Anywhere,
}

/// The entry that decides about an address: the first on the way down that is no pointer, or one of
/// the last level.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    /// The level of its table.
    pub(super) level: usize,
    /// Its address.
    pub(super) at: PhysAddr,
    /// Its content.
    pub(super) entry: Entry,
}

impl Position {
    /// Returns the last of `count` entries from this one on. Its content is not read.
    pub(super) const fn behind(self, count: usize) -> Self {
        Self { at: self.at.wrapping_add((count as u64 - 1) * 8), ..self }
    }
}

impl<L: Levels, M: TableReader + TableMemory, F: Frames> Editor<L, M, F> {
    /// The position of `virt`.
    #[inline]
    pub(super) fn find(&self, virt: VirtAddr) -> Position {
        let level = self.levels.mode().levels() - 1;
        self.descend(level, self.root.wrapping_add(index(virt, level) as u64 * 8), virt)
    }

    /// The position of `virt`, which is where `position` ends.
    #[inline]
    pub(super) fn next(&self, position: Position, virt: VirtAddr) -> Position {
        if index(virt, position.level) == 0 {
            return self.find(virt);
        }
        let Position { level, at, .. } = position;
        let at = at.wrapping_add(8);
        let entry = self.memory.read(at);
        // Most often it is a leaf, like the one before it: then it does not matter how many levels
        // there are above.
        if is_pointer(level, entry) { self.descend(level, at, virt) } else { Position { level, at, entry } }
    }

    /// Follows pointers from the entry at `at`.
    #[inline]
    fn descend(&self, mut level: usize, mut at: PhysAddr, virt: VirtAddr) -> Position {
        loop {
            let entry = self.memory.read(at);
            if !is_pointer(level, entry) {
                return Position { level, at, entry };
            }
            level -= 1;
            at = entry.target().wrapping_add(index(virt, level) as u64 * 8);
        }
    }

    /// Returns the address of the entry of `virt` in its table of `level`, which must exist.
    pub(super) fn entry_at(&self, virt: VirtAddr, level: usize) -> PhysAddr {
        let top = self.levels.mode().levels() - 1;
        (level..top).rev().fold(self.root.wrapping_add(index(virt, top) as u64 * 8), |at, level| {
            self.memory.read(at).target().wrapping_add(index(virt, level) as u64 * 8)
        })
    }

    /// Returns the number of entries behind `position` that are as `wanted`, among the next `room`,
    /// the position's own included.
    pub(super) fn run(&self, position: Position, room: usize, wanted: impl Fn(Entry) -> bool) -> usize {
        (1..room)
            .take_while(|index| wanted(self.memory.read(position.at.wrapping_add(*index as u64 * 8))))
            .count()
    }

    /// Returns the number of entries from `position` on that can become leaves, among the next
    /// `room`. A pointer to an empty table ends the run.
    pub(super) fn unmapped_run(&self, position: Position, room: usize) -> usize {
        1 + self.run(position, room, |entry| !entry.is_valid())
    }

    /// Returns the number of leaves behind `position`, which has one, that are as sound as it is,
    /// among the next `room`, the position's own included. They may differ in page and label.
    pub(super) fn alike(&self, position: Position, room: usize) -> usize {
        let Position { level, entry, .. } = position;
        // The low bits of the page number are those of the leaf's alignment.
        let same = !VARIABLE | (Entry::step(bytes(level)) - Entry::step(PAGE_SIZE));
        self.run(position, room, |next| (next.bits() ^ entry.bits()) & same == 0)
    }

    /// The level of the largest leaf for addresses with these bits and at least `size` bytes.
    pub(super) fn largest_leaf(&self, bits: u64, size: u64) -> usize {
        let fits = |level: &usize| bits & (bytes(*level) - 1) == 0 && size >= bytes(*level);
        (1..self.levels.mode().levels()).take_while(fits).last().unwrap_or(0)
    }

    /// Checks that `scope` and the address space hold both the addresses and the memory of a
    /// mapping. Returns the addresses.
    #[inline]
    pub(super) fn check_mapping(&self, mapping: Mapping, scope: Scope) -> Result<VirtRange, EditError> {
        let Mapping { virt, phys, size, .. } = mapping;
        let stretch = self.check_stretch(virt, size, scope)?;
        if !phys.is_aligned(PAGE_SIZE) {
            return Err(EditError::Misaligned { virt, size });
        }
        if phys.get() >= 1 << 56 || size > (1 << 56) - phys.get() {
            return Err(EditError::OutOfRange { virt, size });
        }
        Ok(stretch)
    }

    /// Checks that a stretch can be mapped, and counts the tables that this takes.
    pub(super) fn check_unmapped(&self, mapping: Mapping, scope: Scope) -> Result<u64, EditError> {
        self.check_mapping(mapping, scope)?;
        let Mapping { mut virt, mut phys, mut size, .. } = mapping;
        let mut tables = 0;
        let mut position = self.find(virt);
        loop {
            match position.entry.unmapped() {
                None => return Err(EditError::Mapped { virt, entry: position.entry }),
                Some(Unmapped::Withdrawn(_)) => return Err(EditError::Withdrawn { virt }),
                Some(Unmapped::Free | Unmapped::Reserved(_)) => {}
            }
            // Entries of level 0 take no table.
            let room = if position.level == 0 { run_length(virt, 0, size) } else { 1 };
            let more = self.run(position, room, |entry| !entry.is_valid() && !entry.is_withdrawn());
            let part = bytes_in_entry(virt, position.level, size).max(bytes(0) * (1 + more as u64));
            tables += tables_below(position.level, virt, virt.get() ^ phys.get(), part);
            if part == size {
                return Ok(tables);
            }
            (virt, phys, size) = (virt.wrapping_add(part), phys.wrapping_add(part), size - part);
            position = self.next(position.behind(1 + more), virt);
        }
    }

    /// Checks that a stretch is mapped, and counts the tables that splitting takes so that no leaf
    /// reaches beyond it.
    pub(super) fn check_mapped(&self, stretch: VirtRange) -> Result<u64, EditError> {
        let (mut virt, mut size) = (stretch.start(), stretch.size());
        let mut tables = 0;
        let mut position = self.find(virt);
        loop {
            let Position { level, entry, .. } = position;
            if !entry.is_valid() {
                return Err(EditError::NotMapped { virt });
            }
            if !self.is_leaf(entry, level) {
                return Err(EditError::Malformed { virt, entry });
            }
            // Leaves of 4 KiB are whole, so a run of them takes no table.
            let is_run = level == 0 && !self.is_one_of_many(entry, level);
            let more = if is_run { self.alike(position, run_length(virt, 0, size)) } else { 0 };
            let part = if is_run { bytes(0) * (1 + more as u64) } else { bytes_in_entry(virt, level, size) };
            tables += tables_below(level, virt, 0, part);
            if part == size {
                return Ok(tables);
            }
            (virt, size) = (virt.wrapping_add(part), size - part);
            position = self.next(position.behind(1 + more), virt);
        }
    }

    /// Returns true if a valid entry of a table of `level` is a leaf that can be changed and split.
    #[inline]
    pub(super) fn is_leaf(&self, entry: Entry, level: usize) -> bool {
        let upper = entry.bits() & (RESERVED | N);
        let is_known = upper == 0
            || match self.format {
                LeafFormat::Plain | LeafFormat::Svpbmt => false,
                LeafFormat::Napot | LeafFormat::NapotSvpbmt => {
                    upper == N && self.is_one_of_many(entry, level)
                }
                LeafFormat::Thead => upper & RESERVED_THEAD == 0,
            };
        is_known && entry.access().is_some() && entry.target().is_aligned(bytes(level))
    }

    /// Returns true if an entry of a table of `level` is one of the 16 of a leaf of 64 KiB.
    pub(super) fn is_one_of_many(&self, entry: Entry, level: usize) -> bool {
        self.format.has_napot() && level == 0 && entry.is_napot()
    }

    /// Checks that an operation in `scope` may change the `size` bytes from `virt` on, and returns
    /// them.
    #[inline]
    pub(super) fn check_stretch(
        &self,
        virt: VirtAddr,
        size: u64,
        scope: Scope,
    ) -> Result<VirtRange, EditError> {
        if size == 0 || (virt.get() | size) & (PAGE_SIZE - 1) != 0 {
            return Err(EditError::Misaligned { virt, size });
        }
        let mode = self.levels.mode();
        let half = if virt.get() < mode.half_size() { Half::User } else { Half::Kernel };
        match (half, self.half) {
            (Half::User, Half::Kernel) => return Err(EditError::LowerHalf { virt, size }),
            (Half::Kernel, Half::User) => return Err(EditError::UpperHalf { virt, size }),
            (Half::User, Half::User) if size > mode.half_size() - virt.get() => {
                return Err(EditError::OutOfRange { virt, size });
            }
            (Half::User, Half::User) => return Ok(VirtRange::new(virt, size)),
            (Half::Kernel, Half::Kernel) => {}
        }
        // From the first canonical address of the upper half on, all addresses are canonical. A
        // range never holds the last byte of all, so nothing is mapped in the last page: no Rust
        // object may end where addresses wrap.
        let stretch = VirtRange::new(virt, size);
        if virt < mode.upper_half() || stretch.size() != size {
            return Err(EditError::OutOfRange { virt, size });
        }
        match scope {
            Scope::Owned if !self.owned.iter().any(|owned| owned.contains(stretch)) => {
                Err(EditError::NotOwned { virt, size })
            }
            Scope::Owned | Scope::Anywhere => Ok(stretch),
        }
    }
}

/// Returns true if an entry of a table of `level` leads to another table.
const fn is_pointer(level: usize, entry: Entry) -> bool {
    level != 0 && entry.is_valid() && !entry.is_leaf()
}

/// The first of the leaves of 4 KiB that are the same as the leaf of 64 KiB to which `entry`
/// belongs.
pub(super) const fn without_size(entry: Entry) -> Entry {
    Entry::from_bits(entry.bits() & !(N | SIZE))
}

/// Returns the number of entries of a table of `level` that serve `size` bytes from `virt` on, up
/// to the table's end.
pub(super) fn run_length(virt: VirtAddr, level: usize, size: u64) -> usize {
    (ENTRIES - index(virt, level)).min(usize::try_from(size / bytes(level)).unwrap_or(ENTRIES))
}

/// Of `size` bytes from `virt` on, those that the entry of `virt` in a table of `level` serves.
pub(super) fn bytes_in_entry(virt: VirtAddr, level: usize, size: u64) -> u64 {
    size.min(bytes(level) - (virt.get() & (bytes(level) - 1)))
}

/// Returns the number of tables below an entry of `level` so that `size` bytes from `virt` on get
/// leaves of their own. The entry serves all of them. `difference` has the bits in which the
/// virtual and the physical address differ.
fn tables_below(level: usize, virt: VirtAddr, difference: u64, size: u64) -> u64 {
    let last = virt.get() + (size - 1);
    let tables_of = |level: usize| {
        let reach = bytes(level) - 1;
        let (first, last) = (virt.get() & !reach, last & !reach);
        // If leaves of this size fit, only the edges need a table below.
        let (cut_first, cut_last) = (first != virt.get(), last + reach != virt.get() + (size - 1));
        if difference & reach != 0 {
            (last - first) / bytes(level) + 1
        } else if first == last {
            u64::from(cut_first || cut_last)
        } else {
            u64::from(cut_first) + u64::from(cut_last)
        }
    };
    (1..=level).map(tables_of).sum()
}

/// Bytes that an entry in a table of `level` serves.
pub(super) const fn bytes(level: usize) -> u64 {
    PAGE_SIZE << (9 * level)
}

#[expect(clippy::cast_possible_truncation, reason = "the index has nine bits")]
pub(super) const fn index(virt: VirtAddr, level: usize) -> usize {
    (virt.get() >> (12 + 9 * level)) as usize % ENTRIES
}

/// The size of a leaf that is one entry in a table of `level`.
pub(super) const fn leaf_size(level: usize) -> LeafSize {
    match level {
        0 => LeafSize::K4,
        1 => LeafSize::M2,
        2 => LeafSize::G1,
        3 => LeafSize::G512,
        _ => LeafSize::T256,
    }
}

const _: () = assert!(leaf_size(4).bytes() == bytes(4) && leaf_size(0).bytes() == bytes(0));
