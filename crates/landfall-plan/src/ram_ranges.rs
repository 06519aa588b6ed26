//! Walks over physical memory: RAM with obstacles cut out.

use landfall_paging::{PAGE_SIZE, PhysAddr, PhysRange};

use crate::facts::Facts;

/// Ranges of RAM that no obstacle touches, in ascending order and as long as they can be.
///
/// Nothing is collected: a set of a machine's every stretch would take more instructions to build
/// than it takes to find them anew.
#[derive(Clone, Debug)]
pub struct RamRanges<'a> {
    ram: &'a [PhysRange],
    /// Only what is below counts.
    end: PhysAddr,
    obstacles: [&'a [PhysRange]; 2],
    /// Obstacles of the plan's own.
    taken: [PhysRange; 5],
    at: PhysAddr,
}

impl<'a> RamRanges<'a> {
    /// RAM below `end` that may be mapped.
    #[must_use]
    pub fn mappable(facts: &'a Facts, end: PhysAddr) -> Self {
        let obstacles = [facts.no_map.as_slice(), &[]];
        Self { ram: facts.ram.as_slice(), end, obstacles, taken: [PhysRange::EMPTY; 5], at: PhysAddr::new(0) }
    }

    /// RAM below `end` that may be mapped and is neither reserved nor `taken`, nor taken by the
    /// tree or the initrd.
    #[must_use]
    pub(crate) fn free(facts: &'a Facts, end: PhysAddr, taken: [PhysRange; 3]) -> Self {
        let [first, second, third] = taken;
        let initrd = facts.initrd.unwrap_or_default();
        let taken = [first, second, third, facts.tree, initrd].map(PhysRange::pages_touched);
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

    /// The lowest obstacle that has a byte in `range`.
    fn obstacle(&self, range: PhysRange) -> Option<PhysRange> {
        let taken = self
            .taken
            .iter()
            .copied()
            .filter(|taken| taken.overlaps(range))
            .min_by_key(|taken| taken.start());
        let first = |set: &[PhysRange]| set.iter().copied().find(|obstacle| obstacle.overlaps(range));
        self.obstacles.into_iter().filter_map(first).chain(taken).min_by_key(|obstacle| obstacle.start())
    }
}

impl Iterator for RamRanges<'_> {
    type Item = PhysRange;

    fn next(&mut self) -> Option<PhysRange> {
        loop {
            let range = *self.ram.first()?;
            let rest = PhysRange::between(range.start().max(self.at), range.end().min(self.end));
            if rest.is_empty() {
                self.ram = self.ram.get(1..)?;
                continue;
            }
            let Some(obstacle) = self.obstacle(rest) else {
                self.at = rest.end();
                return Some(rest);
            };
            self.at = obstacle.end();
            if obstacle.start() > rest.start() {
                return Some(PhysRange::between(rest.start(), obstacle.start()));
            }
        }
    }
}

/// Returns the free memory that holds the image, the place where it was loaded included: a new
/// place may overlap that.
pub(crate) fn targets(facts: &Facts, reach: PhysRange) -> impl Iterator<Item = PhysRange> + Clone {
    let size = facts.image.size();
    let free = RamRanges::usable(facts, reach.end(), [PhysRange::EMPTY; 3]);
    free.filter(move |free| free.size() >= size)
}
