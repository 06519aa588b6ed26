//! Differences: an audit against a plan, or against another audit.
//!
//! Two lists of mappings are compared address by address, in one pass. A difference is a stretch of
//! addresses, as long as both sides and their differences stay the same.

use serde::Serialize;

use crate::address::{Phys, Span, Virt};
use crate::attributes::{Attributes, MemoryType};
use crate::leaf::LeafSize;
use crate::run::Run;

/// More differences are counted and not kept.
pub const KEPT: usize = 1000;

/// The mapping of the first address of a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Mapping {
    /// The physical address.
    #[serde(rename = "physical")]
    pub phys: Phys,
    /// Permission and attributes.
    pub attributes: Attributes,
    /// The size of the leaves.
    pub leaf: LeafSize,
}

/// A property of a mapping that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// One side does not map the addresses.
    Presence,
    /// The memory.
    Memory,
    /// R, W or X.
    Permission,
    /// U, G, A, D or the memory type.
    Attributes,
    /// The size of the leaves.
    Leaf,
}

/// A stretch of addresses that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// First address.
    #[serde(rename = "virtual")]
    pub start: Virt,
    /// Bytes.
    pub size: u64,
    /// The expected mapping: that of the plan, or of the earlier audit.
    pub expected: Option<Mapping>,
    /// The mapping that was found.
    pub found: Option<Mapping>,
    /// The properties that differ.
    pub aspects: Vec<Aspect>,
}

/// All differences.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Differences {
    /// The first [`KEPT`], in ascending order.
    pub kept: Vec<Difference>,
    /// The number of all.
    pub count: u64,
}

/// Compares two lists of mappings, each in ascending order and without overlaps.
#[must_use]
pub fn compare(expected: &[Run], found: &[Run]) -> Differences {
    let mut differences = Differences::default();
    let mut last: Option<Difference> = None;
    let (mut one, mut other) = (Side(expected), Side(found));
    let mut at = 0_u128;
    while let Some(start) = [one.next(at), other.next(at)].into_iter().flatten().min() {
        let end = one.border(start).min(other.border(start));
        let (expected, found) = (one.mapping(start), other.mapping(start));
        let aspects = aspects(expected, found);
        if !aspects.is_empty() {
            let size = u64::try_from(end - start).unwrap_or(u64::MAX);
            let start = Virt(u64::try_from(start).unwrap_or(u64::MAX));
            let next = Difference { start, size, expected, found, aspects };
            match &mut last {
                Some(last) if goes_on(last, &next) => last.size += next.size,
                _ => differences.add(last.replace(next)),
            }
        }
        at = end;
    }
    differences.add(last);
    differences
}

impl Differences {
    fn add(&mut self, difference: Option<Difference>) {
        let Some(difference) = difference else { return };
        self.count += 1;
        if self.kept.len() < KEPT {
            self.kept.push(difference);
        }
    }
}

/// Runs that do not end at or before the current address.
struct Side<'a>(&'a [Run]);

impl Side<'_> {
    /// Drops what ends at or before `at`. Returns the first mapped address from there on.
    fn next(&mut self, at: u128) -> Option<u128> {
        while let [first, rest @ ..] = self.0
            && first.span().end() <= at
        {
            self.0 = rest;
        }
        self.0.first().map(|run| at.max(run.virt.0.into()))
    }

    /// Returns the next address at which the mapping may change.
    fn border(&self, at: u128) -> u128 {
        self.0.first().map_or(1 << 64, |run| {
            let start = u128::from(run.virt.0);
            if start > at { start } else { run.span().end() }
        })
    }

    fn mapping(&self, at: u128) -> Option<Mapping> {
        let run = self.0.first()?;
        let offset = at.checked_sub(run.virt.0.into())?;
        let phys = Phys(run.phys.0 + u64::try_from(offset).ok()?);
        Some(Mapping { phys, attributes: run.attributes, leaf: run.leaf })
    }
}

fn aspects(expected: Option<Mapping>, found: Option<Mapping>) -> Vec<Aspect> {
    let (Some(expected), Some(found)) = (expected, found) else {
        return if expected == found { Vec::new() } else { vec![Aspect::Presence] };
    };
    let same_permission = expected.attributes.same_permission(found.attributes);
    let same_flags = expected.attributes.flags() == found.attributes.flags();
    let same_type = ordinary(expected) == ordinary(found);
    let differs = [
        (Aspect::Memory, expected.phys != found.phys),
        (Aspect::Permission, !same_permission),
        (Aspect::Attributes, !same_flags || !same_type),
        (Aspect::Leaf, expected.leaf != found.leaf),
    ];
    differs.into_iter().filter_map(|(aspect, differs)| differs.then_some(aspect)).collect()
}

/// A plan does not state the type of ordinary memory, which T-Head's leaves do.
fn ordinary(mapping: Mapping) -> MemoryType {
    let memory = mapping.attributes.memory();
    if memory.is_ordinary() { MemoryType::Default } else { memory }
}

/// Returns true if `next` follows `last`, and both sides go on as they were.
fn goes_on(last: &Difference, next: &Difference) -> bool {
    let follows = |before: Option<Mapping>, after: Option<Mapping>| match (before, after) {
        (None, None) => true,
        (Some(before), Some(after)) => Mapping { phys: Phys(before.phys.0 + last.size), ..before } == after,
        _ => false,
    };
    Span::new(last.start, last.size).end() == u128::from(next.start.0)
        && last.aspects == next.aspects
        && follows(last.expected, next.expected)
        && follows(last.found, next.found)
}
