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
        Self { start: self.start.next_multiple_of(4096), end: self.end & !4095 }
    }

    /// All pages touched.
    #[must_use]
    pub const fn pages_touched(self) -> Self {
        if self.start >= self.end {
            self
        } else {
            Self { start: self.start & !4095, end: self.end.next_multiple_of(4096) }
        }
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
    let mut left = union(from.iter().copied());
    for hole in union(holes.iter().copied()) {
        let cut = |whole: Interval| {
            let below = Interval { start: whole.start, end: whole.end.min(hole.start) };
            let above = Interval { start: whole.start.max(hole.end), end: whole.end };
            [below, above]
        };
        left = union(left.into_iter().flat_map(cut));
    }
    left
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
}
