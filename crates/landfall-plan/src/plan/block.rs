//! The memory that a landing takes: tables, stacks and, where it must move, the tree, in one block.

use landfall_paging::{PAGE_SIZE, PhysRange};

use crate::randomness::PlaceCount;

/// A search for a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct BlockShape {
    /// Bytes of all of it.
    pub(super) size: u64,
    /// Bytes before the stacks.
    pub(super) tables: u64,
    /// The stacks' memory is to lie at a multiple of this.
    pub(super) alignment: u64,
}

/// Places that follow each other: of `count` blocks, the first is the one at `first`.
#[derive(Clone, Copy, Debug)]
struct Run {
    first: PhysRange,
    count: u64,
}

impl BlockShape {
    /// The places in one stretch of free memory, `grain` apart, where the stacks lie at multiples
    /// of `grain`.
    fn places(self, free: PhysRange, grain: u64) -> Option<Run> {
        let stacks = free.start().wrapping_add(self.tables + grain - 1).align_down(grain);
        let start = stacks.wrapping_add(self.tables.wrapping_neg());
        let room = PhysRange::between(start, free.end()).size().checked_sub(self.size)?;
        Some(Run { first: PhysRange::new(start, self.size), count: room / grain + 1 })
    }

    /// Returns one of all places in `free`, which is in whole pages, and their number. Without a
    /// random number it is the lowest of them. Places at which large leaves map the stacks come
    /// first; `None` if there is no place at all.
    pub(super) fn choose(
        self,
        free: &(impl Iterator<Item = PhysRange> + Clone),
        random: Option<u64>,
    ) -> Option<(PhysRange, PlaceCount)> {
        [self.alignment, PAGE_SIZE].into_iter().find_map(|grain| {
            let runs = free.clone().filter_map(|free| self.places(free, grain));
            match random {
                None => runs.map(|run| (run.first, PlaceCount::new(1))).next(),
                Some(random) => draw(runs, grain, random),
            }
        })
    }
}

fn draw(runs: impl Iterator<Item = Run> + Clone, grain: u64, random: u64) -> Option<(PhysRange, PlaceCount)> {
    let count = PlaceCount::new(runs.clone().map(|run| run.count).sum());
    let mut index = count.choose(random);
    for Run { first, count: here } in runs {
        if index < here {
            return Some((PhysRange::new(first.start().wrapping_add(index * grain), first.size()), count));
        }
        index -= here;
    }
    None
}
