//! The arrangement: where in the address space the linear map, the kernel and everything else lie.
//!
//! Pins come first, then the linear map, then the kernel's footprint: near region, image and stacks
//! side by side. Only the size of the footprint counts here, not the image's place in physical
//! memory, so the places reveal nothing of each other. The existence of an arrangement never
//! depends on a draw.
//!
//! Then near region, stacks and dynamic region get places of their own (module `beside`). A pointer
//! into one of them reveals only that the kernel and the others do not overlap it.

mod beside;
mod map;

use landfall_paging::{LeafSize, Mode, VirtAddr, VirtRange};

use crate::constant::{UpperConstant, round_up, roundest_between};
use crate::facts::Facts;
use crate::layout::{GUARD, Layout, PLACE_GRAIN};
use crate::policy::{LinearPin, Policy};
use crate::randomness::{Draws, PlaceCount};
use crate::refusal::{Refusal, Requirement};
use crate::space::{Bounds, Place, Places, Shape, Space, Spare};

use beside::Beside;
pub(crate) use map::MapPlace;

/// The kernel's address without randomness: its link address, so that a debugger needs no offset.
const FIXED_PLACE: VirtAddr = VirtAddr::new(0xffff_ffff_0000_0000);

/// The footprint of the kernel: the room in which near region, image and stacks fit side by side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Footprint {
    /// The near region and its guard, below the place where the image's first bytes may lie.
    pub(crate) below: u64,
    /// The image; 0 for one in the linear map.
    pub(crate) image: u64,
    /// The stacks.
    pub(crate) stacks: u64,
    /// The kernel's place is a multiple of this.
    pub(crate) grain: u64,
}

impl Footprint {
    fn total(self) -> u64 {
        self.below + self.stacks_offset() + self.stacks
    }

    /// From the image's first bytes to the stacks.
    fn stacks_offset(self) -> u64 {
        if self.image == 0 { 0 } else { self.image + GUARD }
    }

    fn around(self, place: VirtAddr) -> VirtRange {
        VirtRange::new(place.wrapping_add(self.below.wrapping_neg()), self.total())
    }
}

/// The places of all regions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrangement {
    /// The linear map.
    pub(crate) map: MapPlace,
    /// The first address of the 2 MiB in which the image begins. Of no meaning if the image is in
    /// the linear map.
    pub(crate) kernel: Place,
    /// The near region; `None` where it lies right below the image.
    pub(crate) near: Option<Place>,
    /// The stacks.
    pub(crate) stacks: Place,
    /// The region that is left for the kernel to map.
    pub(crate) dynamic: VirtRange,
    /// At how many places that could lie.
    pub(crate) dynamic_places: PlaceCount,
    /// An address above the linear map and not above anything of the kernel's own.
    pub(crate) border: VirtAddr,
}

/// All on which the places depend, but the space.
struct Arranger<'a> {
    facts: &'a Facts,
    policy: &'a Policy,
    mode: Mode,
    layout: Layout,
    footprint: Footprint,
    draws: Option<&'a Draws>,
    /// The size of the dynamic region.
    dynamic_size: u64,
}

impl Arrangement {
    /// Finds a place for everything.
    ///
    /// # Errors
    /// Rule 8 (no memory), 13 (RAM beyond every offset of the conversions' form), 19 (a requirement
    /// that this machine cannot fulfill).
    pub(crate) fn new(
        facts: &Facts,
        policy: &Policy,
        mode: Mode,
        footprint: Footprint,
        draws: Option<&Draws>,
    ) -> Result<Self, Refusal> {
        let layout = Layout::new(mode, policy.ram_limit());
        let mut space = Space::new(mode);
        policy.windows(mode).for_each(|window| space.claim(window));
        let dynamic_size = dynamic_size(policy, mode, layout.kernel_zone_size, footprint);
        Arranger { facts, policy, mode, layout, footprint, draws, dynamic_size }.arrange(&mut space)
    }
}

