//! Ranges of physical addresses, and the search for free ones.

/// Bytes in a page: the granularity of regions.
pub(super) const PAGE: u64 = 0x1000;

/// A range of physical addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Its first address.
    pub start: u64,
    /// Its length in bytes.
    pub len: u64,
}

impl Span {
    /// Returns the first address behind the range.
    #[must_use]
    pub const fn end(self) -> u64 {
        self.start.saturating_add(self.len)
    }

    /// Returns true if both ranges share an address.
    #[must_use]
    pub const fn overlaps(self, other: Self) -> bool {
        self.start < other.end() && other.start < self.end()
    }

    /// Returns true if the range has all addresses of another.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end() <= self.end()
    }
}

/// Free ranges, in ascending order.
#[derive(Clone, Debug, Default)]
pub(super) struct Free(Vec<Span>);

impl Free {
    /// Returns the ranges as free ones.
    pub(super) fn new(ranges: impl IntoIterator<Item = Span>) -> Self {
        Self(ranges.into_iter().collect())
    }

    /// Removes the addresses of a range.
    pub(super) fn take(&mut self, taken: Span) {
        self.0 = self.0.iter().flat_map(|&free| without(free, taken)).collect();
    }

    /// Returns true if all addresses of a range are free.
    pub(super) fn contains(&self, range: Span) -> bool {
        self.0.iter().any(|free| free.contains(range))
    }

    /// Returns the range of `len` bytes, at a multiple of `align`, with a number among all of them.
    ///
    /// The number counts modulo their total.
    pub(super) fn nth(&self, index: u64, len: u64, align: u64) -> Option<Span> {
        let total: u64 = self.0.iter().map(|&free| places(free, len, align)).sum();
        let mut index = index.checked_rem(total)?;
        for &free in &self.0 {
            let here = places(free, len, align);
            if index < here {
                let start = free.start.next_multiple_of(align) + index * align;
                return Some(Span { start, len });
            }
            index -= here;
        }
        None
    }

    /// Returns the first range of `len` bytes from `from` on, at a multiple of `align`.
    pub(super) fn first(&self, from: u64, len: u64, align: u64) -> Option<Span> {
        let rest = self.0.iter().filter_map(|free| {
            let start = free.start.max(from);
            let len = free.end().checked_sub(start)?;
            Some(Span { start, len })
        });
        Self(rest.collect()).nth(0, len, align)
    }

    /// Returns the last range of `len` bytes that ends at or below `end`, at a multiple of `align`.
    pub(super) fn last(&self, end: u64, len: u64, align: u64) -> Option<Span> {
        self.0.iter().rev().find_map(|free| {
            let start = free.end().min(end).checked_sub(len)? / align * align;
            (start >= free.start).then_some(Span { start, len })
        })
    }
}

/// Returns the number of multiples of `align` at which `len` bytes lie in a range.
fn places(free: Span, len: u64, align: u64) -> u64 {
    let Some(first) = free.start.checked_next_multiple_of(align) else { return 0 };
    let Some(last) = free.end().checked_sub(len) else { return 0 };
    if first > last { 0 } else { (last - first) / align + 1 }
}

/// Returns the parts of a range below and above another.
pub(super) fn without(range: Span, taken: Span) -> impl Iterator<Item = Span> {
    let parts = if range.overlaps(taken) {
        let below = Span { start: range.start, len: taken.start.saturating_sub(range.start) };
        let above = Span { start: taken.end(), len: range.end().saturating_sub(taken.end()) };
        [below, above]
    } else {
        [range, Span::default()]
    };
    parts.into_iter().filter(|part| part.len != 0)
}

/// Ranges in use, of memory and of devices.
#[derive(Clone, Debug, Default)]
pub(super) struct Used(Vec<Span>);

impl Used {
    /// Uses the first range of `len` bytes from `wanted` on, at multiples of `align`, that is free.
    ///
    /// `None` is returned if no address of 50 bits is left.
    pub(super) fn place(&mut self, wanted: u64, len: u64, align: u64) -> Option<Span> {
        let mut span = Span { start: wanted.checked_next_multiple_of(align)?, len };
        while let Some(used) = self.0.iter().find(|used| used.overlaps(span)) {
            span.start = used.end().checked_next_multiple_of(align)?;
        }
        if span.end() > 1 << 50 {
            return None;
        }
        self.0.push(span);
        Some(span)
    }
}

#[cfg(test)]
mod tests {
    use super::{Free, Span, Used};

    fn span(start: u64, len: u64) -> Span {
        Span { start, len }
    }

    #[test]
    fn a_taken_range_leaves_what_is_below_and_above() {
        let mut free = Free::new([span(0x1000, 0x3000)]);
        free.take(span(0x2000, 0x1000));
        assert_eq!(free.0, [span(0x1000, 0x1000), span(0x3000, 0x1000)]);
    }

    #[test]
    fn the_numbers_of_places_count_all_free_ranges() {
        let free = Free::new([span(0x1800, 0x2000), span(0x8000, 0x1000)]);
        assert_eq!(free.nth(0, 0x1000, 0x1000), Some(span(0x2000, 0x1000)));
        assert_eq!(free.nth(1, 0x1000, 0x1000), Some(span(0x8000, 0x1000)));
        assert_eq!(free.nth(2, 0x1000, 0x1000), Some(span(0x2000, 0x1000)));
        assert_eq!(free.nth(0, 0x4000, 0x1000), None);
    }

    #[test]
    fn the_first_and_the_last_place_keep_their_limits() {
        let free = Free::new([span(0x1000, 0x4000)]);
        assert_eq!(free.first(0x1800, 0x1000, 0x1000), Some(span(0x2000, 0x1000)));
        assert_eq!(free.last(0x4800, 0x1000, 0x1000), Some(span(0x3000, 0x1000)));
        assert_eq!(free.first(0x4800, 0x1000, 0x1000), None);
    }

    #[test]
    fn a_range_in_use_moves_the_next_one_above_it() {
        let mut used = Used::default();
        assert_eq!(used.place(0x1000, 0x2000, 0x1000), Some(span(0x1000, 0x2000)));
        assert_eq!(used.place(0, 0x2000, 0x1000), Some(span(0x3000, 0x2000)));
        assert_eq!(used.place(u64::MAX - 1, 0x1000, 0x1000), None);
    }
}
