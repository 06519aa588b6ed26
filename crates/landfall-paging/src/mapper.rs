//! The mapper: builds a set of tables from mappings in ascending order.
//!
//! Because the order is ascending, one table a level is open at any time, and every entry is
//! written once. Gaps are filled with invalid entries when the next mapping, or the end, has passed
//! them, or all at once by [`Mapper::fill_ahead`]. A page never needs zeroing beforehand.

use core::fmt;

use crate::addr::{PAGE_SIZE, PhysAddr, VirtAddr};
use crate::entry::{Access, Entry, LeafFormat};
use crate::leaf::LeafSize;
use crate::memory::TableMemory;
use crate::mode::Mode;

const ENTRIES: usize = 512;
/// Bytes of an entry.
const ENTRY_SIZE: u64 = PAGE_SIZE / ENTRIES as u64;
/// Entries of a 64 KiB leaf.
const NAPOT_ENTRIES: usize = 16;
/// The bits of an address within a 64 KiB leaf.
const NAPOT_SHIFT: usize = 16;

/// A stretch of virtual addresses, the physical memory behind it, and what may be done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// First virtual address.
    pub virt: VirtAddr,
    /// First physical address.
    pub phys: PhysAddr,
    /// Bytes.
    pub size: u64,
    /// Permission.
    pub access: Access,
}

/// Why a mapping cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MapError {
    /// An address or the size is not a multiple of 4 KiB, or the size is 0.
    Misaligned(Mapping),
    /// The mapping leaves the half of the address space in which it begins, or physical addresses
    /// of 56 bits.
    OutOfRange(Mapping),
    /// It begins before the end of the one before.
    NotAscending {
        /// The mapping.
        mapping: Mapping,
        /// The first address that it could have had.
        lowest: VirtAddr,
    },
    /// The memory for tables is used up.
    OutOfTables {
        /// Pages there were.
        pages: u64,
    },
}

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mapping, why) = match self {
            Self::OutOfTables { pages } => {
                return write!(f, "the {pages} pages set aside for tables do not suffice");
            }
            Self::NotAscending { mapping, lowest } => {
                return write!(
                    f,
                    "the mapping at {} is not in ascending order: {lowest} is taken",
                    mapping.virt
                );
            }
            Self::Misaligned(mapping) => (mapping, "is empty or not a multiple of 4 KiB"),
            Self::OutOfRange(mapping) => {
                (mapping, "leaves its half of the address space, or 56-bit physical addresses")
            }
        };
        write!(f, "the mapping of {} to {}, {:#x} bytes, {why}", mapping.virt, mapping.phys, mapping.size)
    }
}

impl core::error::Error for MapError {}

/// Finished tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tables {
    /// The root.
    pub root: PhysAddr,
    /// Pages taken, the root included.
    pub pages: u64,
}

/// The table of a level that is being filled.
#[derive(Clone, Copy, Debug)]
struct Open {
    table: PhysAddr,
    /// Entries written.
    written: usize,
}

impl Open {
    /// No table yet: nothing is left to fill.
    const NONE: Self = Self { table: PhysAddr::new(0), written: ENTRIES };
}

/// No canonical address equals this one above a table's reach: no table serves both.
const NOWHERE: u64 = 1 << 63;

/// Builds tables in pages that follow each other in memory, the root first.
#[derive(Debug)]
pub struct Mapper<M> {
    mode: Mode,
    format: LeafFormat,
    memory: M,
    pages: u64,
    first: PhysAddr,
    /// The page that is taken next, and the end of all.
    next: PhysAddr,
    end: PhysAddr,
    open: [Open; 5],
    /// Entries of a new table that are written already.
    filled: usize,
    /// The address of the last leaves.
    last: u64,
    order: Order,
}

/// The rules for mappings that follow each other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    /// Bytes in one half of the address space.
    pub(crate) half: u64,
    /// The last address of the mappings before; 0 without any.
    last: VirtAddr,
}

impl Order {
    pub(crate) const fn new(mode: Mode) -> Self {
        Self { half: mode.half_size(), last: VirtAddr::new(0) }
    }

