//! Free memory: what is mapped and nobody's.

use landfall_paging::PhysAddr;

use crate::facts::Facts;
use crate::range::{Range, RangeSet};

/// The free ranges of mapped memory, in ascending order.
#[derive(Clone, Debug)]
pub struct FreeMemory<'a> {
    mapped: &'a [Range],
    reserved: &'a RangeSet,
    /// Image, tree and initrd, and what a plan takes for itself.
    taken: [Range; 5],
    at: PhysAddr,
}

impl<'a> FreeMemory<'a> {
    /// What of `mapped` is neither reserved nor taken by the image, the tree, the initrd or `block`. With a `block`, the
    /// landing is over, and what only the landing used of the image is free.
    #[must_use]
    pub fn new(facts: &'a Facts, mapped: &'a RangeSet, block: Option<Range>) -> Self {
        let image = match block {
            None => [facts.image.range(), Range::EMPTY],
            Some(_) => [facts.image.read_only(), facts.image.data_range()],
        };
        let others = [facts.tree, facts.initrd.unwrap_or_default(), block.unwrap_or_default()];
        let [first, second] = image;
        let [tree, initrd, block] = others.map(Range::pages_touched);
        let taken = [first, second, tree, initrd, block];
        Self { mapped: mapped.as_slice(), reserved: &facts.reserved, taken, at: PhysAddr::new(0) }
    }

    /// The lowest obstacle that has a byte in `range`.
    fn obstacle(&self, range: Range) -> Option<Range> {
        let taken = self.taken.iter().copied().filter(|taken| taken.overlaps(range));
        let reserved = self.reserved.iter().find(|reserved| reserved.overlaps(range));
        taken.chain(reserved).min_by_key(|obstacle| obstacle.start())
    }
}

impl Iterator for FreeMemory<'_> {
    type Item = Range;

    fn next(&mut self) -> Option<Range> {
        loop {
            let range = *self.mapped.first()?;
            let rest = Range::between(range.start().max(self.at), range.end());
            if rest.is_empty() {
                self.mapped = self.mapped.get(1..)?;
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
