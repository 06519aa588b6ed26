//! The regions beside the image: near region, stacks and dynamic region, each at a place of its
//! own.
//!
//! Each is drawn in turn among all places that leave room for the rest. The places in the kernel's
//! footprint are always among them, so no draw leaves one of them without a place.

use landfall_paging::{VirtAddr, VirtRange};

use super::Arranger;
use crate::constant::round_up;
use crate::layout::PLACE_GRAIN;
use crate::randomness::Draws;
use crate::space::{Place, Shape, Space, Spare};

/// The most bytes from one byte of the image to one of the near region. `auipc` adds 2 GiB at most,
/// minus the 2 KiB that the next instruction may add.
const REACH: u64 = (2 << 30) - PLACE_GRAIN;

/// The regions beside the image.
pub(super) struct Beside {
    /// `None` where there is no near region, or no better place than right below the image.
    pub(super) near: Option<Place>,
    pub(super) stacks: Place,
    pub(super) dynamic: Place,
}

impl Arranger<'_> {
    /// Finds places for all of them in `space`, which is all beside the linear map, and beside a
    /// kernel at its place.
    pub(super) fn beside(&self, space: &mut Space, map: VirtRange, kernel: Place) -> Beside {
        let side = self.kernel_side(map, kernel.start);
        let stacks =
            VirtRange::new(kernel.start.wrapping_add(self.footprint.stacks_offset()), self.footprint.stacks);
        let mut near = None;
        if self.footprint.image != 0 {
            let image = VirtRange::new(kernel.start, self.footprint.image);
            space.claim(image);
            near = self.near(space, side, image, stacks);
            space.claim(match near {
                Some(near) => VirtRange::new(near.start, self.policy.near_size),
                None => VirtRange::new(self.footprint.around(kernel.start).start(), self.footprint.below),
            });
        }
        let stacks = self.stacks(space, side, stacks);
        space.claim(VirtRange::new(stacks.start, self.footprint.stacks));
        Beside { near, stacks, dynamic: self.dynamic(space) }
    }

    /// The range for the kernel's own regions: a border fits between it and the linear map.
    fn kernel_side(&self, map: VirtRange, kernel: VirtAddr) -> VirtRange {
        let footprint = self.footprint.around(kernel).start();
        let start =
            if self.has_pin() { round_up(map.end()).min(footprint) } else { self.kernel_zone().start() };
        VirtRange::new(start, start.get().wrapping_neg())
    }

    fn spare(&self) -> Spare {
        Spare { size: self.dynamic_size, range: self.dynamic_home() }
    }

    /// The near region's place within reach of all of the image, where the place of the stacks in
    /// the kernel's footprint stays free.
    fn near(&self, space: &Space, side: VirtRange, image: VirtRange, stacks: VirtRange) -> Option<Place> {
        let draws = self.draws.filter(|_| self.policy.near_size != 0)?;
        let first = image.end().wrapping_offset_from(side.start()).saturating_sub(REACH);
        let end = image.start().wrapping_offset_from(side.start()) + REACH;
        let home =
            VirtRange::new(side.start().wrapping_add(first), end.min(side.size()).saturating_sub(first));
        let mut space = space.clone();
        space.claim(stacks);
        let shape = Shape { lead: 0, size: self.policy.near_size, grain: PLACE_GRAIN };
        space.places(home, shape, self.spare()).draw(draws.near)
    }

    fn stacks(&self, space: &Space, side: VirtRange, fixed: VirtRange) -> Place {
        let shape = Shape { lead: 0, size: fixed.size(), grain: PLACE_GRAIN };
        let draw = |draws: &Draws| space.places(side, shape, self.spare()).draw(draws.stacks);
        self.draws.and_then(draw).unwrap_or(Place::only(fixed.start()))
    }

    fn dynamic(&self, space: &Space) -> Place {
        let Spare { size, range } = self.spare();
        let shape = Shape { lead: 0, size, grain: PLACE_GRAIN };
        let places = space.places(range, shape, Spare { size: 0, range });
        let drawn = match self.draws {
            Some(draws) => places.draw(draws.dynamic),
            None => places.get(0).map(Place::only),
        };
        // If it just fits, it need not begin at a multiple of the grain.
        drawn.unwrap_or_else(|| Place::only(space.largest(range).start()))
    }
}