    /// Checks the next mapping.
    pub(crate) fn check(&mut self, mapping: Mapping) -> Result<(), MapError> {
        let Mapping { virt, phys, size, .. } = mapping;
        if size == 0 || (virt.get() | phys.get() | size) & (PAGE_SIZE - 1) != 0 {
            return Err(MapError::Misaligned(mapping));
        }
        // The upper half's first address is the lower half's size, negated.
        let in_half = virt.get() & (self.half - 1);
        let is_canonical = virt.get() == in_half || virt.get() == in_half | self.half.wrapping_neg();
        // No half has more than 2^56 bytes, so neither has `size`.
        let fits = is_canonical && size <= self.half - in_half && phys.get() <= (1 << 56) - size;
        if !fits {
            return Err(MapError::OutOfRange(mapping));
        }
        // They differ: the last address of a mapping is no multiple of 4 KiB.
        if virt < self.last {
            return Err(MapError::NotAscending { mapping, lowest: self.last.wrapping_add(1) });
        }
        self.last = virt.wrapping_add(size - 1);
        Ok(())
    }
}

impl<M: TableMemory> Mapper<M> {
    /// A mapper that puts its tables into the `pages` pages from `first` on. They need not be zero.
    ///
    /// # Errors
    /// [`MapError::OutOfTables`] where not even the root fits.
    #[inline]
    pub fn new(
        mode: Mode,
        format: LeafFormat,
        memory: M,
        first: PhysAddr,
        pages: u64,
    ) -> Result<Self, MapError> {
        if pages == 0 {
            return Err(MapError::OutOfTables { pages });
        }
        let root = Open { table: first, written: 0 };
        let open = |level| if level == mode.levels() - 1 { root } else { Open::NONE };
        // An array of equal elements would be copied twice.
        let open = [open(0), open(1), open(2), open(3), open(4)];
        Ok(Self {
            mode,
            format,
            memory,
            pages,
            first,
            next: first.wrapping_add(PAGE_SIZE),
            end: PhysAddr::new(first.get().saturating_add(pages.saturating_mul(PAGE_SIZE))),
            open,
            filled: 0,
            last: NOWHERE,
            order: Order::new(mode),
        })
    }

    /// Maps one more stretch with the largest leaves that fit.
    ///
    /// # Errors
    /// [`MapError`]; nothing was written then, but for [`MapError::OutOfTables`], after which the
    /// tables are of no use.
    pub fn map(&mut self, mapping: Mapping) -> Result<(), MapError> {
        self.order.check(mapping)?;
        let Mapping { mut virt, mut phys, mut size, access } = mapping;
        while size != 0 {
            let run = Run::first(self.mode, self.format, Mapping { virt, phys, size, access });
            self.open_tables_down_to(run, virt)?;
            let entry = Entry::leaf(phys, access).formatted(self.format, run.leaf);
            let (step, entries) = match run.leaf {
                LeafSize::K64 => (0, NAPOT_ENTRIES),
                _ => (Entry::step(1 << run.shift), run.leaves),
            };
            self.write(run.level, run.index, entry, step, entries);
            let done = (entries as u64) << run.shift;
            (virt, phys, size) = (virt.wrapping_add(done), phys.wrapping_add(done), size - done);
        }
        Ok(())
    }

    /// Writes invalid entries to all that is left of the open tables, and of the pages for tables.
    /// The next mappings overwrite some of them.
    ///
    /// It saves a search for each gap if those mappings leave most entries of their tables invalid.
    pub fn fill_ahead(&mut self) {
        if self.filled == 0 {
            (0..self.mode.levels()).for_each(|level| self.close(level));
            let left = self.end.wrapping_offset_from(self.next) / ENTRY_SIZE;
            self.memory.write_invalid(self.next, usize::try_from(left).unwrap_or(usize::MAX));
            self.filled = ENTRIES;
        }
    }

    /// Completes the tables.
    pub fn finish(mut self) -> Tables {
        (0..self.mode.levels()).for_each(|level| self.close(level));
        Tables { root: self.first, pages: self.next.wrapping_offset_from(self.first) / PAGE_SIZE }
    }

