//! The block: the memory that the jump needs while all other memory may be overwritten.
//!
//! ```text
//! tables    a root that maps the jump's page at its virtual address, and the copier's at its
//!           physical one
//! copier    one page
//! list      the steps, and zeros behind them
//! tree      the device tree of the next kernel; then EFI's memory map
//! ```

use core::ops::Range;

use landfall_paging::{Mode, PAGE_SIZE, PhysAddr, PhysRange};

use crate::steps::Step;

/// The memory of the jump. The running kernel sets it aside, for this alone.
#[derive(Debug)]
pub struct Block<'a> {
    /// The bytes, as the running kernel sees them.
    pub bytes: &'a mut [u8],
    /// Their physical address, a multiple of 4 KiB.
    pub at: PhysAddr,
}

impl Block<'_> {
    /// Bytes that suffice for a tree of 64 KiB and as much of EFI's memory map.
    pub const USUAL_SIZE: usize = 256 << 10;

    /// Returns its physical memory.
    #[must_use]
    pub const fn range(&self) -> PhysRange {
        PhysRange::new(self.at, self.bytes.len() as u64)
    }

    /// Writes the steps, and zeros behind them, which end the list.
    pub fn write_list(&mut self, parts: Parts, steps: &[Step]) {
        let words = steps.iter().flat_map(Step::words).chain(core::iter::repeat(0));
        for (place, word) in self.part(parts.list).as_chunks_mut::<8>().0.iter_mut().zip(words) {
            *place = word.to_le_bytes();
        }
    }

    /// Writes the copier's code, and zeros behind it.
    pub fn write_copier(&mut self, parts: Parts, code: &[u8]) {
        let bytes = code.iter().copied().chain(core::iter::repeat(0));
        for (place, byte) in self.part(parts.copier).iter_mut().zip(bytes) {
            *place = byte;
        }
    }

    /// Returns the bytes of a part; none if it is no part of the block.
    pub(crate) fn bytes_of(&self, part: PhysRange) -> &[u8] {
        self.place_of(part).and_then(|place| self.bytes.get(place)).unwrap_or_default()
    }

    /// The same, to be written.
    pub(crate) fn part(&mut self, part: PhysRange) -> &mut [u8] {
        self.place_of(part).and_then(|place| self.bytes.get_mut(place)).unwrap_or_default()
    }

    fn place_of(&self, part: PhysRange) -> Option<Range<usize>> {
        let start = usize::try_from(part.start().wrapping_offset_from(self.at)).ok()?;
        Some(start..start.checked_add(usize::try_from(part.size()).ok()?)?)
    }
}

/// The parts of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parts {
    /// The tables, the root first.
    pub tables: PhysRange,
    /// The copier's page.
    pub copier: PhysRange,
    /// The steps.
    pub list: PhysRange,
    /// The rest: tree and EFI's memory map.
    pub rest: PhysRange,
}

impl Parts {
    /// Returns the parts of a block with room for `steps` steps. `None` if it is too small for the
    /// first three.
    #[must_use]
    pub const fn new(mode: Mode, block: PhysRange, steps: usize) -> Option<Self> {
        let tables = PhysRange::new(block.start(), Self::table_pages(mode) * PAGE_SIZE);
        let copier = PhysRange::new(tables.end(), PAGE_SIZE);
        let bytes = (steps as u64).saturating_add(1).saturating_mul(Step::SIZE as u64);
        let list = PhysRange::new(copier.end(), bytes.next_multiple_of(PAGE_SIZE));
        if list.end().get() > block.end().get() || list.end().get() < block.start().get() {
            return None;
        }
        Some(Self { tables, copier, list, rest: PhysRange::between(list.end(), block.end()) })
    }

    /// Returns the bytes of a block that has nothing but the first three parts.
    #[must_use]
    pub const fn least(mode: Mode, steps: usize) -> u64 {
        let list = (steps as u64).saturating_add(1).saturating_mul(Step::SIZE as u64);
        (Self::table_pages(mode) + 1) * PAGE_SIZE + list.next_multiple_of(PAGE_SIZE)
    }

    /// Returns the number of pages of the tables: a root, and for each of the two pages the tables
    /// below it.
    #[must_use]
    pub const fn table_pages(mode: Mode) -> u64 {
        mode.levels() as u64 * 2 - 1
    }
}
