//! The linear map: all RAM that may be mapped, at one offset.

use landfall_paging::{Access, LeafSize, Mapping, Mode, PhysAddr, VirtAddr};

use crate::facts::Facts;
use crate::layout::Layout;
use crate::randomness::{Draws, Whole};
use crate::range::{Overflow, Range, RangeSet};
use crate::refusal::Refusal;

/// Where physical addresses end: an entry has 44 bits for a page's number.
const PHYSICAL_MEMORY: Range = Range::new(PhysAddr::new(0), 1 << 56);

/// The linear map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinearMap {
    /// The physical memory that is mapped.
    pub mapped: RangeSet,
    /// RAM that the mode does not reach. It is told of, and never used.
    pub unreached: RangeSet,
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
    /// Rule 7 (too many ranges), 8 (no memory), 13 (the image is out of reach, or RAM lies so high that no offset of the conversions' form leads
    /// there).
    pub fn new(facts: &Facts, mode: Mode, draws: Option<&Draws>) -> Result<Self, Refusal> {
        let overflow = |overflow| Refusal::TooManyRanges { what: "mappable memory", overflow };
        let layout = Layout::of(mode);
        let lowest = facts.ram.as_slice().first().ok_or(Refusal::NoMemory)?.start();
        let reach = Range::new(lowest, layout.reach).intersection(PHYSICAL_MEMORY);
        let mapped = mappable(facts, reach).map_err(overflow)?;
        if !mapped.contains(facts.image.range()) {
            return Err(Refusal::OutOfReach { mode, image: facts.image.range(), reach });
        }
        let unreached = beyond(&facts.ram, reach.end()).map_err(overflow)?;
        let highest = mapped.as_slice().last().ok_or(Refusal::NoMemory)?.end();

        let grain = grain(mode, &mapped, layout.linear_grain);
        let first = lowest.align_down(grain);
        let span = highest.since(first).next_multiple_of(grain);
        let places = Whole::new((layout.linear_zone.size.saturating_sub(span)) / grain + 1);
        let place = draws.map_or(0, |draws| places.choose(draws.linear_map));
        let base = layout.linear_zone.start.add(place * grain);
        let offset = base.get().wrapping_sub(first.get());
        if !is_encodable(mode, offset) {
            return Err(Refusal::OutOfReach {
                mode,
                image: facts.image.range(),
                reach: Range::new(PhysAddr::new(0), 1 << 49),
            });
        }
        Ok(Self { mapped, unreached, read_only: facts.image.read_only(), offset, places })
    }

    /// The virtual address of a physical one. Right for what is mapped.
    #[must_use]
    pub const fn virt(&self, phys: PhysAddr) -> VirtAddr {
        VirtAddr::new(phys.get().wrapping_add(self.offset))
    }

    /// The lowest mapped address, and bytes up to the end of the highest, holes included.
    #[must_use]
    pub fn span(&self) -> Range {
        match self.mapped.as_slice() {
            [first, .., last] => Range::between(first.start(), last.end()),
            [only] => *only,
            [] => Range::EMPTY,
        }
    }

    /// The mappings, in ascending order.
    pub fn mappings(&self) -> impl Iterator<Item = Mapping> {
        self.mapped
            .iter()
            .flat_map(|range| {
                let below = Range::between(range.start(), range.end().min(self.read_only.start()));
                let above = Range::between(range.start().max(self.read_only.end()), range.end());
                [
                    (below, Access::ReadWrite),
                    (range.intersection(self.read_only), Access::ReadOnly),
                    (above, Access::ReadWrite),
                ]
            })
            .filter(|(range, _)| !range.is_empty())
            .map(|(range, access)| Mapping {
                virt: self.virt(range.start()),
                phys: range.start(),
                size: range.size(),
                access,
            })
    }
}

fn mappable(facts: &Facts, reach: Range) -> Result<RangeSet, Overflow> {
    let mut mapped = facts.ram.clone();
    mapped.remove(Range::between(reach.end(), PhysAddr::new(u64::MAX)))?;
    facts.no_map.iter().try_for_each(|hole| mapped.remove(hole))?;
    Ok(mapped)
}

fn beyond(ram: &RangeSet, end: PhysAddr) -> Result<RangeSet, Overflow> {
    let mut beyond = RangeSet::EMPTY;
    for range in ram.iter() {
        beyond.insert(range.intersection(Range::between(end, PhysAddr::new(u64::MAX))))?;
    }
    Ok(beyond)
}

/// The grain of the offset: coarser than the mode's own only where a 256 TiB leaf could be used.
fn grain(mode: Mode, mapped: &RangeSet, grain: u64) -> u64 {
    let leaf = LeafSize::T256.bytes();
    let holds_leaf = |range: Range| {
        let first = range.start().get().checked_next_multiple_of(leaf);
        first.is_some_and(|first| range.end().get() >= first && range.end().get() - first >= leaf)
    };
    if mode == Mode::Sv57 && mapped.iter().any(holds_leaf) { leaf } else { grain }
}

/// Whether `lui` and `slli` can make the offset: a signed number of 20 bits, times 1 GiB in sv39 and 512 GiB above.
fn is_encodable(mode: Mode, offset: u64) -> bool {
    let shift = Layout::of(mode).linear_grain.trailing_zeros();
    let upper = offset.cast_signed() >> shift;
    offset.trailing_zeros() >= shift && (-(1 << 19)..1 << 19).contains(&upper)
}
