//! The memory map of the kernel.

use core::fmt;

use landfall_paging::{PAGE_SIZE, PhysAddr, PhysRange};

use crate::revision::BaseRevision;

/// The kind of a range of physical memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryKind {
    /// RAM that is free.
    Usable,
    /// Not RAM, or RAM with an owner.
    Reserved,
    /// ACPI's tables, until the kernel has read them.
    AcpiReclaimable,
    /// Memory of ACPI's own.
    AcpiNvs,
    /// RAM with faults.
    BadMemory,
    /// RAM that holds responses, stacks, tables and code of the loader, until the kernel needs none
    /// of them.
    LoaderReclaimable,
    /// The kernel and its modules.
    ExecutableAndModules,
    /// Pixels.
    Framebuffer,
    /// Firmware's tables that are mapped (base revision 4 and newer).
    ReservedMapped,
}

impl MemoryKind {
    /// Returns the number of the kind. Before base revision 4, mapped reserved memory is reserved.
    pub(crate) const fn number(self, revision: BaseRevision) -> u64 {
        match self {
            Self::Usable => 0,
            Self::Reserved => 1,
            Self::AcpiReclaimable => 2,
            Self::AcpiNvs => 3,
            Self::BadMemory => 4,
            Self::LoaderReclaimable => 5,
            Self::ExecutableAndModules => 6,
            Self::Framebuffer => 7,
            Self::ReservedMapped => match revision {
                BaseRevision::R3 => 1,
                _ => 8,
            },
        }
    }

    /// Returns true if the linear map holds memory of this kind.
    #[must_use]
    pub const fn is_mapped(self, revision: BaseRevision) -> bool {
        match self {
            Self::Usable | Self::LoaderReclaimable | Self::ExecutableAndModules | Self::Framebuffer => true,
            Self::ReservedMapped | Self::AcpiReclaimable | Self::AcpiNvs => {
                !matches!(revision, BaseRevision::R3)
            }
            Self::Reserved | Self::BadMemory => false,
        }
    }

    /// Returns true if the kernel may come to own the memory: it is whole pages, and overlaps no
    /// other range.
    const fn is_exclusive(self) -> bool {
        matches!(self, Self::Usable | Self::LoaderReclaimable)
    }
}

/// A range of physical memory with its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryRange {
    /// The memory.
    pub range: PhysRange,
    /// Its kind.
    pub kind: MemoryKind,
}

impl MemoryRange {
    /// No memory.
    pub const EMPTY: Self = Self { range: PhysRange::EMPTY, kind: MemoryKind::Reserved };
}

/// A fault of a memory map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MemoryFault {
    /// The range is empty, or begins before the one that precedes it.
    Order(PhysRange),
    /// Usable or reclaimable memory is not whole pages.
    Unaligned(PhysRange),
    /// Usable or reclaimable memory overlaps other memory.
    Overlap(PhysRange),
    /// The map has no room for another range.
    Full {
        /// Ranges that it holds at most.
        room: usize,
    },
}

impl fmt::Display for MemoryFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order(range) => {
                write!(f, "the memory map is not in ascending order at {range}, or that is empty; sort it")
            }
            Self::Unaligned(range) => {
                write!(f, "the usable or reclaimable memory {range} is not whole pages; align it to 4 KiB")
            }
            Self::Overlap(range) => write!(
                f,
                "the memory {range} overlaps usable or reclaimable memory; give each byte to one range"
            ),
            Self::Full { room } => {
                write!(f, "the memory map has more than {room} ranges; provide room for more")
            }
        }
    }
}

impl core::error::Error for MemoryFault {}

/// Checks a map by the rules of the protocol: sorted, and exclusive ranges of whole pages.
pub(crate) fn check(map: &[MemoryRange]) -> Result<(), MemoryFault> {
    let (mut last, mut end, mut exclusive_end) = (PhysAddr::new(0), PhysAddr::new(0), PhysAddr::new(0));
    for MemoryRange { range, kind } in map.iter().copied() {
        if range.is_empty() || range.start() < last {
            return Err(MemoryFault::Order(range));
        }
        if kind.is_exclusive()
            && !(range.start().is_aligned(PAGE_SIZE) && range.size().is_multiple_of(PAGE_SIZE))
        {
            return Err(MemoryFault::Unaligned(range));
        }
        if range.start() < if kind.is_exclusive() { end } else { exclusive_end } {
            return Err(MemoryFault::Overlap(range));
        }
        last = range.start();
        end = end.max(range.end());
        if kind.is_exclusive() {
            exclusive_end = range.end();
        }
    }
    Ok(())
}

