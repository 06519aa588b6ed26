//! The functions of the recorded kernel.

use std::ops::Range;

/// `OFFSET NAME` in each line, in ascending order of offsets from the image's start.
const TEXT: &str = include_str!("../recorded/hello.symbols");

/// The functions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Symbols(Vec<(u64, &'static str)>);

impl Symbols {
    /// Reads the recorded functions.
    pub(crate) fn new() -> Self {
        let line = |line: &'static str| {
            let (offset, name) = line.split_once(' ')?;
            Some((u64::from_str_radix(offset, 16).ok()?, name))
        };
        Self(TEXT.lines().filter_map(line).collect())
    }

    /// Returns the function at an offset from the image's start, and its offsets.
    pub(crate) fn at(&self, offset: u64) -> Option<(&'static str, Range<u64>)> {
        let after = self.0.partition_point(|(start, _)| *start <= offset);
        let (start, name) = *self.0[..after].last()?;
        let end = self.0.get(after).map_or(u64::MAX, |(start, _)| *start);
        Some((name, start..end))
    }

    /// Returns the offset of a function.
    pub(crate) fn offset(&self, name: &str) -> Option<u64> {
        self.0.iter().find(|(_, own)| *own == name).map(|(offset, _)| *offset)
    }
}
