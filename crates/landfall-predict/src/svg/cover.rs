//! The pieces of a region, and the leaves that map them.

use landfall_paging::{Access, LeafCount, LeafSize};

use crate::space::{Content, Part, Region};

/// Addresses that follow each other. The last region ends at 2^64, which is why these are not
/// `u64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// The first address.
    pub(super) start: u128,
    /// The address behind the last.
    pub(super) end: u128,
}

impl Extent {
    /// `size` bytes from `start` on.
    pub(super) fn new(start: u64, size: u64) -> Self {
        Self { start: start.into(), end: u128::from(start) + u128::from(size) }
    }

    /// Bytes.
    pub(super) fn size(self) -> u128 {
        self.end.saturating_sub(self.start)
    }

    /// Returns the overlap with `other`, if there is one.
    pub(super) fn clip(self, other: Self) -> Option<Self> {
        let shared = Self { start: self.start.max(other.start), end: self.end.min(other.end) };
        (shared.start < shared.end).then_some(shared)
    }

    /// Returns the units of `grain` bytes that lie wholly within, if any.
    fn aligned(self, grain: u128) -> Option<Self> {
        let inner = Self { start: self.start.next_multiple_of(grain), end: self.end / grain * grain };
        (inner.start < inner.end).then_some(inner)
    }
}

/// A mapped part, taken apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mapped<'a> {
    /// Its name.
    pub(super) what: &'a str,
    /// Its first physical address.
    pub(super) physical: u128,
    /// Its permission.
    pub(super) access: Access,
    /// Its leaves.
    pub(super) leaves: &'a LeafCount,
}

/// A piece of a region: a part, or what lies between two of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    /// Its addresses.
    pub(super) extent: Extent,
    /// The part; none for a gap.
    part: Option<&'a Part>,
}

impl<'a> Piece<'a> {
    /// Returns the mapping, if it has one.
    pub(super) fn mapped(&self) -> Option<Mapped<'a>> {
        let part = self.part?;
        let Content::Mapped { what, physical, access, leaves } = &part.content else { return None };
        // A piece may begin later than its part, if another part lies there already.
        let physical = u128::from(*physical) + self.extent.start.saturating_sub(part.start.into());
        Some(Mapped { what, physical, access: *access, leaves })
    }

    /// Its name.
    pub(super) fn name(&self) -> &'a str {
        match self.part.map(|part| &part.content) {
            Some(Content::Mapped { what: name, .. } | Content::Hole { why: name }) => name,
            None => "not mapped",
        }
    }

    /// Returns the leaves that map it, in runs of one size, in ascending order: large ones in the
    /// middle, small ones at its ends.
    pub(super) fn runs(&self) -> Vec<Run> {
        let Some(Mapped { access, physical, leaves, .. }) = self.mapped() else {
            return Vec::new();
        };
        let delta = self.extent.start.abs_diff(physical);
        let mut sizes = LeafSize::ALL.into_iter().filter(|size| leaves[*size] > 0).peekable();
        let (mut front, mut back, mut rest) = (Vec::new(), Vec::new(), self.extent);
        loop {
            let leaf = sizes.next().unwrap_or(LeafSize::ALL[0]);
            let run = |start, end| Run { extent: Extent { start, end }, leaf, access };
            let larger = sizes.peek().map(|size| u128::from(size.bytes()));
            let inner = larger.filter(|grain| delta % grain == 0).and_then(|grain| rest.aligned(grain));
            let Some(inner) = inner else {
                front.push(run(rest.start, rest.end));
                break;
            };
            front.push(run(rest.start, inner.start));
            back.push(run(inner.end, rest.end));
            rest = inner;
        }
        front.extend(back.into_iter().rev());
        front.retain(|run| run.extent.size() > 0);
        front
    }
}

/// Leaves of one size and permission that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// The mapped memory.
    pub(super) extent: Extent,
    /// Their size.
    pub(super) leaf: LeafSize,
    /// Their permission.
    pub(super) access: Access,
}

/// Those of `runs`, which are in ascending order, that share something with `extent`.
pub(super) fn within(runs: &[Run], extent: Extent) -> impl Iterator<Item = &Run> {
    let first = runs.partition_point(|run| run.extent.end <= extent.start);
    runs[first..].iter().take_while(move |run| run.extent.start < extent.end)
}

/// All of a region in ascending order: its parts, and the gaps between and beside them.
pub(super) fn pieces(region: &Region) -> Vec<Piece<'_>> {
    let whole = Extent::new(region.start, region.size);
    let mut pieces = Vec::new();
    let mut rest = whole;
    for part in &region.parts {
        let Some(extent) = Extent::new(part.start, part.size).clip(rest) else { continue };
        pieces.push(Piece { extent: Extent { start: rest.start, end: extent.start }, part: None });
        pieces.push(Piece { extent, part: Some(part) });
        rest.start = extent.end;
    }
    pieces.push(Piece { extent: rest, part: None });
    pieces.retain(|piece| piece.extent.size() > 0);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::svg::samples;

    #[test]
    fn pieces_cover_a_region_without_gaps() {
        for region in samples::all().iter().flat_map(|space| &space.regions) {
            let pieces = pieces(region);
            assert_eq!(pieces.first().expect("a piece").extent.start, u128::from(region.start));
            assert!(pieces.windows(2).all(|two| two[0].extent.end == two[1].extent.start));
            assert_eq!(
                pieces.last().expect("a piece").extent.end,
                Extent::new(region.start, region.size).end
            );
        }
    }

    #[test]
    fn runs_are_the_leaves_that_were_counted() {
        for region in samples::all().iter().flat_map(|space| &space.regions) {
            for piece in pieces(region) {
                let runs = piece.runs();
                let Some(mapped) = piece.mapped() else {
                    assert!(runs.is_empty());
                    continue;
                };
                assert_eq!(runs.iter().map(|run| run.extent.size()).sum::<u128>(), piece.extent.size());
                for leaf in LeafSize::ALL {
                    let bytes: u128 =
                        runs.iter().filter(|run| run.leaf == leaf).map(|run| run.extent.size()).sum();
                    assert_eq!(bytes, u128::from(mapped.leaves[leaf]) * u128::from(leaf.bytes()));
                }
            }
        }
    }
}
