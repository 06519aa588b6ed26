//! The linear map: all RAM that may be mapped, at one offset.

use landfall_paging::{Access, LeafSize, Mapping, Mode, PhysAddr, PhysRange, VirtAddr};

use crate::facts::{Facts, PlacedImage};
use crate::memory::RamRanges;
use crate::policy::{Alias, Placement, Policy};
use crate::randomness::PlaceCount;

/// What a linear map holds, wherever it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// From the lowest mapped byte to the highest, holes included.
    pub(crate) span: PhysRange,
    /// Bytes mapped.
    pub(crate) size: u64,
    /// What the largest leaf asks of the offset.
    grain: Grain,
}

/// What the largest leaf asks of the offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grain {
    Usual,
    /// A leaf of 256 TiB fits.
    T256,
}

impl Extent {
    pub(crate) fn new(facts: &Facts, reach: PhysRange) -> Self {
        let mut extent = Self { span: PhysRange::EMPTY, size: 0, grain: Grain::Usual };
        for range in RamRanges::mappable(facts, reach.end()) {
            let first = if extent.size == 0 { range.start() } else { extent.span.start() };
            extent.span = PhysRange::between(first, range.end());
            extent.size += range.size();
            if holds(range, LeafSize::T256) {
                extent.grain = Grain::T256;
            }
        }
        extent
    }

    /// The grain that the offset needs beyond that of its mode.
    pub(crate) fn grain(&self, mode: Mode) -> u64 {
        match (mode, self.grain) {
            (Mode::Sv57, Grain::T256) => LeafSize::T256.bytes(),
            _ => 1,
        }
    }
}

/// Whether a leaf of `size` fits into `range`.
fn holds(range: PhysRange, size: LeafSize) -> bool {
    let first = range.start().get().checked_next_multiple_of(size.bytes());
    first.is_some_and(|first| range.end().get() >= first && range.end().get() - first >= size.bytes())
}

/// A part of the image, as the linear map has it; `None` where it has nothing there.
pub(crate) type ImagePart = (PhysRange, Option<Access>);

/// The linear map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinearMap {
    /// What the mode reaches, from the lowest RAM on.
    pub reach: PhysRange,
    /// From the lowest mapped byte to the highest, holes included.
    pub span: PhysRange,
    /// Bytes mapped.
    pub size: u64,
    /// What it has, other than `RW-`, where the image lies: two parts that follow each other.
    pub(crate) image: [ImagePart; 2],
    /// What to add to a physical address, modulo 2^64: a multiple of 1 GiB at least, of 512 GiB in sv48 and sv57 where nothing is pinned.
    pub offset: u64,
    /// At how many places it could lie.
    pub places: PlaceCount,
}

impl LinearMap {
    /// What the linear map has of an image at this place.
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

    /// PhysicalPlacement memory that it spans, in ascending order: all RAM within reach that may be mapped. What it has of the image may differ.
    #[must_use]
    pub fn mapped<'a>(&self, facts: &'a Facts) -> RamRanges<'a> {
        RamRanges::mappable(facts, self.reach.end())
    }

    /// RAM that the mode does not reach. It is told of, and never used.
    pub fn unreached(&self, facts: &Facts) -> impl Iterator<Item = PhysRange> {
        let beyond = PhysRange::between(self.reach.end(), PhysAddr::new(u64::MAX));
        facts.ram.iter().map(move |range| range.intersection(beyond)).filter(|range| !range.is_empty())
    }

    /// The mappings, in ascending order.
    pub fn mappings(&self, facts: &Facts) -> impl Iterator<Item = Mapping> {
        let offset = self.offset;
        let [first, second] = self.image;
        let pieces = self.mapped(facts).flat_map(move |range| {
            let below = PhysRange::between(range.start(), range.end().min(first.0.start()));
            let above = PhysRange::between(range.start().max(second.0.end()), range.end());
            [
                (below, Some(Access::ReadWrite)),
                (range.intersection(first.0), first.1),
                (range.intersection(second.0), second.1),
                (above, Some(Access::ReadWrite)),
            ]
        });
        pieces.filter(|(range, _)| !range.is_empty()).filter_map(move |(range, access)| {
            Some(Mapping {
                virt: VirtAddr::new(range.start().get().wrapping_add(offset)),
                phys: range.start(),
                size: range.size(),
                access: access?,
            })
        })
    }
}
