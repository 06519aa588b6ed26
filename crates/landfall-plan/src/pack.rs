//! Packing: the place in physical memory at which the image costs the fewest leaves, then the fewest table pages.
//!
//! Memory that is mapped alike takes one leaf for each block that a larger leaf could map, and splitting a block of 2 MiB, 1 GiB,
//! ... costs 511 leaves and one table. So the leaves of all tables are the pages mapped, less 511 for each block that is
//! whole: aligned, mapped throughout, with one permission. (With Svnapot: 15 for each block of 64 KiB, 31 for each of 2 MiB.) The number of pages does
//! not depend on the place. What does is which blocks the image's edges cut in the linear map, and which blocks are whole within its parts.
//!
//! Both change only where an edge passes the border of a block. So a few places stand for all: those at which an edge lies on a border or a
//! page behind it, near the ends of free memory and near the borders of the large blocks there. `tests/host/pack.rs` compares with a search over all places.

use core::cmp::Ordering;
use core::ops::ControlFlow;

use landfall_paging::{LeafFormat, LeafSize, Mode, PAGE_SIZE, PhysAddr, VirtAddr};

use crate::facts::{Facts, ImageFacts};
use crate::memory::Stretches;
use crate::physical::targets;
use crate::policy::Placement;
use crate::range::Range;
use crate::stacks::Stacks;

/// What a place costs, compared with one that cuts nothing and has no large leaf in the kernel's own mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cost {
    leaves: i64,
    tables: i64,
}

/// How to compare places.
#[derive(Clone, Debug)]
pub(crate) struct Packing<'a> {
    image: &'a ImageFacts,
    placement: Placement,
    /// Which blocks there are, ascending.
    blocks: Blocks,
    /// Levels of tables.
    levels: usize,
    /// Where the kernel's own mapping begins, but for the image's place within `grain`.
    kernel: VirtAddr,
    grain: u64,
    stacks: Stacks,
}

/// The sizes of blocks, and what a whole one saves.
#[derive(Clone, Copy, Debug)]
struct Blocks {
    sizes: [(LeafSize, i64); 5],
    len: usize,
}

impl Blocks {
    /// `offset` is the linear map's: a block is one leaf only where the offset is a multiple of its size.
    fn new(mode: Mode, format: LeafFormat, offset: u64) -> Self {
        let mut blocks = Self { sizes: [(LeafSize::K64, 15); 5], len: 0 };
        let napot = format == LeafFormat::Napot;
        let sizes = LeafSize::ALL.into_iter().filter(|size| match size {
            LeafSize::K4 => false,
            LeafSize::K64 => napot,
            _ => size.level() < mode.levels() && offset & (size.bytes() - 1) == 0,
        });
        for (slot, size) in blocks.sizes.iter_mut().zip(sizes) {
            let saved = match size {
                LeafSize::K64 => 15,
                LeafSize::M2 if napot => 31,
                _ => 511,
            };
            *slot = (size, saved);
            blocks.len += 1;
        }
        blocks
    }

    fn iter(&self) -> impl Iterator<Item = (LeafSize, i64)> + Clone {
        self.sizes.into_iter().take(self.len)
    }
}

impl<'a> Packing<'a> {
    pub(crate) fn new(
        image: &'a ImageFacts,
        placement: Placement,
        (mode, format, offset): (Mode, LeafFormat, u64),
        (kernel, grain, stacks): (VirtAddr, u64, Stacks),
    ) -> Self {
        let blocks = Blocks::new(mode, format, offset);
        Self { image, placement, blocks, levels: mode.levels(), kernel, grain, stacks }
    }

