//! Ranges of registers: as they are where they are few, else with what lies between the nearest of
//! them.

use landfall::address::PhysRange;

/// The most ranges that are reported. Kernels keep lists of their own. The list of `axhal` has room
/// for 128 regions of all kinds, and it panics beyond.
pub(crate) const MAX_REGISTERS: usize = 32;

/// Whole pages with registers, in ascending order; none touches another.
#[derive(Clone, Debug)]
pub(crate) struct Registers {
    ranges: [PhysRange; MAX_REGISTERS + 1],
    len: usize,
}

impl Registers {
    /// None.
    pub(crate) const EMPTY: Self = Self { ranges: [PhysRange::EMPTY; MAX_REGISTERS + 1], len: 0 };

    /// All of them.
    pub(crate) fn as_slice(&self) -> &[PhysRange] {
        self.ranges.get(..self.len).unwrap_or_default()
    }

    /// Adds the pages of `range`. If there are too many ranges then, the two nearest become one,
    /// unless `is_memory` finds memory between them. Returns `false` if that left no room; the
    /// range is not added then.
    #[must_use]
    pub(crate) fn insert(&mut self, range: PhysRange, is_memory: impl Fn(PhysRange) -> bool) -> Outcome {
        let range = range.pages_touched();
        if range.is_empty() || is_memory(range) {
            return Outcome::LeftOut;
        }
        let at = self.as_slice().iter().take_while(|own| own.start() <= range.start()).count();
        self.ranges.copy_within(at..self.len, at + 1);
        self.ranges[at] = range;
        self.len += 1;
        self.join_touching();
        if self.len > MAX_REGISTERS && !self.join_nearest(is_memory) {
            self.remove(at);
            return Outcome::LeftOut;
        }
        Outcome::Kept
    }

    fn join_touching(&mut self) {
        let mut index = 0;
        while index + 1 < self.len {
            if self.ranges[index + 1].start() <= self.ranges[index].end() {
                self.join(index);
            } else {
                index += 1;
            }
        }
    }

    fn join_nearest(&mut self, is_memory: impl Fn(PhysRange) -> bool) -> bool {
        let gap = |index: usize| PhysRange::between(self.ranges[index].end(), self.ranges[index + 1].start());
        let free = (0..self.len - 1).filter(|index| !is_memory(gap(*index)));
        match free.min_by_key(|index| gap(*index).size()) {
            Some(index) => {
                self.join(index);
                true
            }
            None => false,
        }
    }

    /// Makes one of a range and the next.
    fn join(&mut self, index: usize) {
        let (first, second) = (self.ranges[index], self.ranges[index + 1]);
        self.ranges[index] = PhysRange::between(first.start(), first.end().max(second.end()));
        self.remove(index + 1);
    }

    fn remove(&mut self, index: usize) {
        self.ranges.copy_within(index + 1..self.len, index);
        self.len -= 1;
    }
}

/// The result of adding a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is among them.
    Kept,
    /// It is not: it is empty, lies in memory, or there was no room.
    LeftOut,
}
