//! Sets of physical memory.

use core::fmt;

use landfall_paging::PhysRange;

/// The most separate ranges of a [`PhysRangeSet`].
pub const MAX_RANGES: usize = 64;

/// More than [`MAX_RANGES`] separate ranges: the one that did not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RangeSetFull(pub PhysRange);

impl fmt::Display for RangeSetFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the set has {MAX_RANGES} separate ranges, and {} does not fit; merge ranges", self.0)
    }
}

impl core::error::Error for RangeSetFull {}

/// A set of bytes, kept as ascending ranges that neither overlap nor touch.
#[derive(Clone)]
#[repr(C)]
pub struct PhysRangeSet {
    ranges: [PhysRange; MAX_RANGES],
    len: usize,
}

impl PhysRangeSet {
    /// The set without any byte.
    pub const EMPTY: Self = Self { ranges: [PhysRange::EMPTY; MAX_RANGES], len: 0 };

    /// Takes all bytes away.
    pub const fn clear(&mut self) {
        self.len = 0;
    }

    /// The ranges, in ascending order.
    #[must_use]
    pub fn as_slice(&self) -> &[PhysRange] {
        self.ranges.get(..self.len).unwrap_or_default()
    }

    /// The ranges, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = PhysRange> + Clone {
        self.as_slice().iter().copied()
    }

    /// Returns true if the set is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the number of bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.iter().map(PhysRange::size).sum()
    }

    /// Returns true if all bytes of `range` are in the set.
    #[must_use]
    pub fn contains(&self, range: PhysRange) -> bool {
        self.iter().any(|own| own.contains(range))
    }

    /// The lowest bytes of `range` that are in the set.
    #[must_use]
    pub fn first_overlap(&self, range: PhysRange) -> Option<PhysRange> {
        let own = self.iter().find(|own| own.end() > range.start())?;
        Some(own.intersection(range)).filter(|common| !common.is_empty())
    }

    /// Adds the bytes of `range`.
    ///
    /// # Errors
    /// [`RangeSetFull`] where the set would fall into too many ranges; it is as before then.
    pub fn insert(&mut self, range: PhysRange) -> Result<(), RangeSetFull> {
        if range.is_empty() {
            return Ok(());
        }
        let ranges = self.as_slice();
        // Most ranges come in ascending order.
        if self.len < MAX_RANGES && ranges.last().is_none_or(|last| last.end() < range.start()) {
            self.ranges[self.len] = range;
            self.len += 1;
            return Ok(());
        }
        // Those before `first` end before the new one; those from `last` on begin behind it. Those
        // in between are merged. The search begins at the highest.
        let behind = ranges.iter().rev().take_while(|own| own.start() > range.end()).count();
        let last = ranges.len() - behind;
        let common = ranges.iter().rev().skip(behind).take_while(|own| own.end() >= range.start());
        let (merged, count) = common.fold((range, 0), |(all, count), own| {
            (PhysRange::between(all.start().min(own.start()), all.end().max(own.end())), count + 1)
        });
        self.replace(last - count, last, &[merged])
    }

    /// Takes the bytes of `range` away.
    ///
    /// # Errors
    /// [`RangeSetFull`] where the set would fall into too many ranges; it is as before then.
    pub fn remove(&mut self, range: PhysRange) -> Result<(), RangeSetFull> {
        let first = self.iter().take_while(|own| own.end() <= range.start()).count();
        let last = first + self.iter().skip(first).take_while(|own| own.start() < range.end()).count();
        if first == last || range.is_empty() {
            return Ok(());
        }
        let below = PhysRange::between(self.ranges[first].start(), range.start());
        let above = PhysRange::between(range.end(), self.ranges[last - 1].end());
        match (below.is_empty(), above.is_empty()) {
            (true, true) => self.replace(first, last, &[]),
            (false, true) => self.replace(first, last, &[below]),
            (true, false) => self.replace(first, last, &[above]),
            (false, false) => self.replace(first, last, &[below, above]),
        }
    }

    /// Puts `new` in the place of the ranges from `first` up to `last`.
    fn replace(&mut self, first: usize, last: usize, new: &[PhysRange]) -> Result<(), RangeSetFull> {
        let len = self.len - (last - first) + new.len();
        if len > MAX_RANGES {
            return Err(RangeSetFull(new.last().copied().unwrap_or_default()));
        }
        self.ranges.copy_within(last..self.len, first + new.len());
        self.ranges[first..first + new.len()].copy_from_slice(new);
        self.len = len;
        Ok(())
    }
}

impl fmt::Debug for PhysRangeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.as_slice()).finish()
    }
}

impl PartialEq for PhysRangeSet {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for PhysRangeSet {}
