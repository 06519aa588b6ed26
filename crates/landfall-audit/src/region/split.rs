//! Splits: larger leaves that could be there, and what prevents them.
//!
//! A larger leaf is considered for each aligned block of its size that smaller leaves map. The
//! region must have at least as many mapped bytes.

use std::fmt;
use std::ops::Range;

use serde::{Serialize, Serializer};

use crate::address::{Span, Virt};
use crate::format::{Format, Napot, Types};
use crate::leaf::LeafSize;
use crate::root::Mode;
use crate::run::Run;

/// More splits of one region are counted and not listed.
pub const MOST_SPLITS: usize = 64;

/// An obstacle to a larger leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// None: the larger leaf could be there.
    Nothing,
    /// Virtual and physical addresses are not congruent modulo the leaf's size.
    Alignment,
    /// Addresses from this one on are not mapped.
    Hole(Virt),
    /// Memory from this address on is elsewhere: its offset differs.
    Offset(Virt),
    /// R, W or X differ from this address on.
    Permission(Virt),
    /// U, G, A, D or the memory type differ from this address on.
    Attribute(Virt),
    /// Another region is there from this address on, with the same offset and attributes.
    Region(Virt),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing prevents it"),
            Self::Alignment => f.write_str("virtual and physical addresses are not aligned alike"),
            Self::Hole(at) => write!(f, "not mapped at {at}"),
            Self::Offset(at) => write!(f, "other memory at {at}"),
            Self::Permission(at) => write!(f, "another permission at {at}"),
            Self::Attribute(at) => write!(f, "other attributes at {at}"),
            Self::Region(at) => write!(f, "another region at {at}"),
        }
    }
}

impl Serialize for Cause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Blocks that a larger leaf could map, or could map but for the causes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Split {
    /// The first address of the first block.
    #[serde(rename = "virtual")]
    pub start: Virt,
    /// The number of blocks, which follow each other.
    pub blocks: u64,
    /// The size of the larger leaf.
    pub leaf: LeafSize,
    /// The obstacles, one of each kind, with the first address at which it is met.
    pub causes: Vec<Cause>,
}

/// The splits of a region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Splits {
    /// The first [`MOST_SPLITS`], the largest leaves first.
    pub listed: Vec<Split>,
    /// The number of blocks in all, listed or not.
    pub blocks: u64,
    /// The number of blocks that nothing prevents.
    pub free: u64,
}

impl Splits {
    fn add(&mut self, split: Split) {
        self.blocks += split.blocks;
        if split.causes == [Cause::Nothing] {
            self.free += split.blocks;
        }
        if self.listed.len() < MOST_SPLITS {
            self.listed.push(split);
        }
    }
}

/// Returns the splits of the runs in `range`. Others share blocks with them.
pub(super) fn splits(runs: &[Run], range: Range<usize>, mode: Mode, format: Format) -> Splits {
    let mapped: u64 = runs[range.clone()].iter().map(|run| run.size).sum();
    let has_napot = format.napot == Napot::Svnapot && format.types != Types::Thead;
    let largest = LeafSize::of_level(mode.levels() - 1);
    let mut splits = Splits::default();
    for leaf in LeafSize::ALL.into_iter().skip(1).rev() {
        let is_possible = leaf <= largest && (leaf != LeafSize::K64 || has_napot);
        if is_possible && leaf.bytes() <= mapped {
            of_size(runs, range.clone(), leaf, &mut splits);
        }
    }
    splits
}

/// Adds the splits of one size of leaf.
fn of_size(runs: &[Run], range: Range<usize>, leaf: LeafSize, splits: &mut Splits) {
    let size = leaf.bytes();
    // Blocks before this one are done.
    let mut next = u128::from(runs[range.start].virt.0 / size * size);
    for index in range.clone() {
        let run = &runs[index];
        if run.leaf >= leaf {
            continue;
        }
        let end = run.span().end();
        let mut start = next.max(u128::from(run.virt.0 / size * size));
        while start < end {
            let inner = run.virt.0.into()..=end;
            let blocks = if inner.contains(&start) { (end - start) / u128::from(size) } else { 0 };
            let at = Virt(u64::try_from(start).unwrap_or(u64::MAX));
            let (causes, blocks) = if blocks == 0 {
                (causes(runs, range.clone(), index, at, leaf), 1)
            } else if run.offset().is_multiple_of(size) {
                (vec![Cause::Nothing], blocks)
            } else {
                (vec![Cause::Alignment], blocks)
            };
            splits.add(Split { start: at, blocks: u64::try_from(blocks).unwrap_or(u64::MAX), leaf, causes });
            start += blocks * u128::from(size);
        }
        next = start;
    }
}

/// Returns the obstacles to one leaf for the block at `start`. The run at `index` is the first of
/// the region in the block. Of other regions, the neighbors alone are compared: all of the region's
/// runs are visited once for each size, whatever others share blocks with them.
fn causes(runs: &[Run], range: Range<usize>, index: usize, start: Virt, leaf: LeafSize) -> Vec<Cause> {
    let block = Span::new(start, leaf.bytes());
    let is_in = |run: &&Run| run.span().overlaps(&block);
    let first = &runs[index];
    let mut causes = Vec::new();
    if !first.offset().is_multiple_of(leaf.bytes()) {
        causes.push(Cause::Alignment);
    }
    let before = index.checked_sub(1).map(|before| &runs[before]).filter(is_in);
    let mut mapped = u128::from(start.0);
    if let Some(run) = before {
        other_region(&mut causes, first, run, start);
        mapped = run.span().end();
    }
    for run in runs[index..range.end].iter().take_while(is_in) {
        hole(&mut causes, mapped, u128::from(run.virt.0));
        differences(&mut causes, first, run, start);
        mapped = run.span().end();
    }
    match runs.get(range.end).filter(is_in) {
        Some(run) => {
            hole(&mut causes, mapped, u128::from(run.virt.0));
            other_region(&mut causes, first, run, start);
        }
        None => hole(&mut causes, mapped, block.end()),
    }
    if causes.is_empty() {
        causes.push(Cause::Nothing);
    }
    causes
}

fn other_region(causes: &mut Vec<Cause>, first: &Run, run: &Run, start: Virt) {
    let before = causes.len();
    differences(causes, first, run, start);
    if causes.len() == before {
        add(causes, Cause::Region(run.virt.max(start)));
    }
}

fn differences(causes: &mut Vec<Cause>, first: &Run, run: &Run, start: Virt) {
    let at = run.virt.max(start);
    if run.offset() != first.offset() {
        add(causes, Cause::Offset(at));
    }
    if !run.attributes.same_permission(first.attributes) {
        add(causes, Cause::Permission(at));
    } else if run.attributes != first.attributes {
        add(causes, Cause::Attribute(at));
    }
}

fn hole(causes: &mut Vec<Cause>, from: u128, to: u128) {
    if from < to {
        add(causes, Cause::Hole(Virt(u64::try_from(from).unwrap_or(u64::MAX))));
    }
}

/// Adds the first cause of each kind.
fn add(causes: &mut Vec<Cause>, cause: Cause) {
    let is_same = |own: &Cause| std::mem::discriminant(own) == std::mem::discriminant(&cause);
    if !causes.iter().any(is_same) {
        causes.push(cause);
    }
}