    /// The best place, where it needs fewer leaves than the present one.
    pub(crate) fn best(&self, facts: &Facts, reach: Range) -> Option<PhysAddr> {
        let base = self.image.base;
        let now = Stretches::mappable(facts, reach.end()).find(|run| run.contains(self.image.range()));
        let now = now.map(|run| self.cost(run, base));
        let mut best: Option<(Cost, PhysAddr)> = None;
        let bound = self.bound();
        for free in targets(facts, reach) {
            let run = Stretches::mappable(facts, reach.end()).find(|run| run.contains(free));
            let Some(run) = run else { continue };
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

    /// The parts of the kernel's own mapping, from the image's start, with their ends.
    fn parts(&self) -> [(u64, u64); 3] {
        let ImageFacts { text, constants, early, data, .. } = *self.image;
        let read_only = text + constants;
        [(0, text), (text, read_only), (read_only + early, read_only + early + data)]
    }

    /// Where the linear map changes, from the image's start.
    fn edges(&self) -> [u64; 3] {
        let ImageFacts { text, constants, .. } = *self.image;
        match self.placement {
            Placement::OwnRegion => [0, 0, text + constants],
            Placement::LinearMap => [0, text, text + constants],
        }
    }

    fn cost(&self, run: Range, base: PhysAddr) -> Cost {
        let (leaves, tables) = self.cut(run, base);
        if self.placement == Placement::LinearMap {
            return Cost { leaves, tables };
        }
        let mut cost = Cost { leaves, tables: tables + self.kernel_tables(base) };
        for (start, end) in self.parts() {
            for (size, saved) in self.blocks.iter().filter(|(size, _)| size.bytes() <= self.grain) {
                let shift = size.bytes().trailing_zeros();
                let first = (base.get() + start).div_ceil(size.bytes());
                let whole = ((base.get() + end) >> shift).saturating_sub(first);
                let whole = i64::try_from(whole).unwrap_or(i64::MAX >> 16);
                cost.leaves -= whole * saved;
                cost.tables -= if size == LeafSize::K64 { 0 } else { whole };
            }
        }
        cost
    }

    /// What the image's edges cost in the linear map: each block that was whole and is cut, once.
    fn cut(&self, run: Range, base: PhysAddr) -> (i64, i64) {
        let (mut leaves, mut tables) = (0, 0);
        for (size, saved) in self.blocks.iter() {
            let bytes = size.bytes();
            let mut last = u64::MAX;
            for edge in self.edges() {
                let edge = base.get() + edge;
                let block = edge & !(bytes - 1);
                let whole = block >= run.start().get() && run.end().get() - block >= bytes;
                // An edge on a block's border cuts nothing, and the next edge may cut that block.
                if edge == block {
                    continue;
                }
                if block != last && whole {
                    leaves += saved;
                    tables += i64::from(size != LeafSize::K64);
                }
                last = block;
            }
        }
        (leaves, tables)
    }

    /// Tables below the root that the kernel's own mapping takes, if none of its blocks were one leaf.
    fn kernel_tables(&self, base: PhysAddr) -> i64 {
        let start = self.kernel.add(base.get() & (self.grain - 1));
        let stacks = Stacks { virt: start.add(self.image.size()), ..self.stacks };
        let read_only_end = start.add(self.image.text + self.image.constants);
        let data = match self.image.data {
            0 => stacks.bottom(0),
            _ => read_only_end.add(self.image.early),
        };
        let end = stacks.top(stacks.count - 1);
        let mut tables = 0;
        for size in LeafSize::BY_LEVEL.iter().skip(1).take(self.levels - 1) {
            let index = |address: VirtAddr| address.get() >> size.bytes().trailing_zeros();
            let last = |end: VirtAddr| index(end.add(u64::MAX));
            let all = last(end) - index(start) + 1;
            // Blocks that lie as a whole in the hole before the data have no table.
            let hollow = index(data).saturating_sub(last(read_only_end) + 1);
            tables += i64::try_from(all - hollow).unwrap_or(i64::MAX >> 8);
        }
        tables
    }

    /// No place costs less.
    fn bound(&self) -> Cost {
        let mut bound = Cost { leaves: 0, tables: i64::MIN };
        if self.placement == Placement::LinearMap {
            return Cost { leaves: 0, tables: 0 };
        }
        for (start, end) in self.parts() {
            for (size, saved) in self.blocks.iter().filter(|(size, _)| size.bytes() <= self.grain) {
                bound.leaves -= i64::try_from((end - start) / size.bytes()).unwrap_or(0) * saved;
            }
        }
        // A kernel smaller than a block lies in one table at each level, at best.
        let stacks = Stacks { virt: VirtAddr::new(self.image.size()), ..self.stacks };
        if stacks.top(stacks.count - 1).get() <= LeafSize::M2.bytes() {
            bound.tables = i64::try_from(self.levels - 1).unwrap_or(0);
        }
        bound
    }

    /// Calls `visit` with places in `free` that stand for all of them.
    fn candidates(&self, free: Range, visit: &mut dyn FnMut(PhysAddr) -> ControlFlow<()>) -> ControlFlow<()> {
        let last = free.end().get() - self.image.size();
        let mut visit = |place: u64| {
            if place < free.start().get() || place > last {
                return ControlFlow::Continue(());
            }
            visit(PhysAddr::new(place))
        };
        self.refine(free.start().get(), &mut visit)?;
        for (size, _) in self.blocks.iter().filter(|(size, _)| *size != LeafSize::K64) {
            let bytes = size.bytes();
            let above = free.start().get().next_multiple_of(bytes);
            let below = free.end().get() & !(bytes - 1);
            for border in [above, above + bytes, below, below.saturating_sub(bytes)] {
                for edge in self.offsets() {
                    let place = border.saturating_sub(edge).max(free.start().get());
                    self.refine(place, &mut visit)?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// All edges that matter, from the image's start.
    fn offsets(&self) -> [u64; 6] {
        let [(_, text), (_, read_only), (data, end)] = self.parts();
        let stacks = Stacks { virt: VirtAddr::new(end), ..self.stacks };
        [0, text, read_only, data, end, stacks.top(stacks.count - 1).get()]
    }

    /// The place itself, and the next places at which an edge lies on a border of a block of 2 MiB or 64 KiB.
    fn refine(&self, place: u64, visit: &mut dyn FnMut(u64) -> ControlFlow<()>) -> ControlFlow<()> {
        self.visit_finer(place, visit)?;
        for edge in self.offsets() {
            self.visit_finer(next_border(place, edge, LeafSize::M2), visit)?;
        }
        ControlFlow::Continue(())
    }

    /// The place, the page behind it, and with Svnapot the next borders of blocks of 64 KiB.
    fn visit_finer(&self, place: u64, visit: &mut dyn FnMut(u64) -> ControlFlow<()>) -> ControlFlow<()> {
        visit(place)?;
        visit(place + PAGE_SIZE)?;
        if self.blocks.iter().any(|(size, _)| size == LeafSize::K64) {
            for edge in self.offsets() {
                let next = next_border(place, edge, LeafSize::K64);
                visit(next)?;
                visit(next + PAGE_SIZE)?;
            }
        }
        ControlFlow::Continue(())
    }
}

/// The first place from `place` on at which what lies `edge` bytes behind it is on a border of a block.
const fn next_border(place: u64, edge: u64, block: LeafSize) -> u64 {
    let mask = block.bytes() - 1;
    ((place + edge + mask) & !mask) - edge
}
