//! The place with the fewest leaves, for an image that requests it: the leaves of other places are
//! counted one by one.

use crate::model::Spans;

use super::{Expected, LARGE_PAGE, PAGE, Seen, leaves, spans};
use crate::image::Use;
use crate::intervals::{Interval, without};
use crate::policy::Placement;

/// Places drawn besides those at borders.
const DRAWN: u64 = 60;

impl Expected {
    /// Leaves that linear map and kernel would take, were the image at `base`. Those of the stacks
    /// are the same everywhere.
    fn leaves_at(&self, seen: &Seen<'_>, base: u64) -> usize {
        let moved = Seen { base, ..*seen };
        let mut all = spans::linear_map(&moved, &self.mapped, self.offset);
        if seen.policy.placement == Placement::OwnRegion {
            let kernel = self.kernel / LARGE_PAGE * LARGE_PAGE + base % LARGE_PAGE;
            all.extend(spans::kernel_image(seen.image, base, kernel));
        }
        let sizes = leaves::Sizes::of(seen.tables.root);
        Spans::of(all)
            .map_or(usize::MAX, |spans| spans.as_slice().iter().map(|span| sizes.fewest(*span).len()).sum())
    }

    /// Checks that no other place in free memory needs fewer leaves, and that an image moved from
    /// `loaded` needs fewer than there.
    pub fn check_packing(
        &self,
        seen: &Seen<'_>,
        loaded: u64,
        below: &mut dyn FnMut(u64) -> u64,
    ) -> Vec<String> {
        let size = seen.image.size;
        let here = self.leaves_at(seen, seen.base);
        let before = self.leaves_at(seen, loaded);
        let mut findings = Vec::new();
        if seen.base != loaded && here >= before {
            findings.push(format!("the image was moved for {here} leaves, and had {before} where it was"));
        }
        let better = self.places(seen, below).into_iter().find(|place| self.leaves_at(seen, *place) < here);
        findings.extend(better.map(|place| {
            format!("at {place:#x} the image of {size:#x} bytes would take fewer leaves than {here}")
        }));
        findings
    }

    /// Places to compare: near the ends of free memory, with an edge of the image on a border of
    /// large pages, and any.
    fn places(&self, seen: &Seen<'_>, below: &mut dyn FnMut(u64) -> u64) -> Vec<u64> {
        let Seen { image, tree, .. } = *seen;
        let own_tree = Interval::new(seen.tree_at, tree.size).pages_touched();
        let free = without(&self.mapped, &[&tree.reserved[..], &[own_tree]].concat());
        let data = image.segments.iter().find(|segment| segment.use_for == Use::Data);
        let edges = [0, image.read_only(), data.map_or(0, |data| data.offset), image.size];
        let mut places = Vec::new();
        for range in free.iter().filter(|range| range.size() >= image.size) {
            let (first, last) = (range.start, range.end - image.size);
            let borders = [first, last].map(|end| end.next_multiple_of(LARGE_PAGE));
            let at_borders =
                borders.into_iter().flat_map(|border| edges.map(|edge| border.wrapping_sub(edge)));
            let drawn = (0..DRAWN).map(|_| first + below((last - first) / PAGE + 1) * PAGE);
            let ends = [first, first + PAGE, last];
            let all = ends.into_iter().chain(at_borders).chain(drawn);
            places.extend(all.filter(|place| (first..=last).contains(place)));
        }
        places
    }
}
