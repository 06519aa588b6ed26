//! Walks over physical memory: RAM with obstacles cut out.

use landfall_paging::{PAGE_SIZE, PhysAddr};

use crate::facts::Facts;
use crate::range::Range;

/// Stretches of RAM that no obstacle touches, in ascending order and as long as they can be.
///
/// Nothing is collected: a set of a machine's every stretch would take more instructions to build than it takes to find them anew.
#[derive(Clone, Debug)]
pub struct Stretches<'a> {
    ram: &'a [Range],
    /// Only what is below counts.
    end: PhysAddr,
    obstacles: [&'a [Range]; 2],
    /// Obstacles of the plan's own.
    taken: [Range; 5],
    at: PhysAddr,
}

impl<'a> Stretches<'a> {
    /// RAM below `end` that may be mapped.
    #[must_use]
    pub fn mappable(facts: &'a Facts, end: PhysAddr) -> Self {
        let obstacles = [facts.no_map.as_slice(), &[]];
        Self { ram: facts.ram.as_slice(), end, obstacles, taken: [Range::EMPTY; 5], at: PhysAddr::new(0) }
    }

    /// RAM below `end` that may be mapped and is neither reserved nor `taken`, nor taken by the tree or the initrd.
    #[must_use]
    pub(crate) fn free(facts: &'a Facts, end: PhysAddr, taken: [Range; 3]) -> Self {
        let [first, second, third] = taken;
        let initrd = facts.initrd.unwrap_or_default();
        let taken = [first, second, third, facts.tree, initrd].map(Range::pages_touched);
        let obstacles = [facts.no_map.as_slice(), facts.reserved.as_slice()];
        Self { obstacles, taken, ..Self::mappable(facts, end) }
    }

    /// Like [`Stretches::free`], without page 0, where RAM may begin: a pointer to it is null, and code that dereferences null is no Rust.
    pub(crate) fn usable(
        facts: &'a Facts,
        end: PhysAddr,
        taken: [Range; 3],
    ) -> impl Iterator<Item = Range> + Clone {
        let page_0 = PhysAddr::new(PAGE_SIZE);
        let free = Self::free(facts, end, taken);
        free.map(move |free| Range::between(free.start().max(page_0), free.end()))
    }

    /// The lowest obstacle that has a byte in `range`.
    fn obstacle(&self, range: Range) -> Option<Range> {
        let taken = self
            .taken
            .iter()
            .copied()
            .filter(|taken| taken.overlaps(range))
            .min_by_key(|taken| taken.start());
        let first = |set: &[Range]| set.iter().copied().find(|obstacle| obstacle.overlaps(range));
        self.obstacles.into_iter().filter_map(first).chain(taken).min_by_key(|obstacle| obstacle.start())
    }
}

impl Iterator for Stretches<'_> {
    type Item = Range;

    fn next(&mut self) -> Option<Range> {
        loop {
            let range = *self.ram.first()?;
            let rest = Range::between(range.start().max(self.at), range.end().min(self.end));
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
                return Some(Range::between(rest.start(), obstacle.start()));
            }
        }
    }
}