impl Arranger<'_> {
    /// Finds the places in `space`, which is all outside the policy's windows.
    fn arrange(&self, space: &mut Space) -> Result<Arrangement, Refusal> {
        let map = match self.kernel_pin() {
            None => self.linear_map(space)?,
            Some(place) => {
                let footprint = self.footprint.around(place);
                if !space.holds(footprint) {
                    return self.refuse(Requirement::KernelPin(place));
                }
                let mut beside = space.clone();
                beside.claim(footprint);
                self.linear_map(&beside)?
            }
        };
        space.claim(map.range());
        let kernel = match self.kernel_pin() {
            Some(place) => Place::only(place),
            None => self.draw_kernel(space, map.range())?,
        };
        let footprint = self.footprint.around(kernel.start);
        if footprint.start() < map.range().end() {
            return self.refuse(Requirement::KernelAbove);
        }
        let wanted = self.dynamic_size;
        let largest = space.largest_beside(self.dynamic_home(), footprint);
        if largest < wanted {
            return self.refuse(Requirement::Dynamic { wanted, largest });
        }
        if border(map.range(), footprint.start()).is_none() {
            return self.refuse(Requirement::Border);
        }
        let Beside { near, stacks, dynamic } = self.beside(space, map.range(), kernel);
        let own = match near {
            _ if self.footprint.image == 0 => stacks.start,
            None => footprint.start(),
            Some(near) => kernel.start.min(near.start),
        };
        let Some(border) = border(map.range(), own.min(stacks.start)) else {
            return self.refuse(Requirement::Border);
        };
        let dynamic_places = dynamic.count;
        let dynamic = VirtRange::new(dynamic.start, wanted);
        Ok(Arrangement { map, kernel, near, stacks, dynamic, dynamic_places, border })
    }

    fn kernel_pin(&self) -> Option<VirtAddr> {
        self.policy.kernel_pin(self.mode)
    }

    fn linear_pin(&self) -> Option<LinearPin> {
        self.policy.linear_pin(self.mode)
    }

    fn has_pin(&self) -> bool {
        self.linear_pin().is_some() || self.kernel_pin().is_some()
    }

    fn refuse<T>(&self, requirement: Requirement) -> Result<T, Refusal> {
        Err(Refusal::NoRoom { mode: self.mode, requirement })
    }

    /// The zone, without the guard against a linear map that ends where the zone begins.
    fn kernel_zone(&self) -> VirtRange {
        let zone = self.layout.kernel_zone;
        VirtRange::new(zone.start().wrapping_add(GUARD), zone.size().saturating_sub(GUARD))
    }

    /// Returns the places for the dynamic region.
    fn dynamic_home(&self) -> VirtRange {
        if self.has_pin() { Space::half(self.mode) } else { self.kernel_zone() }
    }

    /// Returns the places for the kernel beside a linear map that is claimed in `space`.
    fn kernel_places<'a>(&self, space: &'a Space, map: VirtRange) -> Places<'a> {
        let Footprint { grain, .. } = self.footprint;
        let shape = Shape { lead: 0, size: self.footprint.total(), grain };
        let size = self.dynamic_size;
        if self.linear_pin().is_none() {
            let zone = self.kernel_zone();
            return space.places(zone, shape, Spare { size, range: zone });
        }
        // So that a border fits between the two, whatever is drawn.
        let start = round_up(map.end());
        let above = VirtRange::new(start, start.get().wrapping_neg());
        space.places(above, shape, Spare { size, range: Space::half(self.mode) })
    }

    fn draw_kernel(&self, space: &Space, map: VirtRange) -> Result<Place, Refusal> {
        let below = self.footprint.below;
        let places = self.kernel_places(space, map);
        let Some(Bounds { count, highest, .. }) = places.bounds() else {
            let requirement =
                Requirement::Kernel { size: self.footprint.total(), dynamic: self.dynamic_size };
            return self.refuse(requirement);
        };
        let fixed = FIXED_PLACE.wrapping_add(below.wrapping_neg());
        let start = match self.draws {
            Some(draws) => places.get(count.choose(draws.kernel)).unwrap_or(highest),
            None if places.hold(fixed) => fixed,
            None => highest,
        };
        Ok(Place { start: start.wrapping_add(below), count })
    }
}

/// The size of the dynamic region, in a kernel zone of `zone` bytes. No draw changes it, since
/// reports show it even if they withhold addresses.
fn dynamic_size(policy: &Policy, mode: Mode, zone: u64, footprint: Footprint) -> u64 {
    let wanted = policy.dynamic_size;
    let has_pin = policy.linear_pin(mode).is_some() || policy.kernel_pin(mode).is_some();
    let is_free = !has_pin && policy.windows(mode).next().is_none();
    // A quarter of the zone for the footprint and a sixteenth for this: then both have room
    // wherever the other lies.
    if is_free && footprint.total() <= zone / 4 { wanted.max(zone / 16) } else { wanted }
}

/// The grain of the kernel's place: finer than 2 MiB would cost large leaves, and so would 2 MiB
/// where a part holds a gigabyte.
pub(crate) fn kernel_grain(largest_part: u64) -> u64 {
    if largest_part >= LeafSize::G1.bytes() { LeafSize::G1.bytes() } else { PLACE_GRAIN }
}

/// The border between a linear map and what is the kernel's own, from `own` on. `None` where no two
/// instructions make one.
fn border(map: VirtRange, own: VirtAddr) -> Option<VirtAddr> {
    let border = roundest_between(map.end().get().wrapping_sub(1), own.get());
    UpperConstant::new(border).map(|_| VirtAddr::new(border))
}
