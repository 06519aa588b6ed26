//! Walks over physical memory: RAM with obstacles cut out.

use landfall_paging::{PAGE_SIZE, PhysAddr, PhysRange};

use crate::facts::Facts;

/// Ranges of RAM that no obstacle touches, in ascending order and as long as they can be.
///
/// Nothing is collected: a set of a machine's every stretch would take more instructions to build
/// than it takes to find them anew. RAM and obstacles ascend, so a walk passes each of them once.
#[derive(Clone, Debug)]
pub struct RamRanges<'a> {
    /// RAM that the walk has not passed.
    ram: &'a [PhysRange],
    /// Only what is below counts.
    end: PhysAddr,
    /// Obstacles that the walk has not passed.
    obstacles: [&'a [PhysRange]; 2],
    /// Those of the plan's own.
    taken: Taken,
    at: PhysAddr,
}

/// Ranges that may overlap, by their start.
#[derive(Clone, Debug)]
struct Taken {
    ranges: [PhysRange; TAKEN],
    /// Those before are passed.
    first: usize,
}

const TAKEN: usize = 5;

impl Taken {
    const NONE: Self = Self { ranges: [PhysRange::EMPTY; TAKEN], first: TAKEN };

    /// Orders the pages that the ranges touch. An empty range has none.
    fn new(ranges: [PhysRange; TAKEN]) -> Self {
        let mut taken = Self::NONE;
        for range in ranges.map(PhysRange::pages_touched).into_iter().filter(|range| !range.is_empty()) {
            taken.first -= 1;
            let rest = taken.ranges.get_mut(taken.first..).unwrap_or_default();
            let below = rest.iter().skip(1).take_while(|other| other.start() < range.start()).count();
            rest.copy_within(1..=below, 0);
            if let Some(place) = rest.get_mut(below) {
                *place = range;
            }
        }
        taken
    }

    /// Passes those that end at `at` or below, and returns the start and the end of the next one.
    fn next_behind(&mut self, at: PhysAddr) -> Option<(PhysAddr, PhysAddr)> {
        while let Some(range) = self.ranges.get(self.first) {
            if range.end() > at {
                return Some((range.start(), range.end()));
            }
            self.first += 1;
        }
        None
    }
}

/// As [`Taken::next_behind`], for ranges that do not overlap.
fn next_behind(set: &mut &[PhysRange], at: PhysAddr) -> Option<(PhysAddr, PhysAddr)> {
    while let [first, rest @ ..] = *set {
        if first.end() > at {
            return Some((first.start(), first.end()));
        }
        *set = rest;
    }
    None
}

impl<'a> RamRanges<'a> {
    /// RAM below `end` that may be mapped.
    #[must_use]
    pub fn mappable(facts: &'a Facts, end: PhysAddr) -> Self {
        let obstacles = [facts.no_map.as_slice(), &[]];
        Self { ram: facts.ram.as_slice(), end, obstacles, taken: Taken::NONE, at: PhysAddr::new(0) }
    }

    /// RAM below `end` that may be mapped and is neither reserved nor `taken`, nor taken by the
    /// tree or the initrd.
    #[must_use]
    pub(crate) fn free(facts: &'a Facts, end: PhysAddr, taken: [PhysRange; 3]) -> Self {
        let [first, second, third] = taken;
        let initrd = facts.initrd.unwrap_or_default();
        let taken = Taken::new([first, second, third, facts.tree, initrd]);
        let obstacles = [facts.no_map.as_slice(), facts.reserved.as_slice()];
        Self { obstacles, taken, ..Self::mappable(facts, end) }
    }

    /// Like [`RamRanges::free`], without page 0, where RAM may begin: a pointer to it is null, and
    /// code that dereferences null is no Rust.
    pub(crate) fn usable(
        facts: &'a Facts,
        end: PhysAddr,
        taken: [PhysRange; 3],
    ) -> impl Iterator<Item = PhysRange> + Clone {
        let page_0 = PhysAddr::new(PAGE_SIZE);
        let free = Self::free(facts, end, taken);
        free.map(move |free| PhysRange::between(free.start().max(page_0), free.end()))
    }

    /// Passes the obstacles below `at`, and returns the start and the end of the lowest of the
    /// others. Without one, both are the last address.
    fn obstacle(&mut self, at: PhysAddr) -> (PhysAddr, PhysAddr) {
        let mut lowest = (PhysAddr::new(u64::MAX), PhysAddr::new(u64::MAX));
        let [first, second] = &mut self.obstacles;
        for next in [next_behind(first, at), next_behind(second, at), self.taken.next_behind(at)] {
            if let Some(next) = next
                && next.0 < lowest.0
            {
                lowest = next;
            }
        }
        lowest
    }
}

impl Iterator for RamRanges<'_> {
    type Item = PhysRange;

    fn next(&mut self) -> Option<PhysRange> {
        while let [range, others @ ..] = self.ram {
            let (start, end) = (range.start().max(self.at), range.end().min(self.end));
            if start >= end {
                self.ram = others;
                continue;
            }
            let (below, above) = self.obstacle(start);
            if below >= end {
                self.at = end;
                return Some(PhysRange::between(start, end));
            }
            self.at = above;
            if below > start {
                return Some(PhysRange::between(start, below));
            }
        }
        None
    }
}

/// Returns the free memory that holds the image, the place where it was loaded included: a new
/// place may overlap that.
pub(crate) fn targets(facts: &Facts, reach: PhysRange) -> impl Iterator<Item = PhysRange> + Clone {
    let size = facts.image.size();
    let free = RamRanges::usable(facts, reach.end(), [PhysRange::EMPTY; 3]);
    free.filter(move |free| free.size() >= size)
}
