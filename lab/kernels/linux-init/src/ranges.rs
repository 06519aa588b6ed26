//! Ranges of RAM, as /proc/iomem lists them: `80200000-bfffffff : System RAM`, and in it, with more
//! spaces before the line, what reserves parts of it.

use crate::failure::Failure;

/// A range of physical addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// More ranges than a machine of the tests has.
const MOST: usize = 256;

/// Ranges, in any order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ranges {
    ranges: [Range; MOST],
    count: usize,
}

/// A line of the list.
struct Line<'a> {
    range: Range,
    name: &'a str,
    is_nested: bool,
}

impl Ranges {
    const EMPTY: Self = Self { ranges: [Range { start: 0, end: 0 }; MOST], count: 0 };

    /// Returns all RAM of a list, with its reserved parts.
    pub(crate) fn of_ram(list: &str) -> Result<Self, Failure> {
        let mut found = Self::EMPTY;
        for line in list.lines().filter_map(Line::read) {
            if !line.is_nested && line.name == "System RAM" {
                found.add(line.range)?;
            }
        }
        Ok(found)
    }

    /// Returns the RAM of a list in which nothing is reserved. The parts of the running kernel are
    /// free, because kexec copies the next one at its end.
    pub(crate) fn of_free(list: &str) -> Result<Self, Failure> {
        let mut found = Self::of_ram(list)?;
        for line in list.lines().filter_map(Line::read) {
            if line.is_nested && line.name == "Reserved" {
                found.take(line.range)?;
            }
        }
        Ok(found)
    }

    fn add(&mut self, range: Range) -> Result<(), Failure> {
        *self.ranges.get_mut(self.count).ok_or(Failure::Fact("RAM is in too many pieces"))? = range;
        self.count += 1;
        Ok(())
    }

    /// Takes a range out of all ranges.
    pub(crate) fn take(&mut self, taken: Range) -> Result<(), Failure> {
        let before = *self;
        self.count = 0;
        for range in before.ranges.into_iter().take(before.count) {
            let below = Range { start: range.start, end: range.end.min(taken.start) };
            let above = Range { start: range.start.max(taken.end), end: range.end };
            for part in [below, above] {
                if part.start < part.end {
                    self.add(part)?;
                }
            }
        }
        Ok(())
    }

    /// Returns all bytes.
    pub(crate) fn size(&self) -> u64 {
        self.ranges.iter().take(self.count).map(|range| range.end - range.start).sum()
    }

    /// Takes these bytes, which must be free.
    pub(crate) fn place_at(&mut self, start: u64, size: u64) -> Result<Range, Failure> {
        let place = Range { start, end: start.saturating_add(size) };
        let is_in = |range: &Range| range.start <= place.start && place.end <= range.end;
        if !self.ranges.iter().take(self.count).any(is_in) {
            return Err(Failure::Fact("init.at= is not free RAM with room for the next kernel"));
        }
        self.take(place)?;
        Ok(place)
    }

    /// Takes the lowest place of `size` bytes at a multiple of `align`, a power of two.
    pub(crate) fn place(&mut self, size: u64, align: u64) -> Result<Range, Failure> {
        let ranges = self.ranges.iter().take(self.count);
        let places = ranges.filter_map(|range| {
            let start = range.start.checked_next_multiple_of(align)?;
            let end = start.checked_add(size)?;
            (end <= range.end).then_some(Range { start, end })
        });
        let place = places.min_by_key(|range| range.start);
        let place = place.ok_or(Failure::Fact("no free RAM has room for the next kernel"))?;
        self.take(place)?;
        Ok(place)
    }
}

impl<'a> Line<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let (range, name) = line.split_once(" : ")?;
        let (start, last) = range.trim_ascii_start().split_once('-')?;
        let number = |digits| u64::from_str_radix(digits, 16).ok();
        let range = Range { start: number(start)?, end: number(last)?.checked_add(1)? };
        Some(Self { range, name, is_nested: line.starts_with(' ') })
    }
}
