//! Unclaimed virtual addresses, and the places for a region in them.

use landfall_paging::{Mode, VirtAddr, VirtRange};

use crate::layout::GUARD;
use crate::policy::MAX_WINDOWS;
use crate::randomness::PlaceCount;

/// Each claim makes one stretch more of free addresses: the windows, the linear map, the image, the
/// near region and the stacks.
const MAX_STRETCHES: usize = MAX_WINDOWS + 5;

/// Addresses from `start` up to `end`, counted from the first address of the upper half: so none
/// overflows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Stretch {
    start: u64,
    end: u64,
}

impl Stretch {
    const fn size(self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// Returns its part in `limit`.
    fn cut(self, limit: Self) -> Self {
        Self { start: self.start.max(limit.start), end: self.end.min(limit.end) }
    }

    /// Returns its parts below and above `taken`.
    fn beside(self, taken: Self) -> [Self; 2] {
        [
            Self { start: self.start, end: self.end.min(taken.start) },
            Self { start: self.start.max(taken.end), end: self.end },
        ]
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
        let all = Stretch { start: 0, end: mode.half_size() - GUARD };
        Self { half: mode.upper_half(), free: [all; MAX_STRETCHES], len: 1 }
    }

    fn stretch(&self, range: VirtRange) -> Stretch {
        let start = range.start().wrapping_offset_from(self.half);
        Stretch { start, end: start.saturating_add(range.size()) }
    }

    fn range(&self, stretch: Stretch) -> VirtRange {
        VirtRange::new(self.half.wrapping_add(stretch.start), stretch.size())
    }

    fn stretches(&self) -> impl DoubleEndedIterator<Item = Stretch> + Clone {
        self.free.iter().copied().take(self.len)
    }

    /// The whole half of a mode.
    pub(crate) const fn half(mode: Mode) -> VirtRange {
        VirtRange::new(mode.upper_half(), mode.upper_half().get().wrapping_neg())
    }

    /// Returns true if all of `range` is free.
    pub(crate) fn holds(&self, range: VirtRange) -> bool {
        let wanted = self.stretch(range);
        self.stretches().any(|free| free.start <= wanted.start && wanted.end <= free.end)
    }

    /// The free addresses from `start` on that follow each other.
    pub(crate) fn from(&self, start: VirtAddr) -> VirtRange {
        let at = start.wrapping_offset_from(self.half);
        let free = self.stretches().find(|free| free.start <= at && at < free.end);
        self.range(Stretch { start: at, end: free.map_or(at, |free| free.end) })
    }

    /// Returns the addresses of `range`, with [`GUARD`] bytes on either side.
    fn guarded(&self, range: VirtRange) -> Stretch {
        let Stretch { start, end } = self.stretch(range);
        Stretch { start: start.saturating_sub(GUARD), end: end.saturating_add(GUARD) }
    }

    /// Takes `range` away, and [`GUARD`] bytes on either side.
    pub(crate) fn claim(&mut self, range: VirtRange) {
        let taken = self.guarded(range);
        for index in (0..self.len).rev() {
            let [below, above] = self.free[index].beside(taken);
            match (below.size(), above.size()) {
                (0, 0) => self.remove(index),
                (0, _) => self.free[index] = above,
                (_, 0) => self.free[index] = below,
                _ => {
                    self.free[index] = below;
                    self.insert(index + 1, above);
                }
            }
        }
    }

    fn remove(&mut self, index: usize) {
        self.free.copy_within(index + 1..self.len, index);
        self.len -= 1;
    }

    /// Adds a stretch. More than [`MAX_STRETCHES`] never exist.
    fn insert(&mut self, index: usize, stretch: Stretch) {
        if self.len < MAX_STRETCHES {
            self.free.copy_within(index..self.len, index + 1);
            self.free[index] = stretch;
            self.len += 1;
        }
    }

    /// The largest stretch of free addresses in `range`; the lowest of several.
    pub(crate) fn largest(&self, range: VirtRange) -> VirtRange {
        let limit = self.stretch(range);
        let larger = |best: Stretch, free: Stretch| if free.size() > best.size() { free } else { best };
        self.range(self.stretches().map(|free| free.cut(limit)).fold(Stretch::default(), larger))
    }

    /// Returns the size of the largest stretch in `range` if `taken` were claimed.
    pub(crate) fn largest_beside(&self, range: VirtRange, taken: VirtRange) -> u64 {
        let (limit, taken) = (self.stretch(range), self.guarded(taken));
        let parts = self.stretches().flat_map(|free| free.beside(taken));
        parts.map(|part| part.cut(limit).size()).max().unwrap_or(0)
    }

    /// Returns the places in `home` for a region, so that `spare` stays free.
    pub(crate) fn places(&self, home: VirtRange, shape: Shape, spare: Spare) -> Places<'_> {
        let (spare, spare_in) = (spare.size, self.stretch(spare.range));
        let roomy = self.stretches().filter(|free| free.cut(spare_in).size() >= spare).count();
        Places { space: self, home: self.stretch(home), shape, spare, spare_in, roomy }
    }
}

