//! Packing: the place in physical memory at which the image costs the fewest leaves, then the
//! fewest table pages.
//!
//! Memory that is mapped alike takes one leaf for each block that a larger leaf could map.
//! Splitting a block of 2 MiB, 1 GiB, ... costs 511 leaves and one table. So the leaves of all
//! tables are the mapped pages, minus 511 for each whole block. A block is whole if it is aligned
//! and mapped throughout, with one permission. (With Svnapot: 15 for each block of 64 KiB, 31 for
//! each of 2 MiB.) The number of pages does not depend on the place. Two sets do: the blocks that
//! the image's edges cut in the linear map, and the whole blocks within its parts.
//!
//! Both change only when an edge passes the border of a block. The cost is lowest with the edge on
//! the border (module `candidates`). `tests/host/pack.rs` compares with a search
//! over all places.

mod blocks;
mod candidates;

use core::cmp::Ordering;
use core::ops::ControlFlow;

use landfall_paging::{LeafFormat, LeafSize, Mode, PhysAddr, PhysRange, VirtAddr};

use blocks::{Blocks, whole_blocks};

use crate::facts::{Facts, ImageFacts};
use crate::harts::HartIndex;
use crate::policy::{Alias, Placement, Policy};
use crate::ram_ranges::{RamRanges, Taken, targets};
use crate::stacks::Stacks;

/// The cost of a place, compared with one that cuts nothing and has no large leaf in the kernel's
/// own mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cost {
    leaves: i64,
    tables: i64,
}

/// The choices that no place of the image in physical memory changes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fixed {
    pub(crate) mode: Mode,
    pub(crate) format: LeafFormat,
    /// The linear map's.
    pub(crate) offset: u64,
    /// The image's first virtual address, but for its place within `grain`.
    pub(crate) kernel: VirtAddr,
    pub(crate) grain: u64,
    pub(crate) stacks: Stacks,
}

/// The data for comparing places.
#[derive(Clone, Debug)]
pub(crate) struct Packing<'a> {
    facts: &'a Facts,
    placement: Placement,
    alias: Alias,
    /// The linear map's.
    offset: u64,
    /// Which blocks there are, ascending.
    blocks: Blocks,
    /// Levels of tables.
    levels: usize,
    /// The start of the image in its own region, without its offset within `grain`.
    kernel: VirtAddr,
    grain: u64,
    stacks: Stacks,
}

/// A run of memory that the linear map holds.
#[derive(Clone, Copy, Debug)]
struct Run {
    range: PhysRange,
    /// The end of the run before; 0 without one.
    below: u64,
}

impl Run {
    /// The one that holds `range`.
    fn of(facts: &Facts, reach: PhysRange, range: PhysRange) -> Option<Self> {
        let mut below = 0;
        for run in RamRanges::mappable(facts, reach.end()) {
            if run.contains(range) {
                return Some(Self { range: run, below });
            }
            below = run.end().get();
        }
        None
    }
}

impl<'a> Packing<'a> {
    pub(crate) fn new(facts: &'a Facts, policy: &Policy, fixed: Fixed) -> Self {
        let Fixed { mode, format, offset, kernel, grain, stacks } = fixed;
        let blocks = Blocks::new(mode, format, offset);
        let (placement, alias, levels) = (policy.placement, policy.alias, mode.levels());
        Self { facts, placement, alias, offset, blocks, levels, kernel, grain, stacks }
    }

