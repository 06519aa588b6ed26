//! Physical ranges, and sets of them.

use core::fmt;

use landfall_paging::{PAGE_SIZE, PhysAddr};

/// How many separate ranges a [`RangeSet`] holds.
pub const MAX_RANGES: usize = 64;

/// Bytes of physical memory that follow each other; it may be empty, and never reaches beyond 2^64.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Range {
    start: PhysAddr,
    size: u64,
}

impl Range {
    /// The range without any byte.
    pub const EMPTY: Self = Self { start: PhysAddr::new(0), size: 0 };

    /// `size` bytes from `start` on, cut off where addresses end.
    #[must_use]
    pub const fn new(start: PhysAddr, size: u64) -> Self {
        let room = u64::MAX - start.get();
        Self { start, size: if size < room { size } else { room } }
    }

    /// The bytes from `start` up to, and without, `end`; none if `end` is not above.
    #[must_use]
    pub const fn between(start: PhysAddr, end: PhysAddr) -> Self {
        Self { start, size: end.get().saturating_sub(start.get()) }
    }

    /// The first byte.
    #[must_use]
    pub const fn start(self) -> PhysAddr {
        self.start
    }

    /// The first byte that no longer belongs to it.
    #[must_use]
    pub const fn end(self) -> PhysAddr {
        PhysAddr::new(self.start.get() + self.size)
    }

    /// How many bytes.
    #[must_use]
    pub const fn size(self) -> u64 {
        self.size
    }

    /// Whether there is no byte in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.size == 0
    }

    /// The whole pages within.
    #[must_use]
    pub const fn pages_within(self) -> Self {
        Self::between(page_up(self.start), self.end().align_down(PAGE_SIZE))
    }

    /// All pages touched.
    #[must_use]
    pub const fn pages_touched(self) -> Self {
        if self.is_empty() {
            self
        } else {
            Self::between(self.start.align_down(PAGE_SIZE), page_up(self.end()))
        }
    }

    /// The bytes that both have.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self::between(self.start.max(other.start), self.end().min(other.end()))
    }

    /// Whether there is a byte that both have.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        !self.intersection(other).is_empty()
    }

    /// Whether all bytes of `other` are in it.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.intersection(other).size == other.size
    }
}

const fn page_up(address: PhysAddr) -> PhysAddr {
    PhysAddr::new(address.get().saturating_add(PAGE_SIZE - 1)).align_down(PAGE_SIZE)
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end())
    }
}

impl fmt::Debug for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// More than [`MAX_RANGES`] separate ranges: the one that did not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow(pub Range);

/// A set of bytes, kept as ascending ranges that neither overlap nor touch.
#[derive(Clone)]
pub struct RangeSet {
    ranges: [Range; MAX_RANGES],
    len: usize,
}

impl RangeSet {
    /// The set without any byte.
    pub const EMPTY: Self = Self { ranges: [Range::EMPTY; MAX_RANGES], len: 0 };

    /// Takes all bytes away.
    pub const fn clear(&mut self) {
        self.len = 0;
    }

    /// The ranges, in ascending order.
    #[must_use]
    pub fn as_slice(&self) -> &[Range] {
        self.ranges.get(..self.len).unwrap_or_default()
    }

    /// The ranges, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = Range> + Clone {
        self.as_slice().iter().copied()
    }

    /// Whether there is no byte in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.iter().map(Range::size).sum()
    }

    /// Whether all bytes of `range` are in it.
    #[must_use]
    pub fn contains(&self, range: Range) -> bool {
        self.iter().any(|own| own.contains(range))
    }

    /// The lowest bytes of `range` that are in the set.
    #[must_use]
    pub fn first_overlap(&self, range: Range) -> Option<Range> {
        self.iter().map(|own| own.intersection(range)).find(|common| !common.is_empty())
    }

    /// Adds the bytes of `range`.
    ///
    /// # Errors
    /// [`Overflow`] where the set would fall into too many ranges; it is as before then.
    pub fn insert(&mut self, range: Range) -> Result<(), Overflow> {
        if range.is_empty() {
            return Ok(());
        }
        // Those before `first` end before the new one; those from `last` on begin behind it. What is between is merged.
        let first = self.iter().take_while(|own| own.end() < range.start).count();
        let last = first + self.iter().skip(first).take_while(|own| own.start <= range.end()).count();
        let merged = self
            .iter()
            .skip(first)
            .take(last - first)
            .fold(range, |all, own| Range::between(all.start.min(own.start), all.end().max(own.end())));
        self.replace(first, last, &[merged])
    }

    /// Takes the bytes of `range` away.
    ///
    /// # Errors
    /// [`Overflow`] where the set would fall into too many ranges; it is as before then.
    pub fn remove(&mut self, range: Range) -> Result<(), Overflow> {
        let first = self.iter().take_while(|own| own.end() <= range.start).count();
        let last = first + self.iter().skip(first).take_while(|own| own.start < range.end()).count();
        if first == last || range.is_empty() {
            return Ok(());
        }
        let below = Range::between(self.ranges[first].start, range.start);
        let above = Range::between(range.end(), self.ranges[last - 1].end());
        match (below.is_empty(), above.is_empty()) {
            (true, true) => self.replace(first, last, &[]),
            (false, true) => self.replace(first, last, &[below]),
            (true, false) => self.replace(first, last, &[above]),
            (false, false) => self.replace(first, last, &[below, above]),
        }
    }

    /// Puts `new` in the place of the ranges from `first` up to `last`.
    fn replace(&mut self, first: usize, last: usize, new: &[Range]) -> Result<(), Overflow> {
        let len = self.len - (last - first) + new.len();
        if len > MAX_RANGES {
            return Err(Overflow(new.last().copied().unwrap_or_default()));
        }
        self.ranges.copy_within(last..self.len, first + new.len());
        self.ranges[first..first + new.len()].copy_from_slice(new);
        self.len = len;
        Ok(())
    }
}

impl fmt::Debug for RangeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.as_slice()).finish()
    }
}

impl PartialEq for RangeSet {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for RangeSet {}
