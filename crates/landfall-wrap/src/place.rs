//! The places of the inner kernel, virtual and physical. Both are pure functions of a draw.

use landfall_image::inner::InnerPlace;
use landfall_paging::{PAGE_SIZE, PhysAddr, PhysRange, VirtAddr, VirtRange};
use landfall_plan::randomness::{KaslrState, PlaceCount};
use landfall_plan::{Facts, Plan};

use crate::draws::InnerDraws;
use crate::header::Kind;
use crate::inner::Inner;
use crate::refusal::Refusal;
use crate::window::{WINDOW, places};

/// Bytes that a leaf of level 1 maps. A kernel of that size gets a place where such leaves fit.
const LARGE_LEAF: u64 = 2 << 20;

/// A virtual place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VirtualPlace {
    /// The new start of the span.
    pub start: VirtAddr,
    /// The number of places that it could have.
    pub places: PlaceCount,
}

/// A physical place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhysicalPlace {
    /// The memory of the span.
    pub range: PhysRange,
    /// The number of places that it could have.
    pub places: PlaceCount,
}

/// The places of a kernel behind a landing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// The virtual one.
    pub virt: VirtualPlace,
    /// The physical one.
    pub phys: PhysicalPlace,
}

impl Inner<'_> {
    /// Returns the places behind a landing with this plan. Both are drawn if the landing's are, and
    /// the physical one only if the wrapper wants that. A place that is not drawn has a count of 1.
    ///
    /// # Errors
    /// W26 if no free memory holds the kernel, W28 if the mode lacks its addresses.
    pub fn places(
        &self,
        plan: &Plan,
        facts: &Facts,
        physical: InnerPlace,
        draws: Option<&InnerDraws>,
    ) -> Result<Places, Refusal> {
        let (mode, least) = (plan.mode, self.least_mode());
        if mode < least {
            return Err(Refusal::Mode { mode, least });
        }
        let draws = draws.filter(|_| matches!(plan.kaslr, KaslrState::Random(_)));
        let random = draws.filter(|_| physical == InnerPlace::Random);
        let mut virt = self.virtual_place(draws.map(|draws| draws.virt));
        let free = free_memory(plan, facts);
        let beside = beside_room(&free, self.room(plan));
        let mut phys = match self.physical_place(virt.start, &beside, random.map(|draws| draws.phys)) {
            Ok(place) => place,
            // Memory is scarce. The lowest place leaves the most in one piece.
            Err(_) => {
                PhysicalPlace { places: PlaceCount::new(1), ..self.physical_place(virt.start, &free, None)? }
            }
        };
        if draws.is_none() {
            virt.places = PlaceCount::new(1);
        }
        if random.is_none() {
            phys.places = PlaceCount::new(1);
        }
        Ok(Places { virt, phys })
    }

    /// Returns the virtual place that a draw chooses, or the lowest one without a draw. A fixed
    /// kernel has one place.
    #[must_use]
    pub fn virtual_place(&self, draw: Option<u64>) -> VirtualPlace {
        let span = self.span();
        match places(span, self.align()).filter(|_| self.kind() == Kind::Movable) {
            None => VirtualPlace { start: span.start(), places: PlaceCount::new(1) },
            Some((first, places)) => {
                let index = draw.map_or(0, |draw| places.choose(draw));
                VirtualPlace { start: first.wrapping_add(index * self.align()), places }
            }
        }
    }

    /// Returns the physical place that a draw chooses in `free`, or the lowest one without a draw.
    /// `start` is the virtual place.
    ///
    /// Any page is a place for a kernel of less than 2 MiB. A larger one has the same offset from a
    /// multiple of 2 MiB in both address spaces, so that large leaves map it. If no such place is
    /// free, any page is one too: no draw decides whether a kernel fits.
    ///
    /// # Errors
    /// W26 if no range holds the kernel.
    pub fn physical_place(
        &self,
        start: VirtAddr,
        free: &(impl Iterator<Item = PhysRange> + Clone),
        draw: Option<u64>,
    ) -> Result<PhysicalPlace, Refusal> {
        let size = self.span().size();
        let aligns = if size < LARGE_LEAF { [PAGE_SIZE; 2] } else { [LARGE_LEAF, PAGE_SIZE] };
        for align in aligns {
            let offset = start.get() & (align - 1);
            let ranges = || free.clone().filter_map(|range| physical_places(range, size, align, offset));
            let total = ranges().map(|(_, count)| count).sum();
            let places = PlaceCount::new(total);
            let mut index = draw.map_or(0, |draw| places.choose(draw));
            for (first, count) in ranges() {
                if index < count {
                    let range = PhysRange::new(first.wrapping_add(index * align), size);
                    return Ok(PhysicalPlace { range, places });
                }
                index -= count;
            }
        }
        let largest = free.clone().map(PhysRange::size).max().unwrap_or(0);
        Err(Refusal::NoMemory { size, largest })
    }

    /// Returns bytes that suffice for the kernel's tables, stacks and boot information: as many as
    /// the landing took, and a table for each 2 MiB. A kernel that asks for larger stacks may need
    /// more.
    fn room(&self, plan: &Plan) -> u64 {
        /// Boot information, and tables for the edges of text and constants in the linear map.
        const MORE: u64 = 1 << 20;
        let tables = (self.span().size() / LARGE_LEAF + 1) * PAGE_SIZE;
        plan.block.size() + tables + MORE
    }

    /// Checks that a span may start at `to`.
    pub(crate) fn check_place(&self, to: VirtAddr) -> Result<(), Refusal> {
        let span = self.span();
        let apart = to.wrapping_offset_from(span.start());
        let is_place = match self.kind() {
            Kind::Fixed => apart == 0,
            Kind::Movable => {
                apart & (self.align() - 1) == 0 && WINDOW.contains(VirtRange::new(to, span.size()))
            }
        };
        if is_place { Ok(()) } else { Err(Refusal::Place { to }) }
    }
}

/// Returns the free memory of a landing without page 0, whose address would be null.
pub fn free_memory<'a>(plan: &Plan, facts: &'a Facts) -> impl Iterator<Item = PhysRange> + Clone + use<'a> {
    let page_1 = PhysAddr::new(PAGE_SIZE);
    plan.free_memory(facts).map(move |free| PhysRange::between(free.start().max(page_1), free.end()))
}

/// Returns `free` without `room` bytes at the start of the lowest range that holds them. The
/// wrapper takes them for tables, stacks and boot information.
fn beside_room(
    free: &(impl Iterator<Item = PhysRange> + Clone),
    room: u64,
) -> impl Iterator<Item = PhysRange> + Clone {
    let taken = free.clone().find(|free| free.size() >= room).map(PhysRange::start);
    free.clone().map(move |free| {
        let start = if Some(free.start()) == taken { free.start().wrapping_add(room) } else { free.start() };
        PhysRange::between(start, free.end())
    })
}

/// Returns the lowest place in a free range, and the number of places.
fn physical_places(free: PhysRange, size: u64, align: u64, offset: u64) -> Option<(PhysAddr, u64)> {
    let above = offset.wrapping_sub(free.start().get()) & (align - 1);
    let first = free.start().checked_add(above)?;
    let room = free.end().checked_offset_from(first)?.checked_sub(size)?;
    Some((first, room / align + 1))
}
