//! Lists of physical ranges, as the traits want them: arrays that stay where they are.

use axplat::mem::RawRange;
use landfall::address::PhysRange;

/// Ranges in ascending order that do not overlap.
#[derive(Clone, Debug)]
pub(crate) struct Regions<const N: usize> {
    ranges: [RawRange; N],
    len: usize,
}

impl<const N: usize> Regions<N> {
    /// None.
    pub(crate) const EMPTY: Self = Self { ranges: [(0, 0); N], len: 0 };

    /// All of them.
    pub(crate) fn as_slice(&self) -> &[RawRange] {
        self.ranges.get(..self.len).unwrap_or_default()
    }

    /// The same, typed.
    #[cfg(feature = "preview")]
    pub(crate) fn ranges(&self) -> impl Iterator<Item = PhysRange> {
        let typed = |(start, size): &RawRange| {
            PhysRange::new(landfall::address::PhysAddr::new(*start as u64), *size as u64)
        };
        self.as_slice().iter().map(typed)
    }

    /// Adds a range that lies behind all others. Returns `false` if it has no room
    /// and was left out.
    pub(crate) fn push(&mut self, range: PhysRange) -> Option<PhysRange> {
        let (Some(slot), Some(raw)) = (self.ranges.get_mut(self.len), raw(range)) else { return Some(range) };
        if !range.is_empty() {
            *slot = raw;
            self.len += 1;
        }
        None
    }
}

/// The range in the traits' words; `None` where their integers are too small.
pub(crate) fn raw(range: PhysRange) -> Option<RawRange> {
    Some((usize::try_from(range.start().get()).ok()?, usize::try_from(range.size()).ok()?))
}

/// Returns the parts of `whole` that lie in none of `holes`, which ascend.
pub(crate) fn without(
    whole: PhysRange,
    holes: impl Iterator<Item = PhysRange>,
    mut take: impl FnMut(PhysRange),
) {
    let mut at = whole.start();
    for hole in holes.filter(|hole| hole.overlaps(whole)) {
        let piece = PhysRange::between(at, hole.start());
        if !piece.is_empty() {
            take(piece);
        }
        at = at.max(hole.end());
    }
    let rest = PhysRange::between(at, whole.end());
    if !rest.is_empty() {
        take(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use landfall::address::PhysAddr;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn range(start: u64, end: u64) -> PhysRange {
        PhysRange::between(PhysAddr::new(start), PhysAddr::new(end))
    }

    proptest! {
        #[test]
        fn what_is_left_is_in_the_whole_and_in_no_hole(
            whole in (0..100_u64, 0..100_u64),
            cuts in prop::collection::btree_set(0..120_u64, 0..20),
        ) {
            let whole = range(whole.0.min(whole.1), whole.0.max(whole.1));
            let cuts: Vec<_> = cuts.into_iter().collect();
            let holes: Vec<_> = cuts.as_chunks::<2>().0.iter().map(|[start, end]| range(*start, *end)).collect();
            let bytes = |range: PhysRange| range.start().get()..range.end().get();
            let mut left = BTreeSet::new();
            without(whole, holes.iter().copied(), |piece| left.extend(bytes(piece)));
            let mut expected: BTreeSet<_> = bytes(whole).collect();
            holes.iter().flat_map(|hole| bytes(*hole)).for_each(|byte| {
                expected.remove(&byte);
            });
            prop_assert_eq!(left, expected);
        }
    }

    #[test]
    fn a_range_without_room_comes_back() {
        let mut regions = Regions::<2>::EMPTY;
        let ranges = [range(0, 1), range(2, 4), range(6, 7)];
        assert_eq!(ranges.map(|range| regions.push(range)), [None, None, Some(range(6, 7))]);
        assert_eq!(regions.as_slice(), [(0, 1), (2, 2)]);
    }
}
