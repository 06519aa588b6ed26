//! Places that stand for all.
//!
//! Between two places with an edge on a border of a block, the cost does not change. An edge on a
//! border cuts nothing, and the part beside it has one whole block more. So no place beside such a
//! place costs less. Two things matter. The set of edges on borders of blocks of 64 KiB and 2 MiB
//! repeats itself every 2 MiB. The set of whole blocks changes only at the ends of free memory and
//! at the borders of large blocks next to them.

use core::ops::ControlFlow;

use landfall_paging::{LeafSize, PhysAddr, PhysRange};

use super::Packing;
use crate::policy::Placement;

/// Edges, counted from the image's start.
#[derive(Clone, Copy, Debug, Default)]
struct Edges {
    list: [u64; 6],
    len: usize,
}

impl Edges {
    fn push(&mut self, edge: u64) {
        let is_new = !self.iter().any(|known| known == edge);
        if let Some(slot) = self.list.get_mut(self.len).filter(|_| is_new) {
            *slot = edge;
            self.len += 1;
        }
    }

    fn iter(self) -> impl Iterator<Item = u64> + Clone {
        self.list.into_iter().take(self.len)
    }
}

type Visit<'a> = &'a mut dyn FnMut(PhysAddr) -> ControlFlow<()>;

/// A search in one stretch of free memory.
struct Search<'a> {
    first: u64,
    last: u64,
    /// Edges that matter to blocks of 2 MiB, and of 64 KiB where there are such.
    edges: Edges,
    fine_edges: Edges,
    visit: Visit<'a>,
}

impl Packing<'_> {
    /// Calls `visit` with the places in `free`.
    pub(super) fn candidates(&self, free: PhysRange, visit: Visit<'_>) -> ControlFlow<()> {
        let has_napot = self.blocks.iter().any(|(size, _)| size == LeafSize::K64);
        let mut search = Search {
            first: free.start().get(),
            last: free.end().get() - self.image().size(),
            edges: self.edges_of(LeafSize::M2),
            fine_edges: if has_napot { self.edges_of(LeafSize::K64) } else { Edges::default() },
            visit,
        };
        search.around(search.first)?;
        for (size, _) in self.blocks.iter() {
            let bytes = size.bytes();
            let above = free.start().get().next_multiple_of(bytes);
            let below = free.end().get() & !(bytes - 1);
            let borders = [above, below, above + bytes, below.saturating_sub(bytes)];
            // Of small blocks one is as good as the next.
            let count = if bytes > LeafSize::M2.bytes() { 4 } else { 2 };
            for border in borders.into_iter().take(count) {
                for edge in self.edges_of(size).iter() {
                    search.around(border.wrapping_sub(edge))?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// The edges that matter to blocks of a size: those in the linear map, and those of parts that
    /// can hold such a block.
    fn edges_of(&self, size: LeafSize) -> Edges {
        let mut edges = Edges::default();
        self.edges().into_iter().for_each(|edge| edges.push(edge));
        if self.placement == Placement::LinearMap {
            return edges;
        }
        for (start, end) in self.parts() {
            if end - start >= size.bytes() {
                edges.push(start);
                edges.push(end);
            }
        }
        // The hole before the data saves a table for each block of 2 MiB in it. (The end
        // of the kernel needs no candidate: just before it, all is alike.)
        if size == LeafSize::M2 && self.image().early >= size.bytes() {
            edges.push(self.read_only() + self.image().early);
        }
        edges
    }
}

impl Search<'_> {
    /// The place itself, and the next places at which an edge lies on a border of a block of 2 MiB
    /// or 64 KiB.
    fn around(&mut self, place: u64) -> ControlFlow<()> {
        if place < self.first || place > self.last {
            return ControlFlow::Continue(());
        }
        self.finer(place)?;
        for edge in self.edges.iter() {
            self.finer(next_border(place, edge, LeafSize::M2))?;
        }
        ControlFlow::Continue(())
    }

    fn finer(&mut self, place: u64) -> ControlFlow<()> {
        self.visit(place)?;
        for edge in self.fine_edges.iter() {
            self.visit(next_border(place, edge, LeafSize::K64))?;
        }
        ControlFlow::Continue(())
    }

    fn visit(&mut self, place: u64) -> ControlFlow<()> {
        if place > self.last { ControlFlow::Continue(()) } else { (self.visit)(PhysAddr::new(place)) }
    }
}

/// The first place from `place` on at which what lies `edge` bytes behind it is on a border of a
/// block.
const fn next_border(place: u64, edge: u64, block: LeafSize) -> u64 {
    let mask = block.bytes() - 1;
    ((place + edge + mask) & !mask) - edge
}