/// A region that needs a place: `size` bytes that begin `lead` bytes behind a multiple of `grain`,
/// the place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) lead: u64,
    pub(crate) size: u64,
    pub(crate) grain: u64,
}

/// Space that must stay free beside it: `size` bytes in one piece, in `range`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spare {
    pub(crate) size: u64,
    pub(crate) range: VirtRange,
}

/// One of several equally likely places.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) start: VirtAddr,
    pub(crate) count: PlaceCount,
}

impl Place {
    /// The only place.
    pub(crate) const fn only(start: VirtAddr) -> Self {
        Self { start, count: PlaceCount::new(1) }
    }
}

/// `count` places from `first` on.
#[derive(Clone, Copy, Debug, Default)]
struct Run {
    first: u64,
    count: u64,
}

/// Places that are equally good. They are found anew each time: that takes fewer instructions than
/// to keep them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places<'a> {
    space: &'a Space,
    home: Stretch,
    shape: Shape,
    spare: u64,
    spare_in: Stretch,
    /// The stretches that have room for the spare bytes.
    roomy: usize,
}

/// The number of places, the lowest and the highest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) count: PlaceCount,
    pub(crate) lowest: VirtAddr,
    pub(crate) highest: VirtAddr,
}

impl Places<'_> {
    fn runs(&self) -> impl Iterator<Item = Run> + '_ {
        self.space.stretches().flat_map(|free| self.runs_in(free)).filter(|run| run.count != 0)
    }

    /// The places in one stretch: all of them, where the spare bytes have room elsewhere; else
    /// those that leave them below or above.
    fn runs_in(&self, free: Stretch) -> [Run; 2] {
        let home = free.cut(self.home);
        let last = home.end.checked_sub(self.shape.size).filter(|last| home.start <= *last);
        let Some(last) = last else { return [Run::default(); 2] };
        let all = [self.run(home.start, last), Run::default()];
        let room = free.cut(self.spare_in);
        let roomy_others = self.roomy - usize::from(room.size() >= self.spare);
        if self.spare == 0 || roomy_others != 0 {
            return all;
        }
        let spare = self.spare.saturating_add(GUARD);
        // Up to `highest` the spare bytes lie above, from `lowest` on below.
        let lowest = room.start.saturating_add(spare);
        let highest = room.end.checked_sub(self.shape.size).and_then(|end| end.checked_sub(spare));
        match highest {
            Some(highest) if lowest <= highest => all,
            Some(highest) => {
                [self.run(home.start, last.min(highest)), self.run(home.start.max(lowest), last)]
            }
            None => [self.run(home.start.max(lowest), last), Run::default()],
        }
    }

    /// The places where the bytes begin at an address from `first` to `last`.
    fn run(&self, first: u64, last: u64) -> Run {
        let Shape { lead, grain, .. } = self.shape;
        let first = first.saturating_sub(lead).saturating_add(grain - 1) & !(grain - 1);
        match last.checked_sub(lead).filter(|last| first <= *last) {
            Some(last) => Run { first, count: ((last - first) >> grain.trailing_zeros()) + 1 },
            None => Run::default(),
        }
    }

    const fn place(&self, run: Run, index: u64) -> VirtAddr {
        self.space.half.wrapping_add(run.first.wrapping_add(index.wrapping_mul(self.shape.grain)))
    }

    /// Returns the bounds of all places; `None` without any.
    pub(crate) fn bounds(&self) -> Option<Bounds> {
        let (mut count, mut lowest, mut last) = (0, None, Run::default());
        self.runs().for_each(|run| {
            count += run.count;
            lowest.get_or_insert(self.place(run, 0));
            last = run;
        });
        let highest = self.place(last, last.count.wrapping_sub(1));
        Some(Bounds { count: PlaceCount::new(count), lowest: lowest?, highest })
    }

    /// Place number `index`, counted from the lowest.
    pub(crate) fn get(&self, mut index: u64) -> Option<VirtAddr> {
        self.runs().find_map(|run| {
            let place = self.place(run, index);
            let is_here = index < run.count;
            index = index.wrapping_sub(run.count);
            is_here.then_some(place)
        })
    }

    /// Returns the place that a draw chooses, and the number of places; `None` where there is no
    /// place.
    pub(crate) fn draw(&self, random: u64) -> Option<Place> {
        let Bounds { count, .. } = self.bounds()?;
        Some(Place { start: self.get(count.choose(random))?, count })
    }

    /// Returns true if `place` is one of them.
    pub(crate) fn hold(&self, place: VirtAddr) -> bool {
        let at = place.wrapping_offset_from(self.space.half);
        let Shape { grain, .. } = self.shape;
        let holds = |run: Run| at >= run.first && (at - run.first) >> grain.trailing_zeros() < run.count;
        at & (grain - 1) == 0 && self.runs().any(holds)
    }
}