/// Returns true if one range of the map that the kernel sees in the linear map holds all of
/// `wanted`.
pub(crate) fn holds(map: &[MemoryRange], wanted: PhysRange, revision: BaseRevision) -> bool {
    map.iter().any(|part| part.kind.is_mapped(revision) && part.range.contains(wanted))
}

/// A memory map that is made from claims: each takes its memory from earlier ones.
///
/// ```
/// use landfall_limine::{MemoryKind, MemoryMap, MemoryRange};
/// use landfall_paging::{PhysAddr, PhysRange};
///
/// let range = |start, size| PhysRange::new(PhysAddr::new(start), size);
/// let mut room = [MemoryRange::EMPTY; 8];
/// let mut map = MemoryMap::new(&mut room);
/// map.claim(range(0x8000_0000, 0x10_0000), MemoryKind::Usable)?;
/// // Firmware owns some bytes of a page: the kernel may use none of that page.
/// map.claim(range(0x8000_0100, 0x80), MemoryKind::Reserved)?;
/// assert_eq!(map.as_slice()[0].range, range(0x8000_0000, 0x1000));
/// assert_eq!(map.as_slice()[1].range, range(0x8000_1000, 0xf_f000));
/// # Ok::<(), landfall_limine::MemoryFault>(())
/// ```
#[derive(Debug)]
pub struct MemoryMap<'a> {
    ranges: &'a mut [MemoryRange],
    count: usize,
}

impl<'a> MemoryMap<'a> {
    /// Makes an empty map in `ranges`, whose content means nothing.
    #[must_use]
    pub const fn new(ranges: &'a mut [MemoryRange]) -> Self {
        Self { ranges, count: 0 }
    }

    /// Returns the ranges: ascending, whole pages, without overlaps.
    #[must_use]
    pub fn as_slice(&self) -> &[MemoryRange] {
        self.ranges.get(..self.count).unwrap_or_default()
    }

    /// Gives memory to a kind, and takes it from the kind that had it. Usable and reclaimable
    /// memory are the whole pages within `range`, memory of other kinds all pages that it touches.
    ///
    /// # Errors
    /// [`MemoryFault::Full`]: the map has room for fewer than two ranges more. It is as before.
    pub fn claim(&mut self, range: PhysRange, kind: MemoryKind) -> Result<(), MemoryFault> {
        let range = if kind.is_exclusive() { range.pages_within() } else { range.pages_touched() };
        if range.is_empty() {
            return Ok(());
        }
        let room = self.ranges.len();
        if room - self.count < 2 {
            return Err(MemoryFault::Full { room });
        }
        self.cut(range);
        let at = self.as_slice().partition_point(|part| part.range.start() < range.start());
        self.insert(at, MemoryRange { range, kind });
        self.join(at);
        if let Some(before) = at.checked_sub(1) {
            self.join(before);
        }
        Ok(())
    }

    /// Takes memory from all ranges. There is room for one more.
    fn cut(&mut self, taken: PhysRange) {
        let mut at = 0;
        while let Some(MemoryRange { range, kind }) = self.as_slice().get(at).copied() {
            let left = PhysRange::between(range.start(), range.end().min(taken.start()));
            let right = PhysRange::between(range.start().max(taken.end()), range.end());
            match (left.is_empty(), right.is_empty()) {
                (true, true) => {
                    self.remove(at);
                    continue;
                }
                (false, true) => self.ranges[at].range = left,
                (true, false) => self.ranges[at].range = right,
                (false, false) => {
                    self.ranges[at].range = left;
                    self.insert(at + 1, MemoryRange { range: right, kind });
                    return;
                }
            }
            at += 1;
        }
    }

    /// Joins a range with the next one if they are of one kind and touch.
    fn join(&mut self, at: usize) {
        if let Some([first, second]) = self.as_slice().get(at..).and_then(<[_]>::first_chunk).copied()
            && first.kind == second.kind
            && first.range.end() == second.range.start()
        {
            self.ranges[at].range = PhysRange::between(first.range.start(), second.range.end());
            self.remove(at + 1);
        }
    }

    fn insert(&mut self, at: usize, range: MemoryRange) {
        self.ranges.copy_within(at..self.count, at + 1);
        self.ranges[at] = range;
        self.count += 1;
    }

    fn remove(&mut self, at: usize) {
        self.ranges.copy_within(at + 1..self.count, at);
        self.count -= 1;
    }
}
