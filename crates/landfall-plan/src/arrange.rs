//! The arrangement: where in the address space the linear map, the kernel and everything else lie.
//!
//! What is pinned comes first, then the linear map, then the kernel; the dynamic region is the largest piece that is left. Only how much room the
//! kernel takes counts here, not where it is in physical memory, so the places do not tell anything of each other.

use landfall_paging::{LeafSize, Mode, PhysAddr, VirtAddr};

use crate::constant::{UpperConstant, roundest_between};
use crate::facts::Facts;
use crate::layout::{GUARD, Layout, PLACE_GRAIN, VirtRange};
use crate::linear::Extent;
use crate::policy::{LinearPin, Policy};
use crate::randomness::{Draws, Whole};
use crate::range::Range;
use crate::refusal::{Refusal, Wish};
use crate::space::Space;

/// Where the kernel is when no randomness moves it: its link address, so that a debugger needs no offset.
const FIXED_PLACE: VirtAddr = VirtAddr::new(0xffff_ffff_8000_0000);

/// The room that the kernel's window takes, on either side of the place where the image's first bytes may lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WindowSize {
    /// The near region and its guard.
    pub(crate) below: u64,
    /// Image and stacks.
    pub(crate) above: u64,
    /// The kernel's place is a multiple of this.
    pub(crate) grain: u64,
}

impl WindowSize {
    fn total(self) -> u64 {
        self.below + self.above
    }

    fn around(self, place: VirtAddr) -> VirtRange {
        VirtRange { start: place.add(self.below.wrapping_neg()), size: self.total() }
    }
}

/// Where everything lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrangement {
    /// What the linear map reaches.
    pub(crate) reach: Range,
    /// What it holds.
    pub(crate) extent: Extent,
    /// Virtual minus physical address in it.
    pub(crate) offset: u64,
    /// At how many places it could lie.
    pub(crate) linear_places: Whole,
    /// The first address of the 2 MiB in which the image begins; where the stacks begin, if the image is in the linear map.
    pub(crate) kernel: VirtAddr,
    /// At how many places it could lie.
    pub(crate) kernel_places: Whole,
    /// What is left for the kernel to map.
    pub(crate) dynamic: VirtRange,
    /// An address above the linear map and not above the kernel's window.
    pub(crate) border: VirtAddr,
}

/// What is known while the places are being chosen.
struct Arranger<'a> {
    facts: &'a Facts,
    policy: &'a Policy,
    mode: Mode,
    layout: Layout,
    window: WindowSize,
    draws: Option<&'a Draws>,
    space: Space,
}

impl Arrangement {
    /// Finds a place for everything.
    ///
    /// # Errors
    /// Rule 8 (no memory), 13 (RAM so high that no offset of the conversions' form leads there), 19 (a wish that this machine cannot fulfil).
    pub(crate) fn new(
        facts: &Facts,
        policy: &Policy,
        mode: Mode,
        window: WindowSize,
        draws: Option<&Draws>,
    ) -> Result<Self, Refusal> {
        let layout = Layout::new(mode, policy.ram_limit);
        let mut space = Space::new(mode);
        policy.windows(mode).for_each(|window| space.claim(window));
        Arranger { facts, policy, mode, layout, window, draws, space }.arrange()
    }
}

