//! Regions: mappings as a person thinks of them.
//!
//! ```text
//! shape   the kind of a mapping, if no layout states it
//! split   larger leaves that could be there, and what prevents them
//! ```

mod shape;
mod split;

use std::ops::Range;

use serde::Serialize;

use crate::address::{Phys, Span, Virt};
use crate::attributes::Attributes;
use crate::format::Format;
use crate::kind::Kind;
use crate::known::Known;
use crate::leaf::LeafCounts;
use crate::root::Mode;
use crate::run::Run;
use crate::walk::Places;

pub use split::{Cause, MOST_SPLITS, Split, Splits};

/// From this region on, all mappings of a root are one region, [`REST`], if there are more: hostile
/// tables may alternate between kinds.
pub const MOST_REGIONS: usize = 4096;
/// The name of the region that holds all mappings beyond [`MOST_REGIONS`].
pub const REST: &str = "rest, beyond the limit of regions";
/// More parts of one region are counted and not listed.
pub const MOST_PARTS: usize = 256;

/// A region: mappings of one purpose that no mapping of another purpose separates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Region {
    /// The purpose.
    pub kind: Kind,
    /// The layout's name, or that of the kind.
    pub name: String,
    /// First mapped address.
    #[serde(rename = "virtual")]
    pub start: Virt,
    /// Bytes from the first mapped address to the last one.
    pub size: u64,
    /// Bytes that are mapped.
    pub mapped: u64,
    /// Leaves by size.
    pub leaves: LeafCounts,
    /// The one difference between virtual and physical addresses, modulo 2^64, if there is one.
    #[serde(serialize_with = "offset")]
    pub offset: Option<u64>,
    /// Tables that serve this region alone.
    pub tables: u64,
    /// Stretches with one permission and one offset, the first [`MOST_PARTS`].
    pub parts: Vec<Part>,
    /// The number of all parts.
    pub part_count: u64,
    /// Larger leaves that could be there.
    pub splits: Splits,
}

#[expect(clippy::ref_option, reason = "the shape that serde requires")]
fn offset<S: serde::Serializer>(offset: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    offset.map(Phys).serialize(serializer)
}

impl Region {
    /// Returns the addresses, from the first mapped one to the last.
    #[must_use]
    pub const fn span(&self) -> Span<Virt> {
        Span::new(self.start, self.size)
    }
}

/// A stretch of a region with one permission and one offset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// First virtual address.
    #[serde(rename = "virtual")]
    pub virt: Virt,
    /// First physical address.
    #[serde(rename = "physical")]
    pub phys: Phys,
    /// Bytes.
    pub size: u64,
    /// The attributes of each leaf.
    pub attributes: Attributes,
    /// Leaves by size.
    pub leaves: LeafCounts,
    /// Its name, in an image.
    pub name: Option<String>,
}

/// Sorts the runs of a root, in ascending order, into regions.
pub(crate) fn regions(runs: &[Run], mode: Mode, format: Format, known: &Known) -> Vec<Region> {
    let shape = shape::Shape::of(runs, known);
    let mut groups: Vec<(Kind, &str, Range<usize>)> = Vec::new();
    for (index, run) in runs.iter().enumerate() {
        let (kind, name) = match known.layout.at(run.virt) {
            Some(named) => (named.kind, named.name.as_str()),
            None => shape.kind(run),
        };
        let is_full = groups.len() == MOST_REGIONS;
        match groups.last_mut() {
            Some(last) if last.0 == kind && last.1 == name => last.2.end = index + 1,
            Some(last) if is_full => *last = (Kind::Other, REST, last.2.start..index + 1),
            _ => groups.push((kind, name, index..index + 1)),
        }
    }
    let region = |(kind, name, range): (Kind, &str, Range<usize>)| {
        let splits = split::splits(runs, range.clone(), mode, format);
        region(kind, name, &runs[range], known, splits)
    };
    groups.into_iter().map(region).collect()
}

fn region(kind: Kind, name: &str, runs: &[Run], known: &Known, splits: Splits) -> Region {
    let start = runs.first().map_or(Virt(0), |run| run.virt);
    let last = runs.last().map_or(0, |run| run.virt.0.wrapping_add(run.size));
    let mut region = Region {
        kind,
        name: name.to_owned(),
        start,
        size: last.wrapping_sub(start.0),
        mapped: 0,
        leaves: LeafCounts::default(),
        offset: runs.first().map(Run::offset).filter(|offset| runs.iter().all(|run| run.offset() == *offset)),
        tables: 0,
        parts: Vec::new(),
        part_count: 0,
        splits,
    };
    let mut before: Option<&Run> = None;
    for run in runs {
        region.mapped += run.size;
        region.leaves += run.leaves();
        if before.is_some_and(|before| before.goes_on_in(run)) {
            if region.part_count == region.parts.len() as u64
                && let Some(part) = region.parts.last_mut()
            {
                part.size += run.size;
                part.leaves += run.leaves();
            }
        } else {
            region.part_count += 1;
            if region.parts.len() < MOST_PARTS {
                region.parts.push(part(kind, run, known));
            }
        }
        before = Some(run);
    }
    region
}

fn part(kind: Kind, run: &Run, known: &Known) -> Part {
    let Run { virt, phys, size, attributes, .. } = *run;
    let named = known.names.range(..=virt).next_back().map(|(_, name)| name.clone());
    let by_access = match (attributes.executable(), attributes.writable()) {
        (true, _) => "text",
        (false, true) => "data",
        (false, false) => "constants",
    };
    let name = (kind == Kind::Image).then(|| named.unwrap_or_else(|| by_access.to_owned()));
    Part { virt, phys, size, attributes, leaves: run.leaves(), name }
}

/// Counts each table for the region that it serves, if it serves one alone. Returns the number of
/// those that serve several or other addresses too, and of those that serve none.
pub(crate) fn count_tables(regions: &mut [Region], tables: impl Iterator<Item = Places>) -> (u64, u64) {
    let (mut several, mut none) = (0, 0);
    for places in tables {
        let (Places::One(table) | Places::Several(table)) = places;
        let first = regions.partition_point(|region| region.span().end() <= u128::from(table.start.0));
        let served = |index: usize| regions.get(index).is_some_and(|region| region.span().overlaps(&table));
        match (served(first), served(first + 1), places) {
            (false, ..) => none += 1,
            (true, false, Places::One(_)) => regions[first].tables += 1,
            (true, ..) => several += 1,
        }
    }
    (several, none)
}
