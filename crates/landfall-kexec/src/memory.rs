//! Physical memory for the next kernel: RAM without what must stay.

use landfall_paging::{PAGE_SIZE, PhysAddr, PhysRange};
use landfall_plan::Facts;
use landfall_plan::randomness::PlaceCount;

use crate::place::Place;

/// The most ranges besides those of the facts that a search leaves out.
const MAX_TAKEN: usize = 4;

/// Memory that the next kernel may be given. Nothing in it is kept for this one: it ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory<'a> {
    facts: &'a Facts,
    taken: [PhysRange; MAX_TAKEN],
    count: usize,
    /// Page 0, or nothing.
    page_0: PhysRange,
}

/// Bytes that need a place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) size: u64,
    /// A power of two.
    pub(crate) align: u64,
    /// Bytes above a multiple of it.
    pub(crate) offset: u64,
}

impl<'a> Memory<'a> {
    /// All RAM of the facts that is neither reserved nor forbidden, without page 0.
    pub(crate) const fn new(facts: &'a Facts) -> Self {
        let page_0 = PhysRange::new(PhysAddr::new(0), PAGE_SIZE);
        Self { facts, taken: [PhysRange::EMPTY; MAX_TAKEN], count: 0, page_0 }
    }

    /// The same with page 0: memory that is free to the running kernel.
    pub(crate) const fn with_page_0(facts: &'a Facts) -> Self {
        Self { page_0: PhysRange::EMPTY, ..Self::new(facts) }
    }

    /// The same without `range`, in whole pages.
    pub(crate) const fn without(mut self, range: PhysRange) -> Self {
        if self.count < MAX_TAKEN {
            self.taken[self.count] = range.pages_touched();
            self.count += 1;
        }
        self
    }

    /// Returns true if all of `range` is such memory.
    pub(crate) fn holds(&self, range: PhysRange) -> bool {
        let is_ram = self.facts.ram.iter().any(|ram| ram.contains(range));
        is_ram && !self.obstacles(core::iter::empty()).any(|obstacle| obstacle.overlaps(range))
    }

    /// Returns a place for `shape` that touches nothing of `avoided`.
    pub(crate) fn find(
        &self,
        shape: Shape,
        place: Place,
        avoided: &(impl Iterator<Item = PhysRange> + Clone),
    ) -> Option<PhysRange> {
        let places = || {
            let ranges = self.free(avoided.clone());
            ranges.filter_map(move |free| Places::of(free, shape)).filter(|places| places.count != 0)
        };
        let total: u64 = places().map(|places| places.count).sum();
        let mut index = match place {
            _ if total == 0 => return None,
            Place::At(at) => {
                let range = PhysRange::new(at, shape.size);
                return self.free(avoided.clone()).any(|free| free.contains(range)).then_some(range);
            }
            Place::Lowest => 0,
            Place::Drawn(draw) => PlaceCount::new(total).choose(draw),
        };
        for Places { first, count } in places() {
            if index < count {
                return Some(PhysRange::new(first.wrapping_add(index * shape.align), shape.size));
            }
            index -= count;
        }
        None
    }

    /// Returns the free ranges, in ascending order.
    fn free(&self, avoided: impl Iterator<Item = PhysRange> + Clone) -> impl Iterator<Item = PhysRange> {
        let (mut at, mut ram) = (PhysAddr::new(0), self.facts.ram.as_slice());
        core::iter::from_fn(move || {
            loop {
                let range = *ram.first()?;
                let rest = PhysRange::between(range.start().max(at), range.end());
                if rest.is_empty() {
                    ram = ram.get(1..)?;
                    continue;
                }
                let in_rest = self.obstacles(avoided.clone()).filter(|obstacle| obstacle.overlaps(rest));
                let Some(obstacle) = in_rest.min_by_key(|obstacle| obstacle.start()) else {
                    at = rest.end();
                    return Some(rest);
                };
                at = obstacle.end();
                if obstacle.start() > rest.start() {
                    return Some(PhysRange::between(rest.start(), obstacle.start()));
                }
            }
        })
    }

    fn obstacles(&self, avoided: impl Iterator<Item = PhysRange> + Clone) -> impl Iterator<Item = PhysRange> {
        let own = self.taken.iter().take(self.count).copied();
        let set = self.facts.no_map.iter().chain(self.facts.reserved.iter());
        set.chain(own).chain([self.page_0]).chain(avoided).filter(|range| !range.is_empty())
    }
}

/// The places in a free range: so many, from the first on, each `align` above the last.
#[derive(Clone, Copy)]
struct Places {
    first: PhysAddr,
    count: u64,
}

impl Places {
    fn of(free: PhysRange, shape: Shape) -> Option<Self> {
        let Shape { size, align, offset } = shape;
        let offset = offset & (align - 1);
        let above = PhysAddr::new(free.start().get().saturating_sub(offset));
        let first = above.checked_align_up(align)?.checked_add(offset)?;
        let room = free.end().checked_offset_from(first)?.checked_sub(size)?;
        Some(Self { first, count: room / align + 1 })
    }
}
