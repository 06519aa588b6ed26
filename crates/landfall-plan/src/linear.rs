//! The linear map: all RAM that may be mapped, at one offset.

use landfall_paging::{Access, LeafSize, Mapping, Mode, PhysAddr, VirtAddr};

use crate::facts::Facts;
use crate::layout::Layout;
use crate::memory::Stretches;
use crate::randomness::{Draws, Whole};
use crate::range::Range;
use crate::refusal::Refusal;

/// Where physical addresses end: an entry has 44 bits for a page's number.
const PHYSICAL_MEMORY: Range = Range::new(PhysAddr::new(0), 1 << 56);

/// The linear map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinearMap {
    /// What the mode reaches, from the lowest RAM on.
    pub reach: Range,
    /// From the lowest mapped byte to the highest, holes included.
    pub span: Range,
    /// Bytes mapped.
    pub size: u64,
    /// The part that is mapped read-only: the kernel's text and constants.
    pub read_only: Range,
    /// What to add to a physical address, modulo 2^64: a multiple of 1 GiB in sv39, of 512 GiB in the others.
    pub offset: u64,
    /// At how many places it could lie.
    pub places: Whole,
}

impl LinearMap {
    /// Chooses what is mapped, and where.
    ///
    /// # Errors
    /// Rule 8 (no memory), 13 (the image is out of reach, or RAM lies so high that no offset of the conversions' form leads there).
    pub fn new(facts: &Facts, mode: Mode, draws: Option<&Draws>) -> Result<Self, Refusal> {
        let layout = Layout::of(mode);
        let lowest = facts.ram.as_slice().first().ok_or(Refusal::NoMemory)?.start();
        let reach = Range::new(lowest, layout.reach).intersection(PHYSICAL_MEMORY);
        let image = facts.image.range();
        let out_of_reach = |reach| Err(Refusal::OutOfReach { mode, image, reach });

        let (mut span, mut size, mut holds_image, mut grain) = (Range::EMPTY, 0, false, layout.linear_grain);
        for range in Stretches::mappable(facts, reach.end()) {
            let first = if size == 0 { range.start() } else { span.start() };
            span = Range::between(first, range.end());
            size += range.size();
            holds_image |= range.contains(image);
            grain = grain.max(grain_for(mode, range));
        }
        if !holds_image {
            return out_of_reach(reach);
        }
        let first = lowest.align_down(grain);
        let places =
            (layout.linear_zone.size.saturating_sub(round_up(span.end().since(first), grain))) / grain + 1;
        let places = Whole::new(places);
        let place = draws.map_or(0, |draws| places.choose(draws.linear_map));
        let base = layout.linear_zone.start.add(place * grain);
        let offset = base.get().wrapping_sub(first.get());
        if !is_encodable(mode, offset) {
            return out_of_reach(Range::new(PhysAddr::new(0), 1 << 49));
        }
        Ok(Self { reach, span, size, read_only: facts.image.read_only(), offset, places })
    }

    /// The virtual address of a physical one. Right for what is mapped.
    #[must_use]
    pub const fn virt(&self, phys: PhysAddr) -> VirtAddr {
        VirtAddr::new(phys.get().wrapping_add(self.offset))
    }

    /// The physical memory that is mapped.
    #[must_use]
    pub fn mapped<'a>(&self, facts: &'a Facts) -> Stretches<'a> {
        Stretches::mappable(facts, self.reach.end())
    }

    /// RAM that the mode does not reach. It is told of, and never used.
    pub fn unreached(&self, facts: &Facts) -> impl Iterator<Item = Range> {
        let beyond = Range::between(self.reach.end(), PhysAddr::new(u64::MAX));
        facts.ram.iter().map(move |range| range.intersection(beyond)).filter(|range| !range.is_empty())
    }

    /// The mappings, in ascending order.
    pub fn mappings(&self, facts: &Facts) -> impl Iterator<Item = Mapping> {
        let (offset, read_only) = (self.offset, self.read_only);
        let pieces = self.mapped(facts).flat_map(move |range| {
            let below = Range::between(range.start(), range.end().min(read_only.start()));
            let above = Range::between(range.start().max(read_only.end()), range.end());
            [
                (below, Access::ReadWrite),
                (range.intersection(read_only), Access::ReadOnly),
                (above, Access::ReadWrite),
            ]
        });
        pieces.filter(|(range, _)| !range.is_empty()).map(move |(range, access)| Mapping {
            virt: VirtAddr::new(range.start().get().wrapping_add(offset)),
            phys: range.start(),
            size: range.size(),
            access,
        })
    }
}

/// The grain of the offset that a range wants: a coarse one where a 256 TiB leaf could be used.
fn grain_for(mode: Mode, range: Range) -> u64 {
    let leaf = LeafSize::T256.bytes();
    let first = range.start().get().checked_next_multiple_of(leaf);
    let holds_leaf =
        first.is_some_and(|first| range.end().get() >= first && range.end().get() - first >= leaf);
    if mode == Mode::Sv57 && holds_leaf { leaf } else { 1 }
}

/// Up to a multiple of `grain`, a power of two: `next_multiple_of` would divide.
const fn round_up(size: u64, grain: u64) -> u64 {
    (size + grain - 1) & !(grain - 1)
}

/// Whether `lui` and `slli` can make the offset: a signed number of 20 bits, times 1 GiB in sv39 and 512 GiB above.
fn is_encodable(mode: Mode, offset: u64) -> bool {
    let shift = Layout::of(mode).linear_grain.trailing_zeros();
    let upper = offset.cast_signed() >> shift;
    offset.trailing_zeros() >= shift && (-(1 << 19)..1 << 19).contains(&upper)
}
