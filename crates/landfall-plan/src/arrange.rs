//! The arrangement: where in the address space the linear map, the kernel and everything else lie.
//!
//! What is pinned comes first, then the linear map, then the kernel; the dynamic region is the largest piece that is left. Only how much room the
//! kernel takes counts here, not where it is in physical memory, so the places do not tell anything of each other. Whether there is an arrangement never
//! depends on what is drawn.

mod map;

use landfall_paging::{LeafSize, Mode, VirtAddr};

use crate::constant::{UpperConstant, round_up, roundest_between};
use crate::facts::Facts;
use crate::layout::{GUARD, Layout, PLACE_GRAIN, VirtRange};
use crate::policy::{LinearPin, Policy};
use crate::randomness::{Draws, Whole};
use crate::refusal::{Refusal, Wish};
use crate::space::{Places, Shape, Space, Spare};

pub(crate) use map::MapPlace;

/// Where the kernel is when no randomness moves it: its link address, so that a debugger needs no offset.
const FIXED_PLACE: VirtAddr = VirtAddr::new(0xffff_ffff_0000_0000);

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
    /// The linear map.
    pub(crate) map: MapPlace,
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
        if let Some(place) = self.kernel_pin() {
            let window = self.window.around(place);
            if !self.space.holds(window) {
                return self.refuse(Wish::KernelPin(place));
            }
            self.space.claim(window);
        }
        let map = self.linear_map()?;
        self.space.claim(map.range());
        let (kernel, kernel_places) = match self.kernel_pin() {
            Some(place) => (place, Whole::new(1)),
            None => self.draw_kernel(map.range())?,
        };
        let window = self.window.around(kernel);
        if window.start < map.range().end() {
            return self.refuse(Wish::KernelAbove);
        }
        if self.kernel_pin().is_none() {
            self.space.claim(window);
        }
        let dynamic = match (self.linear_pin(), self.kernel_pin()) {
            (None, None) => self.space.largest(self.kernel_zone()),
            _ => self.space.largest(self.space.all()),
        };
        if dynamic.size < self.policy.dynamic_size {
            return self.refuse(Wish::Dynamic { wanted: self.policy.dynamic_size, largest: dynamic.size });
        }
        let border = roundest_between(map.range().end().get().wrapping_sub(1), window.start.get());
        if UpperConstant::new(border).is_none() {
            return self.refuse(Wish::Border);
        }
        Ok(Arrangement { map, kernel, kernel_places, dynamic, border: VirtAddr::new(border) })
    }

    fn kernel_pin(&self) -> Option<VirtAddr> {
        self.policy.kernel_pin(self.mode)
    }

    fn linear_pin(&self) -> Option<LinearPin> {
        self.policy.linear_pin(self.mode)
    }

    fn refuse<T>(&self, wish: Wish) -> Result<T, Refusal> {
        Err(Refusal::NoRoom { mode: self.mode, wish })
    }

    /// The zone, without the guard against a linear map that ends where the zone begins.
    fn kernel_zone(&self) -> VirtRange {
        let zone = self.layout.kernel_zone;
        VirtRange { start: zone.start.add(GUARD), size: zone.size.saturating_sub(GUARD) }
    }

    /// Where the kernel could lie beside a linear map that is claimed in `space`.
    fn kernel_places<'a>(&self, space: &'a Space, map: VirtRange) -> Places<'a> {
        let WindowSize { grain, .. } = self.window;
        let shape = Shape { lead: 0, size: self.window.total(), grain };
        let size = self.policy.dynamic_size;
        if self.linear_pin().is_none() {
            let zone = self.kernel_zone();
            return space.places(zone, shape, Spare { size, range: zone });
        }
        // So that a border fits between the two, whatever is drawn.
        let start = round_up(map.end());
        let above = VirtRange { start, size: start.get().wrapping_neg() };
        space.places(above, shape, Spare { size, range: space.all() })
    }

    fn draw_kernel(&self, map: VirtRange) -> Result<(VirtAddr, Whole), Refusal> {
        let below = self.window.below;
        let places = self.kernel_places(&self.space, map);
        let (Some(count), Some(highest)) = (places.count(), places.highest()) else {
            let wish = Wish::Kernel { size: self.window.total(), dynamic: self.policy.dynamic_size };
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
