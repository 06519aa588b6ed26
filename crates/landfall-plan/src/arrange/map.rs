//! The linear map's place.

use landfall_paging::{LeafSize, PhysAddr, PhysRange, VirtAddr, VirtRange};

use super::Arranger;
use crate::constant::{UpperConstant, round_down, signed};
use crate::layout::GUARD;
use crate::linear::Extent;
use crate::policy::LinearPin;
use crate::randomness::PlaceCount;
use crate::refusal::{Refusal, Requirement};
use crate::space::{Bounds, Shape, Space, Spare};

/// The place of the linear map.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MapPlace {
    /// The memory within its reach.
    pub(crate) reach: PhysRange,
    /// The memory that it maps.
    pub(crate) extent: Extent,
    /// Virtual minus physical address.
    pub(crate) offset: u64,
    /// At how many places it could lie.
    pub(crate) places: PlaceCount,
}

impl MapPlace {
    /// From the lowest mapped byte to the highest.
    pub(crate) fn range(&self) -> VirtRange {
        let start = self.extent.span.start().get().wrapping_add(self.offset);
        VirtRange::new(VirtAddr::new(start), self.extent.span.size())
    }
}

impl Arranger<'_> {
    pub(super) fn linear_map(&self, space: &Space) -> Result<MapPlace, Refusal> {
        let lowest = self.facts.ram.as_slice().first().ok_or(Refusal::NoMemory)?.start();
        let map = match self.linear_pin() {
            Some(pin) => self.pinned_linear_map(space, pin, lowest)?,
            None => self.drawn_linear_map(space, lowest)?,
        };
        if map.extent.span.is_empty() {
            return Err(self.out_of_reach(map.reach));
        }
        Ok(map)
    }

    fn out_of_reach(&self, reach: PhysRange) -> Refusal {
        Refusal::OutOfReach { mode: self.mode, image: self.facts.loaded_image().all(), reach }
    }

    /// The bytes within the mode's reach, from the lowest RAM on.
    fn reach(&self, lowest: PhysAddr, most: u64) -> PhysRange {
        // An entry has 44 bits for a page's number.
        let physical_memory = PhysRange::new(PhysAddr::new(0), 1 << 56);
        PhysRange::new(lowest, self.layout.reach.min(most)).intersection(physical_memory)
    }

    /// A pinned map reaches as far as there is room above its base. If it holds so much RAM that
    /// too little is left for the rest, it reaches less.
    fn pinned_linear_map(
        &self,
        space: &Space,
        pin: LinearPin,
        lowest: PhysAddr,
    ) -> Result<MapPlace, Refusal> {
        let offset = match pin {
            LinearPin::Offset(offset) => offset,
            LinearPin::Base(base) => base.get().wrapping_sub(lowest.align_down(LeafSize::G1.bytes()).get()),
        };
        let at = VirtAddr::new(lowest.get().wrapping_add(offset));
        let mut room = space.from(at).size();
        if room == 0 {
            return self.refuse(Requirement::LinearPin(at));
        }
        if let Some(place) = self.kernel_pin() {
            let footprint = self.footprint.around(place).start();
            if footprint < at {
                return self.refuse(Requirement::KernelAbove);
            }
            // A border must fit between the two.
            room = room.min(round_down(footprint).get().saturating_sub(at.get()));
            if room == 0 {
                return self.refuse(Requirement::Border);
            }
        }
        if UpperConstant::new(offset).is_none() {
            return self.refuse(Requirement::LinearOffset(offset));
        }
        let map = |left: u64| {
            let reach = self.reach(lowest, room.saturating_sub(left));
            MapPlace { reach, extent: Extent::new(self.facts, reach), offset, places: PlaceCount::new(1) }
        };
        let footprint = match self.kernel_pin() {
            Some(_) => 0,
            None => self.footprint.total() + self.footprint.grain + 2 * GUARD,
        };
        let dynamic = self.policy.dynamic_size.saturating_add(2 * GUARD);
        let both = footprint.saturating_add(dynamic);
        let leaves_enough = |map: &MapPlace| {
            let mut space = space.clone();
            space.claim(map.range());
            match self.kernel_pin() {
                Some(_) => space.largest(Space::half(self.mode)).size() >= self.policy.dynamic_size,
                None => self.kernel_places(&space, map.range()).bounds().is_some(),
            }
        };
        // A map that holds nothing leaves enough, and is of no use.
        let maps = [0, footprint, dynamic].into_iter().map(map);
        let mut fitting = maps.filter(|map| !map.extent.span.is_empty() && leaves_enough(map));
        let map = fitting.next().unwrap_or_else(|| map(both));
        if map.extent.span.is_empty() {
            return self.refuse(Requirement::LinearPin(at));
        }
        Ok(map)
    }

    fn drawn_linear_map(&self, space: &Space, lowest: PhysAddr) -> Result<MapPlace, Refusal> {
        let reach = self.reach(lowest, u64::MAX);
        let extent = Extent::new(self.facts, reach);
        if extent.span.is_empty() {
            return Err(self.out_of_reach(reach));
        }
        let grain = self.layout.linear_grain.max(extent.grain(self.mode));
        let first = lowest.align_down(grain);
        let shape =
            Shape { lead: extent.span.start().wrapping_offset_from(first), size: extent.span.size(), grain };
        let all = Space::half(self.mode);
        let (home, size) = match self.kernel_pin() {
            None => (self.layout.linear_zone, 0),
            Some(kernel) => {
                // So that a border fits between the two, whatever is drawn.
                let size =
                    round_down(self.footprint.around(kernel).start()).wrapping_offset_from(all.start());
                (VirtRange::new(all.start(), size), self.policy.dynamic_size)
            }
        };
        let places = space.places(home, shape, Spare { size, range: all });
        let Some(Bounds { count, lowest, highest }) = places.bounds() else {
            return self.refuse(Requirement::LinearMap { size: shape.size });
        };
        // All places or none: whether a machine lands must not depend on the draw.
        let steps = |base: VirtAddr| signed(base.get().wrapping_sub(first.get())) >> grain.trailing_zeros();
        if steps(lowest) < -(1 << 19) || steps(highest) >= 1 << 19 {
            return Err(self.out_of_reach(PhysRange::new(PhysAddr::new(0), 1 << 49)));
        }
        let place = self.draws.map_or(0, |draws| count.choose(draws.linear_map));
        let base = places.get(place).unwrap_or(highest);
        Ok(MapPlace { reach, extent, offset: base.get().wrapping_sub(first.get()), places: count })
    }
}
