//! The linear map: all RAM that may be mapped, at one offset.

use core::mem;

use landfall_paging::{Access, LeafSize, Mapping, Mode, PhysAddr, PhysRange, VirtAddr};

use crate::facts::{Facts, PlacedImage};
use crate::policy::{Alias, Placement, Policy};
use crate::ram_ranges::RamRanges;
use crate::randomness::PlaceCount;
use crate::range_set::PhysRangeSet;

/// The content of a linear map at any place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// From the lowest mapped byte to the highest, holes included.
    pub(crate) span: PhysRange,
    /// The largest leaf's requirement on the offset.
    grain: Grain,
}

/// The largest leaf's requirement on the offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grain {
    Usual,
    /// A leaf of 256 TiB fits.
    T256,
}

impl Extent {
    pub(crate) fn new(facts: &Facts, reach: PhysRange) -> Self {
        let ranges = || RamRanges::mappable(facts, reach.end());
        let start = ranges().next().map_or(reach.end(), PhysRange::start);
        let span = PhysRange::between(start, RamRanges::last_end(facts, reach.end()).unwrap_or(start));
        // Only such memory is worth a walk over all ranges.
        let holds_leaf = holds(span, LeafSize::T256) && ranges().any(|range| holds(range, LeafSize::T256));
        Self { span, grain: if holds_leaf { Grain::T256 } else { Grain::Usual } }
    }

    /// The grain that the offset needs beyond that of its mode.
    pub(crate) fn grain(&self, mode: Mode) -> u64 {
        match (mode, self.grain) {
            (Mode::Sv57, Grain::T256) => LeafSize::T256.bytes(),
            _ => 1,
        }
    }
}

/// Returns true if a leaf of `size` fits into `range`.
fn holds(range: PhysRange, size: LeafSize) -> bool {
    if range.size() < size.bytes() {
        return false;
    }
    let first = range.start().get().checked_next_multiple_of(size.bytes());
    first.is_some_and(|first| range.end().get() >= first && range.end().get() - first >= size.bytes())
}

/// A part of the image, as the linear map has it; `None` where it has nothing there.
pub(crate) type ImagePart = (PhysRange, Option<Access>);

/// The linear map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinearMap {
    /// The bytes within the mode's reach, from the lowest RAM on.
    pub reach: PhysRange,
    /// From the lowest mapped byte to the highest, holes included.
    pub span: PhysRange,
    /// Bytes mapped.
    pub size: u64,
    /// The image's two adjacent parts with another permission than `RW-`.
    pub(crate) image: [ImagePart; 2],
    /// Virtual minus physical address, modulo 2^64. It is a multiple of 1 GiB at least, and of
    /// 512 GiB in sv48 and sv57 without pins.
    pub offset: u64,
    /// At how many places it could lie.
    pub places: PlaceCount,
}

impl LinearMap {
    /// Returns the linear map's parts of an image at this place.
    pub(crate) const fn image_parts(policy: &Policy, image: &PlacedImage) -> [ImagePart; 2] {
        let read_only = image.read_only();
        let nothing = PhysRange::new(read_only.end(), 0);
        match (policy.placement, policy.alias) {
            (Placement::OwnRegion, Alias::ReadOnly) => [(read_only, Some(Access::ReadOnly)), (nothing, None)],
            (Placement::OwnRegion, Alias::Absent) => [(read_only, None), (nothing, None)],
            (Placement::LinearMap, _) => {
                [(image.text(), Some(Access::ReadExecute)), (image.constants(), Some(Access::ReadOnly))]
            }
        }
    }

    /// The virtual address of a physical one. Right for what is mapped.
    #[must_use]
    pub const fn virt(&self, phys: PhysAddr) -> VirtAddr {
        VirtAddr::new(phys.get().wrapping_add(self.offset))
    }

    /// Returns the physical memory that it spans, in ascending order: all RAM within reach that may
    /// be mapped. Its permissions for the image may differ.
    #[must_use]
    pub fn mapped<'a>(&self, facts: &'a Facts) -> RamRanges<'a> {
        RamRanges::mappable(facts, self.reach.end())
    }

    /// Returns the RAM beyond the mode's reach. It is reported and never used.
    pub fn unreached(&self, facts: &Facts) -> impl Iterator<Item = PhysRange> {
        let beyond = PhysRange::between(self.reach.end(), PhysAddr::new(u64::MAX));
        facts.ram.iter().map(move |range| range.intersection(beyond)).filter(|range| !range.is_empty())
    }

    /// Returns true if all bytes of `range` are mapped.
    pub(crate) fn holds(&self, facts: &Facts, range: PhysRange) -> bool {
        let is_free_of = |set: &PhysRangeSet| set.first_overlap(range).is_none();
        facts.ram.contains(range) && range.end() <= self.reach.end() && is_free_of(&facts.no_map)
    }

    /// The mappings, in ascending order.
    pub fn mappings(&self, facts: &Facts) -> impl Iterator<Item = Mapping> {
        let pieces = Pieces { ranges: self.mapped(facts), rest: PhysRange::EMPTY, image: self.image };
        let offset = self.offset;
        pieces.filter_map(move |(range, access)| {
            Some(Mapping {
                virt: VirtAddr::new(range.start().get().wrapping_add(offset)),
                phys: range.start(),
                size: range.size(),
                access: access?,
            })
        })
    }
}

/// The linear map's ranges, cut where the permission changes.
struct Pieces<'a> {
    ranges: RamRanges<'a>,
    /// The part of the last range that is left.
    rest: PhysRange,
    image: [ImagePart; 2],
}

impl Iterator for Pieces<'_> {
    type Item = ImagePart;

    fn next(&mut self) -> Option<ImagePart> {
        let range = if self.rest.is_empty() { self.ranges.next()? } else { mem::take(&mut self.rest) };
        let (start, [(first, _), (second, _)]) = (range.start(), self.image);
        let (mut end, mut access) = (range.end(), Some(Access::ReadWrite));
        // Most ranges lie beside the image.
        if end <= first.start() || start >= second.end() {
            return Some((range, access));
        }
        for (part, own) in self.image {
            if part.contains_address(start) {
                (end, access) = (end.min(part.end()), own);
            } else if part.start() > start {
                end = end.min(part.start());
            }
        }
        self.rest = PhysRange::between(end, range.end());
        Some((PhysRange::between(start, end), access))
    }
}