impl Arranger<'_> {
    fn arrange(mut self) -> Result<Arrangement, Refusal> {
        let kernel_pin = self.policy.kernel_pin(self.mode);
        let linear_pin = self.policy.linear_pin(self.mode);
        if let Some(place) = kernel_pin {
            let window = self.window.around(place);
            if !self.space.holds(window) {
                return self.refuse(Wish::KernelPin(place));
            }
            self.space.claim(window);
        }
        let lowest = self.facts.ram.as_slice().first().ok_or(Refusal::NoMemory)?.start();
        let (reach, offset, linear_places) = match linear_pin {
            Some(pin) => self.pinned_linear_map(pin, lowest)?,
            None => self.drawn_linear_map(lowest)?,
        };
        let extent = Extent::new(self.facts, reach);
        let at = VirtAddr::new(extent.span.start().get().wrapping_add(offset));
        let map = VirtRange { start: at, size: extent.span.size() };
        if extent.size != 0 && !self.space.holds(map) {
            return self.refuse(Wish::LinearMap { size: map.size });
        }
        self.space.claim(map);
        let (kernel, kernel_places) = match kernel_pin {
            Some(place) => (place, Whole::new(1)),
            None => self.draw_kernel(linear_pin, map)?,
        };
        let window = self.window.around(kernel);
        if window.start < map.end() {
            return self.refuse(Wish::KernelAbove);
        }
        if kernel_pin.is_none() {
            self.space.claim(window);
        }
        let dynamic = match (linear_pin, kernel_pin) {
            (None, None) => self.space.within(self.kernel_zone()).largest(),
            _ => self.space.largest(),
        };
        if dynamic.size < self.policy.dynamic_size {
            return self.refuse(Wish::Dynamic { wanted: self.policy.dynamic_size, largest: dynamic.size });
        }
        let border = roundest_between(map.end().get().wrapping_sub(1), window.start.get());
        if UpperConstant::new(border).is_none() {
            return self.refuse(Wish::Border);
        }
        let border = VirtAddr::new(border);
        Ok(Arrangement { reach, extent, offset, linear_places, kernel, kernel_places, dynamic, border })
    }

    fn refuse<T>(&self, wish: Wish) -> Result<T, Refusal> {
        Err(Refusal::NoRoom { mode: self.mode, wish })
    }

    /// The zone, without the guard against a linear map that ends where the zone begins.
    fn kernel_zone(&self) -> VirtRange {
        let zone = self.layout.kernel_zone;
        VirtRange { start: zone.start.add(GUARD), size: zone.size.saturating_sub(GUARD) }
    }

    /// What the mode reaches, from the lowest RAM on.
    fn reach(&self, lowest: PhysAddr, most: u64) -> Range {
        // An entry has 44 bits for a page's number.
        let physical_memory = Range::new(PhysAddr::new(0), 1 << 56);
        Range::new(lowest, self.layout.reach.min(most)).intersection(physical_memory)
    }

    /// A pinned map reaches as far as there is room above its base.
    fn pinned_linear_map(&self, pin: LinearPin, lowest: PhysAddr) -> Result<(Range, u64, Whole), Refusal> {
        let offset = match pin {
            LinearPin::Offset(offset) => offset,
            LinearPin::Base(base) => base.get().wrapping_sub(lowest.align_down(LeafSize::G1.bytes()).get()),
        };
        let at = VirtAddr::new(lowest.get().wrapping_add(offset));
        let mut room = self.space.from(at);
        if self.policy.kernel_pin(self.mode).is_none() {
            room.size = room.size.saturating_sub(self.window.total() + self.window.grain + 2 * GUARD);
        }
        let mut others = self.space.clone();
        others.claim(self.space.from(at));
        if others.largest().size < self.policy.dynamic_size {
            room.size = room.size.saturating_sub(self.policy.dynamic_size + 2 * GUARD);
        }
        if room.size == 0 {
            return self.refuse(Wish::LinearPin(at));
        }
        if UpperConstant::new(offset).is_none() {
            return self.refuse(Wish::LinearOffset(offset));
        }
        Ok((self.reach(lowest, room.size), offset, Whole::new(1)))
    }

    fn drawn_linear_map(&self, lowest: PhysAddr) -> Result<(Range, u64, Whole), Refusal> {
        let reach = self.reach(lowest, u64::MAX);
        let extent = Extent::new(self.facts, reach);
        let grain = self.layout.linear_grain.max(extent.grain(self.mode));
        let first = lowest.align_down(grain);
        let size = extent.span.end().get().saturating_sub(first.get());
        let places = match self.policy.kernel_pin(self.mode) {
            None => self.space.within(self.layout.linear_zone).places(size, grain, 0),
            Some(kernel) => {
                let below = self.window.around(kernel).start.since(self.mode.upper_half());
                let below = VirtRange { start: self.mode.upper_half(), size: below };
                self.space.within(below).places(size, grain, self.policy.dynamic_size)
            }
        };
        let (Some(count), Some(highest)) = (places.count(), places.highest()) else {
            return self.refuse(Wish::LinearMap { size });
        };
        // All places or none: whether a machine lands must not depend on the draw.
        let steps =
            |base: VirtAddr| base.get().wrapping_sub(first.get()).cast_signed() >> grain.trailing_zeros();
        let lowest_place = places.get(0).unwrap_or(highest);
        if steps(lowest_place) < -(1 << 19) || steps(highest) >= 1 << 19 {
            let reach = Range::new(PhysAddr::new(0), 1 << 49);
            return Err(Refusal::OutOfReach { mode: self.mode, image: self.facts.image.range(), reach });
        }
        let place = self.draws.map_or(0, |draws| count.choose(draws.linear_map));
        let base = places.get(place).unwrap_or(highest);
        let offset = base.get().wrapping_sub(first.get());
        Ok((reach, offset, count))
    }

    fn draw_kernel(
        &self,
        linear_pin: Option<LinearPin>,
        map: VirtRange,
    ) -> Result<(VirtAddr, Whole), Refusal> {
        let home = match linear_pin {
            None => self.kernel_zone(),
            Some(_) => VirtRange { start: map.end(), size: map.end().get().wrapping_neg() },
        };
        let WindowSize { below, grain, .. } = self.window;
        let wish = Wish::Kernel { size: self.window.total(), dynamic: self.policy.dynamic_size };
        let places = self.space.within(home).places(self.window.total(), grain, self.policy.dynamic_size);
        let (Some(count), Some(highest)) = (places.count(), places.highest()) else {
            return self.refuse(wish);
        };
        let fixed = FIXED_PLACE.add(below.wrapping_neg());
        let start = match self.draws {
            Some(draws) => places.get(count.choose(draws.kernel)).unwrap_or(highest),
            None if places.hold(fixed) => fixed,
            None => highest,
        };
        Ok((start.add(below), count))
    }
}

/// The grain of the kernel's place: finer than 2 MiB would cost large leaves, and so would 2 MiB where a part holds a gigabyte.
pub(crate) fn kernel_grain(largest_part: u64) -> u64 {
    if largest_part >= LeafSize::G1.bytes() { LeafSize::G1.bytes() } else { PLACE_GRAIN }
}
