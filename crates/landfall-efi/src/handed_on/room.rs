//! Memory for the new tree: free by the memory map, and without any other owner.

use landfall_paging::{PAGE_SIZE, PhysAddr, PhysRange};
use landfall_tree::Tree;
use landfall_tree::tokens::Tokens;

use super::fault::HandedFault;
use crate::memory::{MemoryMap, MemoryUse};

/// The memory in which the new tree can lie.
#[derive(Clone, Copy, Debug)]
pub struct Room<'a> {
    map: MemoryMap<'a>,
    /// `linux,usable-memory-range`: all memory of a kernel that runs beside a crashed one.
    usable: Option<&'a [u8]>,
    /// Bytes of an address and of a size in it.
    cells: [usize; 2],
}

impl<'a> Room<'a> {
    /// Returns the free memory of `map`, as far as `tree` permits its use.
    #[must_use]
    pub fn new(map: MemoryMap<'a>, tree: Tree<'a>) -> Self {
        let root = Tokens::root(tree);
        let cells = |name, default| {
            let value = root.property(name).and_then(<[u8]>::first_chunk);
            4 * value.map_or(default, |bytes| u32::from_be_bytes(*bytes) as usize)
        };
        let chosen = root.child("chosen");
        let usable = chosen.and_then(|chosen| chosen.property("linux,usable-memory-range"));
        let usable = usable.filter(|usable| !usable.is_empty());
        Self { map, usable, cells: [cells("#address-cells", 2), cells("#size-cells", 1)] }
    }

    /// Returns the lowest pages for `wanted` bytes that overlap none of `taken`.
    ///
    /// # Errors
    /// Rule 28: all free memory is too small, or taken.
    pub fn find(
        self,
        wanted: usize,
        taken: &(impl Iterator<Item = PhysRange> + Clone),
    ) -> Result<PhysRange, HandedFault> {
        let size = (wanted as u64).next_multiple_of(PAGE_SIZE);
        for free in self.map.ranges(&[MemoryUse::Free]) {
            for usable in self.usable() {
                let range = free.intersection(usable).pages_within();
                if let Some(start) = lowest(range, size, taken) {
                    return Ok(PhysRange::new(start, wanted as u64));
                }
            }
        }
        Err(HandedFault::NoRoom { wanted })
    }

    /// The ranges that a kernel may use.
    fn usable(self) -> impl Iterator<Item = PhysRange> {
        let all =
            self.usable.is_none().then(|| PhysRange::between(PhysAddr::new(0), PhysAddr::new(u64::MAX)));
        let [address, size] = self.cells;
        // The reader of the tree has refused other cells. A size of 0 makes no chunks.
        let entries = self.usable.unwrap_or_default().chunks_exact((address + size).max(1));
        let ranges = entries.filter_map(move |entry| {
            let (start, size) = entry.split_at_checked(address)?;
            Some(PhysRange::new(PhysAddr::new(number(start)), number(size)))
        });
        all.into_iter().chain(ranges)
    }
}

/// Returns the lowest start of `size` bytes in `range` that overlap none of `taken`.
fn lowest(
    range: PhysRange,
    size: u64,
    taken: &(impl Iterator<Item = PhysRange> + Clone),
) -> Option<PhysAddr> {
    let mut start = range.start();
    loop {
        let candidate = PhysRange::between(start, start.checked_add(size)?);
        if candidate.end() > range.end() {
            return None;
        }
        match taken.clone().find(|other| other.overlaps(candidate)) {
            None => return Some(start),
            // It ends above `start`, so each step rises.
            Some(other) => start = other.end().checked_align_up(PAGE_SIZE)?,
        }
    }
}

/// A number of one cell or two.
fn number(cells: &[u8]) -> u64 {
    cells.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}
