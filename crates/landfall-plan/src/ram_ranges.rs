//! Walks over physical memory: RAM with obstacles cut out.
//!
//! Nothing is collected: a set of a machine's every stretch would take more instructions to build
//! than it takes to find them anew. RAM and obstacles ascend, so a walk passes each of them once.

use core::{array, slice};

use landfall_paging::{PAGE_SIZE, PhysAddr, PhysRange};

use crate::facts::Facts;

/// Addresses from `start` up to `end`. A walk compares ends more often than it needs sizes.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: PhysAddr,
    end: PhysAddr,
}

impl Span {
    const EMPTY: Self = Self { start: PhysAddr::new(0), end: PhysAddr::new(0) };
    /// Behind all memory.
    const NOWHERE: Self = Self { start: PhysAddr::new(u64::MAX), end: PhysAddr::new(u64::MAX) };

    const fn of(range: PhysRange) -> Self {
        Self { start: range.start(), end: range.end() }
    }

    const fn range(self) -> PhysRange {
        PhysRange::between(self.start, self.end)
    }
}

/// The ranges of a set.
#[derive(Clone, Debug)]
struct Spans<'a>(slice::Iter<'a, PhysRange>);

impl Iterator for Spans<'_> {
    type Item = Span;

    #[inline]
    fn next(&mut self) -> Option<Span> {
        self.0.next().map(|range| Span::of(*range))
    }
}

/// RAM below an address.
#[derive(Clone, Debug)]
struct Ram<'a> {
    ranges: Spans<'a>,
    end: PhysAddr,
}

impl Iterator for Ram<'_> {
    type Item = Span;

    #[inline]
    fn next(&mut self) -> Option<Span> {
        let Span { start, end } = self.ranges.next()?;
        (start < self.end).then_some(Span { start, end: end.min(self.end) })
    }
}

/// Ascending spans with obstacles cut out. No span is empty. The starts of the obstacles ascend,
/// and obstacles may overlap.
#[derive(Clone, Debug)]
struct Without<R, O> {
    spans: R,
    /// The part of the last span that is left.
    rest: Span,
    obstacles: O,
    /// The last obstacle. Those before end below `rest`.
    obstacle: Span,
}

impl<R, O> Without<R, O> {
    const fn new(spans: R, obstacles: O) -> Self {
        Self { spans, rest: Span::EMPTY, obstacles, obstacle: Span::EMPTY }
    }
}

impl<R: Iterator<Item = Span>, O: Iterator<Item = Span>> Iterator for Without<R, O> {
    type Item = Span;

    #[inline]
    fn next(&mut self) -> Option<Span> {
        loop {
            if self.rest.start >= self.rest.end {
                self.rest = self.spans.next()?;
            }
            let Span { start, end } = self.rest;
            while self.obstacle.end <= start {
                self.obstacle = self.obstacles.next().unwrap_or(Span::NOWHERE);
            }
            self.rest.start = end.min(self.obstacle.end);
            if start < self.obstacle.start {
                return Some(Span { start, end: end.min(self.obstacle.start) });
            }
        }
    }
}

/// Ranges of RAM that may be mapped, in ascending order and as long as they can be.
#[derive(Clone, Debug)]
pub struct RamRanges<'a>(Without<Ram<'a>, Spans<'a>>);

impl<'a> RamRanges<'a> {
    /// RAM below `end` that may be mapped.
    #[must_use]
    pub fn mappable(facts: &'a Facts, end: PhysAddr) -> Self {
        let ram = Ram { ranges: Spans(facts.ram.as_slice().iter()), end };
        Self(Without::new(ram, Spans(facts.no_map.as_slice().iter())))
    }

    /// Returns the end of the last of these ranges, and looks at no range before it.
    pub(crate) fn last_end(facts: &Facts, end: PhysAddr) -> Option<PhysAddr> {
        facts.ram.as_slice().iter().rev().find_map(|ram| {
            let end = end.min(ram.end());
            // Obstacles do not touch, so one at most takes the end away.
            let last = facts.no_map.as_slice().iter().rev().find(|obstacle| obstacle.start() < end);
            let end = last.filter(|last| last.end() >= end).map_or(end, |last| last.start());
            (ram.start() < end).then_some(end)
        })
    }
}

impl Iterator for RamRanges<'_> {
    type Item = PhysRange;

    #[inline]
    fn next(&mut self) -> Option<PhysRange> {
        self.0.next().map(Span::range)
    }
}