    /// The best place, where it needs fewer leaves than the present one.
    pub(crate) fn best(&self, reach: PhysRange) -> Option<PhysAddr> {
        let (facts, base) = (self.facts, self.facts.loaded);
        let now = Run::of(facts, reach, facts.loaded_image().all()).map(|run| self.cost(run, base));
        let mut best: Option<(Cost, PhysAddr)> = None;
        let bound = self.bound();
        let taken = Taken::new(facts, [PhysRange::EMPTY; 3]);
        for free in targets(facts, reach, &taken) {
            let Some(run) = Run::of(facts, reach, free) else { continue };
            let done = self.candidates(free, &mut |place| {
                let cost = self.cost(run, place);
                if best.is_none_or(|(least, _)| cost < least) {
                    best = Some((cost, place));
                }
                if cost <= bound { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            if done.is_break() {
                break;
            }
        }
        let (cost, place) = best?;
        match now.map_or(Ordering::Less, |now| cost.leaves.cmp(&now.leaves)) {
            Ordering::Less => Some(place),
            Ordering::Equal | Ordering::Greater => None,
        }
    }

    const fn image(&self) -> ImageFacts {
        self.facts.image
    }

    /// Bytes of code and constants.
    const fn read_only(&self) -> u64 {
        self.facts.image.text + self.facts.image.constants
    }

    /// The parts of the kernel's own mapping, from the image's start, with their ends.
    fn parts(&self) -> [(u64, u64); 3] {
        let ImageFacts { text, constants, early, data, .. } = self.image();
        let read_only = text + constants;
        [(0, text), (text, read_only), (read_only + early, read_only + early + data)]
    }

    /// The offsets from the image's start at which the linear map changes.
    fn edges(&self) -> [u64; 3] {
        let ImageFacts { text, constants, .. } = self.image();
        match self.placement {
            Placement::OwnRegion => [0, 0, text + constants],
            Placement::LinearMap => [0, text, text + constants],
        }
    }

    fn cost(&self, run: Run, base: PhysAddr) -> Cost {
        let mut cost = self.cut(run.range, base);
        if self.placement == Placement::LinearMap {
            return cost;
        }
        cost.tables += self.kernel_tables(base);
        for (start, end) in self.parts() {
            for (size, saved) in self.blocks_of_kernel() {
                let whole = whole_blocks(base.get() + start, base.get() + end, size);
                cost.leaves -= whole * saved;
                cost.tables -= if size == LeafSize::K64 { 0 } else { whole };
            }
        }
        if self.alias == Alias::Absent {
            let hidden = PhysRange::new(base, self.read_only());
            cost.tables -= self.emptied(run, hidden);
            for (size, saved) in self.blocks.iter() {
                cost.leaves += whole_blocks(hidden.start().get(), hidden.end().get(), size) * saved;
            }
        }
        cost
    }

    /// Those that the kernel's own mapping can have.
    fn blocks_of_kernel(&self) -> impl Iterator<Item = (LeafSize, i64)> + Clone {
        self.blocks.iter().filter(|(size, _)| size.bytes() <= self.grain)
    }

    /// Returns the cost of the image's edges in the linear map: each whole block that is cut, once.
    fn cut(&self, run: PhysRange, base: PhysAddr) -> Cost {
        let mut cost = Cost { leaves: 0, tables: 0 };
        for (size, saved) in self.blocks.iter() {
            let bytes = size.bytes();
            let mut last_cut = None;
            for edge in self.edges() {
                let edge = base.get() + edge;
                let block = edge & !(bytes - 1);
                let whole = block >= run.start().get() && run.end().get() - block >= bytes;
                if whole && edge != block && last_cut != Some(block) {
                    cost.leaves += saved;
                    cost.tables += i64::from(size != LeafSize::K64);
                    last_cut = Some(block);
                }
            }
        }
        cost
    }

    /// Tables of the linear map that have nothing left where it hides the image's read-only part:
    /// those that served just the start of a run. (Behind it there is always more of the image.)
    fn emptied(&self, run: Run, hidden: PhysRange) -> i64 {
        if hidden.start() != run.range.start() {
            return 0;
        }
        let spans = LeafSize::BY_LEVEL.iter().skip(1).take(self.levels - 1);
        let empty = spans.filter(|span| {
            let table = |phys: u64| phys.wrapping_add(self.offset) >> span.bytes().trailing_zeros();
            let start = run.range.start().get();
            let was_whole = start.wrapping_add(self.offset) & (span.bytes() - 1) == 0;
            let shared = run.below != 0 && table(run.below - 1) == table(start);
            !was_whole && !shared && table(hidden.end().get()) != table(start)
        });
        i64::try_from(empty.count()).unwrap_or(0)
    }

    /// Tables below the root that image and stacks take in their own regions, if none of their
    /// blocks were one leaf.
    fn kernel_tables(&self, base: PhysAddr) -> i64 {
        let start = self.kernel.wrapping_add(base.get() & (self.grain - 1));
        let read_only_end = start.wrapping_add(self.image().text + self.image().constants);
        let data = read_only_end.wrapping_add(self.image().early);
        let end = if self.image().data == 0 { read_only_end } else { data.wrapping_add(self.image().data) };
        let mut tables = 0;
        for size in LeafSize::BY_LEVEL.iter().skip(1).take(self.levels - 1) {
            let image = Indices::of(*size, start, end);
            // Blocks that lie as a whole in the hole before the data have no table.
            let hollow = match self.image().data {
                0 => 0,
                _ => {
                    index(*size, data).saturating_sub(index(*size, read_only_end.wrapping_add(u64::MAX)) + 1)
                }
            };
            let stacks = self.stack_indices(*size);
            tables += image.count() - signed(hollow) + stacks.count() - i64::from(image.meet(stacks));
        }
        tables
    }

    fn stack_indices(&self, size: LeafSize) -> Indices {
        Indices::of(size, self.stacks.bottom(HartIndex::BOOT), self.stacks.range().end())
    }

    /// No place costs less.
    fn bound(&self) -> Cost {
        let mut bound = Cost { leaves: 0, tables: 0 };
        if self.placement == Placement::LinearMap {
            return bound;
        }
        let whole =
            |size: LeafSize| self.parts().map(|(start, end)| (end - start) / size.bytes()).iter().sum();
        for (size, saved) in self.blocks_of_kernel() {
            bound.leaves -= signed(whole(size)) * saved;
        }
        let (hole, end) = match self.image().data {
            0 => (0, self.read_only()),
            _ => (self.image().early, self.image().size()),
        };
        for size in LeafSize::BY_LEVEL.iter().skip(1).take(self.levels - 1) {
            let all = end.div_ceil(size.bytes());
            let leaves = if size.bytes() <= self.grain { whole(*size) } else { 0 };
            bound.tables += signed(all) - signed(hole / size.bytes()) - signed(leaves);
            let image =
                Indices::of(*size, self.kernel, self.kernel.wrapping_add(self.grain + self.image().size()));
            let stacks = self.stack_indices(*size);
            bound.tables += stacks.count() - i64::from(image.meet(stacks));
            bound.tables -= i64::from(self.alias == Alias::Absent);
        }
        bound
    }
}

/// The blocks of one size that something lies in, by their numbers.
#[derive(Clone, Copy, Debug)]
struct Indices {
    first: u64,
    last: u64,
}

impl Indices {
    fn of(size: LeafSize, start: VirtAddr, end: VirtAddr) -> Self {
        Self { first: index(size, start), last: index(size, end.wrapping_add(u64::MAX)) }
    }

    fn count(self) -> i64 {
        signed(self.last - self.first + 1)
    }

    /// Returns true if the two share a block: one at most, since neither reaches into the other.
    fn meet(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

const fn index(size: LeafSize, address: VirtAddr) -> u64 {
    address.get() >> size.bytes().trailing_zeros()
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX >> 16)
}
