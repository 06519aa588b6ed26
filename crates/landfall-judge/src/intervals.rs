//! Sets of addresses, in the simplest way that is right.
//!
//! ```
//! use landfall_judge::intervals::{Interval, union, without};
//!
//! let ram = union([Interval::new(0x9000, 0x1000), Interval::new(0x8000, 0x1000)]);
//! assert_eq!(ram, [Interval { start: 0x8000, end: 0xa000 }]);
//! let free = without(&ram, &[Interval::new(0x8000, 0x800)]);
//! assert_eq!(free, [Interval { start: 0x8800, end: 0xa000 }]);
//! ```

/// Addresses from `start` up to, and without, `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    /// The first address.
    pub start: u64,
    /// The address after the last.
    pub end: u64,
}

impl Interval {
    /// `size` addresses from `start` on; cut off at the last one.
    #[must_use]
    pub const fn new(start: u64, size: u64) -> Self {
        Self { start, end: start.saturating_add(size) }
    }

    /// Returns the number of addresses.
    #[must_use]
    pub const fn size(self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// Returns true if both have an address in common.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.start.max(other.start) < self.end.min(other.end)
    }

    /// Returns true if all of `other` lies in this interval.
    #[must_use]
    pub fn holds(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The whole pages within.
    #[must_use]
    pub const fn pages_within(self) -> Self {
        Self { start: page_end(self.start), end: self.end & !4095 }
    }

    /// All pages touched. The last page of all addresses is cut off at its last byte.
    #[must_use]
    pub const fn pages_touched(self) -> Self {
        if self.start >= self.end {
            self
        } else {
            Self { start: self.start & !4095, end: page_end(self.end) }
        }
    }
}

/// The first multiple of a page's size from `address` on. If it is beyond the last address, that
/// one.
const fn page_end(address: u64) -> u64 {
    match address.checked_next_multiple_of(4096) {
        Some(end) => end,
        None => u64::MAX,
    }
}

/// All that is in any of `intervals`, in ascending order, none touching another.
pub fn union(intervals: impl IntoIterator<Item = Interval>) -> Vec<Interval> {
    let mut sorted: Vec<_> = intervals.into_iter().filter(|interval| interval.start < interval.end).collect();
    sorted.sort();
    let mut joined: Vec<Interval> = Vec::new();
    for interval in sorted {
        match joined.last_mut() {
            Some(last) if interval.start <= last.end => last.end = last.end.max(interval.end),
            _ => joined.push(interval),
        }
    }
    joined
}

/// Returns the part of `from` that is in none of `holes`. Both are any sets.
#[must_use]
pub fn without(from: &[Interval], holes: &[Interval]) -> Vec<Interval> {
    let holes = union(holes.iter().copied());
    let mut left = Vec::new();
    for Interval { mut start, end } in union(from.iter().copied()) {
        let first = holes.partition_point(|hole| hole.end <= start);
        for hole in holes[first..].iter().take_while(|hole| hole.start < end) {
            left.push(Interval { start, end: hole.start });
            start = hole.end;
        }
        left.push(Interval { start, end });
    }
    union(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn interval(start: u64, end: u64) -> Interval {
        Interval { start, end }
    }

    #[test]
    fn sets_are_what_they_are() {
        let set = [interval(5, 9), interval(0, 3), interval(3, 4), interval(8, 12), interval(7, 7)];
        assert_eq!(union(set), [interval(0, 4), interval(5, 12)]);
        assert_eq!(
            without(&set, &[interval(1, 2), interval(6, 20)]),
            [interval(0, 1), interval(2, 4), interval(5, 6)]
        );
        assert_eq!(without(&set, &[interval(0, 12)]), []);
    }

    #[test]
    fn pages_end_with_the_last_address() {
        let last = Interval::new(u64::MAX - 4095, 0x40000);
        assert_eq!(last.pages_touched(), last);
        assert_eq!(last.pages_within().size(), 0);
        assert_eq!(Interval::new(u64::MAX - 1, 1).pages_within().size(), 0);
        assert_eq!(Interval::new(1, 4096).pages_touched(), interval(0, 8192));
    }

    #[test]
    fn many_holes_take_the_time_of_a_sort() {
        let holes: Vec<_> = (0..200_000).map(|hole| interval(2 * hole, 2 * hole + 1)).collect();
        assert_eq!(without(&[interval(0, 400_000)], &holes).len(), 200_000);
    }
}