/// [`RamRanges`] that nothing has reserved or taken.
type Unreserved<'a, T> = Without<Without<Without<Ram<'a>, Spans<'a>>, Spans<'a>>, T>;

fn unreserved<T>(facts: &Facts, end: PhysAddr, taken: T) -> Unreserved<'_, T> {
    let reserved = Spans(facts.reserved.as_slice().iter());
    Without::new(Without::new(RamRanges::mappable(facts, end).0, reserved), taken)
}

/// Ranges of RAM that have no owner, in ascending order and as long as they can be.
#[derive(Clone, Debug)]
pub struct FreeRanges<'a>(Unreserved<'a, array::IntoIter<Span, TAKEN>>);

impl<'a> FreeRanges<'a> {
    /// RAM below `end` that may be mapped and is neither reserved nor `taken`, nor taken by the
    /// tree or the initrd.
    pub(crate) fn new(facts: &'a Facts, end: PhysAddr, taken: [PhysRange; 3]) -> Self {
        Self(unreserved(facts, end, Taken::new(facts, taken).0.into_iter()))
    }
}

impl Iterator for FreeRanges<'_> {
    type Item = PhysRange;

    fn next(&mut self) -> Option<PhysRange> {
        self.0.next().map(Span::range)
    }
}

/// Memory that a plan, the tree and the initrd take: spans that may overlap, by their start. Empty
/// ones come last.
#[derive(Debug)]
pub(crate) struct Taken([Span; TAKEN]);

const TAKEN: usize = 5;

impl Taken {
    /// The pages that `taken`, tree and initrd touch.
    pub(crate) fn new(facts: &Facts, taken: [PhysRange; 3]) -> Self {
        let [first, second, third] = taken;
        let mut spans = [Span::NOWHERE; TAKEN];
        for range in [first, second, third, facts.tree, facts.initrd.unwrap_or_default()] {
            if range.is_empty() {
                continue;
            }
            // Each takes its place among those before, and the one there looks for the next.
            let mut span = Span::of(range.pages_touched());
            for place in &mut spans {
                if span.start < place.start {
                    core::mem::swap(place, &mut span);
                }
            }
        }
        Self(spans)
    }

    /// Like [`FreeRanges`], without page 0, where RAM may begin: a pointer to it is null, and code
    /// that dereferences null is no Rust.
    pub(crate) fn usable<'a>(
        &'a self,
        facts: &'a Facts,
        end: PhysAddr,
    ) -> impl Iterator<Item = PhysRange> + Clone + 'a {
        let page_0 = PhysAddr::new(PAGE_SIZE);
        let free = unreserved(facts, end, self.0.iter().copied());
        free.map(move |free| PhysRange::between(free.start.max(page_0), free.end))
    }
}

/// Returns the free memory that holds the image, the place where it was loaded included: a new
/// place may overlap that.
pub(crate) fn targets<'a>(
    facts: &'a Facts,
    reach: PhysRange,
    taken: &'a Taken,
) -> impl Iterator<Item = PhysRange> + Clone + 'a {
    let size = facts.image.size();
    taken.usable(facts, reach.end()).filter(move |free| free.size() >= size)
}

#[cfg(test)]
mod tests {
    use landfall_paging::{PAGE_SIZE, PhysAddr, PhysRange};

    use super::RamRanges;
    use crate::facts::Facts;
    use crate::range_set::PhysRangeSet;

    const PAGES: u64 = 10;

    /// The pages whose bits are set.
    fn pages(bits: u64) -> PhysRangeSet {
        let mut set = PhysRangeSet::EMPTY;
        for page in (0..PAGES).filter(|page| bits >> page & 1 == 1) {
            set.insert(PhysRange::new(PhysAddr::new(page * PAGE_SIZE), PAGE_SIZE)).expect("few ranges");
        }
        set
    }

    #[test]
    fn the_last_end_is_that_of_the_last_range_for_any_obstacles_and_any_reach() {
        let mut facts = Facts::UNKNOWN;
        for ram in [0x3ff, 0x0f3, 0x2d7] {
            facts.ram = pages(ram);
            for obstacles in 0..1 << PAGES {
                facts.no_map = pages(obstacles);
                for end in (0..=PAGES).map(|page| PhysAddr::new(page * PAGE_SIZE)) {
                    let last = RamRanges::mappable(&facts, end).last().map(PhysRange::end);
                    assert_eq!(RamRanges::last_end(&facts, end), last, "{ram:#x} {obstacles:#x} {end}");
                }
            }
        }
    }
}