    /// Sees to it that the tables of all levels from the root's down to the run's serve `virt`.
    fn open_tables_down_to(&mut self, Run { level, shift, .. }: Run, virt: VirtAddr) -> Result<(), MapError> {
        // Tables that serve the last leaves are open. They serve other addresses that equal theirs
        // above the reach of the table, and the root serves them all.
        let apart = virt.get() ^ self.last;
        self.last = virt.get();
        let root = self.mode.levels() - 1;
        if level == root || apart >> (shift + 9) == 0 {
            return Ok(());
        }
        let (mut above, mut shift) = (level + 1, shift + 9);
        while above < root && apart >> (shift + 9) != 0 {
            (above, shift) = (above + 1, shift + 9);
        }
        while above > level {
            self.close(above - 1);
            let table = self.take_page()?;
            self.write(above, index(virt, shift), Entry::table(table), 0, 1);
            (above, shift) = (above - 1, shift - 9);
            self.open[above] = Open { table, written: self.filled };
        }
        Ok(())
    }

    /// Writes a run of entries, and invalid ones into the gap before it.
    fn write(&mut self, level: usize, index: usize, first: Entry, step: u64, count: usize) {
        let open = &mut self.open[level];
        let entry = |index: usize| open.table.wrapping_add(index as u64 * 8);
        if index > open.written {
            self.memory.write_invalid(entry(open.written), index - open.written);
        }
        self.memory.write_run(entry(index), first, step, count);
        open.written = open.written.max(index + count);
    }

    /// Fills what is left of a level's table.
    fn close(&mut self, level: usize) {
        let open = &mut self.open[level];
        if open.written < ENTRIES {
            let at = open.table.wrapping_add(open.written as u64 * 8);
            self.memory.write_invalid(at, ENTRIES - open.written);
            open.written = ENTRIES;
        }
    }

    fn take_page(&mut self) -> Result<PhysAddr, MapError> {
        if self.next == self.end {
            return Err(MapError::OutOfTables { pages: self.pages });
        }
        let page = self.next;
        self.next = page.wrapping_add(PAGE_SIZE);
        Ok(page)
    }
}

/// Returns the size and the number of the first leaves of a mapping. They are the largest that fit,
/// and end at the end of their table or before the first larger one.
#[must_use]
pub fn first_leaves(mode: Mode, format: LeafFormat, mapping: Mapping) -> (LeafSize, usize) {
    let run = Run::first(mode, format, mapping);
    (run.leaf, run.leaves)
}

/// Equal leaves in one table, one after another.
#[derive(Clone, Copy)]
struct Run {
    leaf: LeafSize,
    level: usize,
    /// The lowest bit of the index into a table of this level.
    shift: usize,
    index: usize,
    leaves: usize,
}

impl Run {
    /// See [`first_leaves`].
    fn first(mode: Mode, format: LeafFormat, Mapping { virt, phys, size, .. }: Mapping) -> Self {
        let both = virt.get() | phys.get();
        let fits = |bits: usize| both << (64 - bits) == 0 && size >> bits != 0;
        let (mut shift, mut level) = (shift(0), 0);
        while level < mode.levels() - 1 && fits(shift + 9) {
            (shift, level) = (shift + 9, level + 1);
        }
        let (leaf, index) = (LeafSize::BY_LEVEL[level], index(virt, shift));
        let room = match (leaf, format) {
            (LeafSize::K4, LeafFormat::Napot) if fits(NAPOT_SHIFT) => {
                return Self { leaf: LeafSize::K64, level, shift, index, leaves: 1 };
            }
            (LeafSize::K4, LeafFormat::Napot) => NAPOT_ENTRIES - index % NAPOT_ENTRIES,
            _ => ENTRIES - index,
        };
        let leaves = room.min(usize::try_from(size >> shift).unwrap_or(ENTRIES));
        Self { leaf, level, shift, index, leaves }
    }
}

/// The lowest bit of the index into a table of `level`.
pub(crate) const fn shift(level: usize) -> usize {
    12 + 9 * level
}

/// Returns the index into a table for which it begins with the bit `shift`.
#[expect(clippy::cast_possible_truncation, reason = "the index has nine bits")]
const fn index(virt: VirtAddr, shift: usize) -> usize {
    (virt.get() >> shift) as usize % ENTRIES
}
