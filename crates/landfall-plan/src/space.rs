//! Virtual addresses that nobody has claimed, and the places that something may have in them.

use landfall_paging::{Mode, VirtAddr};

use crate::layout::{GUARD, VirtRange};
use crate::policy::MAX_WINDOWS;
use crate::randomness::Whole;

/// Each claim makes one stretch more of free addresses: the windows, the linear map and the kernel's window.
const MAX_STRETCHES: usize = MAX_WINDOWS + 3;

/// Addresses from `start` up to `end`, counted from the first address of the upper half: so none overflows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Stretch {
    start: u64,
    end: u64,
}

impl Stretch {
    const fn size(self) -> u64 {
        self.end.saturating_sub(self.start)
    }
}

/// The free addresses of a mode's upper half, in ascending order.
#[derive(Clone, Debug)]
pub(crate) struct Space {
    half: VirtAddr,
    free: [Stretch; MAX_STRETCHES],
    len: usize,
}

impl Space {
    /// All of the upper half but its last 2 MiB.
    pub(crate) fn new(mode: Mode) -> Self {
        let mut free = [Stretch::default(); MAX_STRETCHES];
        free[0].end = mode.half_size() - GUARD;
        Self { half: mode.upper_half(), free, len: 1 }
    }

    fn stretch(&self, range: VirtRange) -> Stretch {
        let start = range.start.since(self.half);
        Stretch { start, end: start.saturating_add(range.size) }
    }

    fn range(&self, stretch: Stretch) -> VirtRange {
        VirtRange { start: self.half.add(stretch.start), size: stretch.size() }
    }

    fn stretches(&self) -> impl Iterator<Item = Stretch> + Clone {
        self.free.iter().copied().take(self.len)
    }

    /// Whether all of `range` is free.
    pub(crate) fn holds(&self, range: VirtRange) -> bool {
        let wanted = self.stretch(range);
        self.stretches().any(|free| free.start <= wanted.start && wanted.end <= free.end)
    }

    /// The free addresses from `start` on that follow each other.
    pub(crate) fn from(&self, start: VirtAddr) -> VirtRange {
        let at = start.since(self.half);
        let free = self.stretches().find(|free| free.start <= at && at < free.end);
        self.range(Stretch { start: at, end: free.map_or(at, |free| free.end) })
    }

    /// Takes `range` away, and [`GUARD`] bytes on either side.
    pub(crate) fn claim(&mut self, range: VirtRange) {
        let Stretch { start, end } = self.stretch(range);
        let taken = Stretch { start: start.saturating_sub(GUARD), end: end.saturating_add(GUARD) };
        let before = self.clone();
        self.len = 0;
        for free in before.stretches() {
            self.push(Stretch { start: free.start, end: free.end.min(taken.start) });
            self.push(Stretch { start: free.start.max(taken.end), end: free.end });
        }
    }

    fn push(&mut self, stretch: Stretch) {
        if let Some(slot) = self.free.get_mut(self.len).filter(|_| stretch.size() != 0) {
            *slot = stretch;
            self.len += 1;
        }
    }

    /// Only what lies in `range`.
    pub(crate) fn within(&self, range: VirtRange) -> Self {
        let limit = self.stretch(range);
        let mut within = Self { len: 0, ..self.clone() };
        for free in self.stretches() {
            within.push(Stretch { start: free.start.max(limit.start), end: free.end.min(limit.end) });
        }
        within
    }

    /// The largest stretch of free addresses; the lowest of several.
    pub(crate) fn largest(&self) -> VirtRange {
        let largest = self
            .stretches()
            .fold(Stretch::default(), |best, free| if free.size() > best.size() { free } else { best });
        self.range(largest)
    }

    /// Where in `home` something can lie, so that `spare` bytes in one piece stay free, wherever.
    pub(crate) fn places(&self, home: VirtRange, shape: Shape, spare: u64) -> Places {
        let mut places = Places { half: self.half, shape, runs: [Run::default(); 2 * MAX_STRETCHES], len: 0 };
        let home = self.stretch(home);
        for (index, free) in self.stretches().enumerate() {
            let first = free.start.max(home.start);
            let Some(last) = free.end.min(home.end).checked_sub(shape.size) else { continue };
            let other = self.stretches().enumerate().any(|(at, other)| at != index && other.size() >= spare);
            if spare == 0 || other {
                places.push(first, last);
                continue;
            }
            // The spare bytes are above what lies here, or below, or there is a place for either.
            let spare = spare.saturating_add(GUARD);
            let spare_above = free.end.checked_sub(shape.size).and_then(|end| end.checked_sub(spare));
            let spare_below = free.start.saturating_add(spare);
            match spare_above {
                Some(highest) if spare_below <= highest => places.push(first, last),
                _ => {
                    if let Some(highest) = spare_above {
                        places.push(first, last.min(highest));
                    }
                    places.push(first.max(spare_below), last);
                }
            }
        }
        places
    }
}

/// What looks for a place: `size` bytes that begin `lead` bytes behind a multiple of `grain`, the place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) lead: u64,
    pub(crate) size: u64,
    pub(crate) grain: u64,
}

/// `count` places from `first` on.
#[derive(Clone, Copy, Debug, Default)]
struct Run {
    first: u64,
    count: u64,
}

/// Places that are equally good.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    half: VirtAddr,
    shape: Shape,
    runs: [Run; 2 * MAX_STRETCHES],
    len: usize,
}

impl Places {
    /// The places where the bytes begin at an address from `first` to `last`.
    fn push(&mut self, first: u64, last: u64) {
        let Shape { lead, grain, .. } = self.shape;
        let (first, Some(last)) = (first.saturating_sub(lead), last.checked_sub(lead)) else { return };
        if first > last {
            return;
        }
        let first = (first + (grain - 1)) & !(grain - 1);
        if first > last {
            return;
        }
        if let Some(slot) = self.runs.get_mut(self.len) {
            *slot = Run { first, count: ((last - first) >> grain.trailing_zeros()) + 1 };
            self.len += 1;
        }
    }

    fn runs(&self) -> impl DoubleEndedIterator<Item = Run> + '_ {
        self.runs.iter().copied().take(self.len)
    }

    fn place(&self, run: Run, index: u64) -> VirtAddr {
        self.half.add(run.first + index * self.shape.grain)
    }

    /// How many; `None` where there is none.
    pub(crate) fn count(&self) -> Option<Whole> {
        let count = self.runs().map(|run| run.count).sum();
        (count != 0).then_some(Whole::new(count))
    }

    /// Place number `index`, counted from the lowest.
    pub(crate) fn get(&self, mut index: u64) -> Option<VirtAddr> {
        for run in self.runs() {
            if index < run.count {
                return Some(self.place(run, index));
            }
            index -= run.count;
        }
        None
    }

    /// The last one.
    pub(crate) fn highest(&self) -> Option<VirtAddr> {
        self.runs().next_back().map(|run| self.place(run, run.count - 1))
    }

    /// Whether `place` is one of them.
    pub(crate) fn hold(&self, place: VirtAddr) -> bool {
        let at = place.since(self.half);
        let Shape { grain, .. } = self.shape;
        let shift = grain.trailing_zeros();
        at & (grain - 1) == 0
            && self.runs().any(|run| at >= run.first && (at - run.first) >> shift < run.count)
    }
}
