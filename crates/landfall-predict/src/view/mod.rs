//! A plan as an address space to look at.
//!
//! ```text
//! linear    what the linear map holds, and what it leaves out
//! splits    the leaves that could not be
//! ```
//!
//! ```
//! use landfall_predict::case::Outcome;
//! use landfall_predict::facts_file::FactsFile;
//! use landfall_predict::space::Kind;
//! use landfall_predict::view::address_space;
//!
//! let facts = include_bytes!("../../tests/records/facts-2.json");
//! let Outcome::Lands(prediction) = FactsFile::parse(facts)?.case(None).predict() else {
//!     panic!("the kernel of these facts has landed")
//! };
//! let space = address_space(&prediction);
//! let Some(kernel) = space.regions.iter().find(|region| region.kind == Kind::Kernel) else {
//!     panic!("each address space has the kernel")
//! };
//! assert_eq!(kernel.start, prediction.plan.image.virt.get());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod linear;
mod splits;

use landfall_paging::{LeafCount, Mapping, PhysAddr, TableCount, VirtAddr, VirtRange};
use landfall_plan::planner::GUARD;
use landfall_plan::policy::Placement;

use super::case::Prediction;
use super::space::{AddressSpace, Content, Kind, Memory, Part, Region};

pub use splits::MOST_SPLITS;

/// Returns the address space of a landing.
#[must_use]
pub fn address_space(prediction: &Prediction) -> AddressSpace {
    let plan = &prediction.plan;
    let mapped = Mapped::of(prediction);
    let mut regions = vec![linear::region(prediction, &mapped)];
    if plan.near.size() != 0 {
        regions.push(empty(Kind::Near, plan.near));
    }
    if plan.placement == Placement::OwnRegion {
        regions.push(kernel(prediction, &mapped));
    }
    regions.push(stacks(prediction, &mapped));
    if plan.dynamic.size() != 0 {
        regions.push(empty(Kind::Dynamic, plan.dynamic));
    }
    regions.extend(prediction.policy.windows(plan.mode).map(|window| empty(Kind::Window, window)));
    regions.retain(|region| region.size != 0);
    regions.sort_by_key(|region| region.start);
    AddressSpace {
        mode: plan.mode,
        regions: with_gaps(regions, plan.mode.upper_half()),
        tables: Memory { physical: plan.block.start().get(), size: plan.tables().size() },
    }
}

/// Every mapping with the leaves that map it, in ascending order.
struct Mapped(Vec<Counted>);

/// A mapping with the leaves that map it.
struct Counted {
    mapping: Mapping,
    leaves: LeafCount,
}

impl Mapped {
    fn of(prediction: &Prediction) -> Self {
        let Prediction { plan, facts, .. } = prediction;
        let mut tables = TableCount::new(plan.mode, plan.format);
        let mut before = LeafCount::NONE;
        let count = plan.mappings(facts).map(|mapping| {
            // The plan has counted the same mappings, so none of them fails.
            let _ = tables.add(mapping);
            let leaves = tables.leaves().since(&before);
            before = *tables.leaves();
            Counted { mapping, leaves }
        });
        Self(count.collect())
    }

    /// Those in `range`.
    fn within(&self, range: VirtRange) -> impl Iterator<Item = &Counted> {
        self.0
            .iter()
            .filter(move |counted| counted.mapping.virt.wrapping_offset_from(range.start()) < range.size())
    }

    fn at(&self, virt: VirtAddr) -> Option<&Counted> {
        self.0.iter().find(|counted| counted.mapping.virt == virt)
    }
}

fn part(Counted { mapping, leaves }: &Counted, what: impl Into<String>) -> Part {
    let content = Content::Mapped {
        what: what.into(),
        physical: mapping.phys.get(),
        access: mapping.access,
        leaves: *leaves,
    };
    Part { start: mapping.virt.get(), size: mapping.size, content }
}

fn hole(start: VirtAddr, size: u64, why: impl Into<String>) -> Part {
    Part { start: start.get(), size, content: Content::Hole { why: why.into() } }
}

fn empty(kind: Kind, range: VirtRange) -> Region {
    Region { kind, start: range.start().get(), size: range.size(), parts: Vec::new(), splits: Vec::new() }
}

/// Returns the image, where it has a region of its own.
fn kernel(prediction: &Prediction, mapped: &Mapped) -> Region {
    let place = prediction.plan.image;
    let virt = |phys: PhysAddr| place.virt.wrapping_add(phys.wrapping_offset_from(place.phys.base));
    let ranges = [
        (place.phys.text(), "text"),
        (place.phys.constants(), "constants"),
        (place.phys.early(), "the landing's own memory, free now"),
        (place.phys.data(), "data"),
    ];
    let parts = ranges.into_iter().filter(|(range, _)| !range.is_empty()).map(|(range, what)| {
        let start = virt(range.start());
        mapped.at(start).map_or_else(|| hole(start, range.size(), what), |found| part(found, what))
    });
    let range = VirtRange::new(place.virt, place.phys.size());
    Region { parts: parts.collect(), ..empty(Kind::Kernel, range) }
}

fn stacks(prediction: &Prediction, mapped: &Mapped) -> Region {
    let stacks = &prediction.plan.stacks;
    let mut parts = Vec::new();
    let mut at = stacks.virt;
    for index in stacks.harts() {
        let bottom = stacks.bottom(index);
        parts.push(hole(at, bottom.wrapping_offset_from(at), "guard of the stack"));
        parts.extend(mapped.at(bottom).map(|found| part(found, format!("stack {index}"))));
        at = stacks.top(index);
    }
    let range = VirtRange::new(stacks.virt, at.wrapping_offset_from(stacks.virt));
    Region { parts, ..empty(Kind::Stacks, range) }
}

/// Returns the regions, and what lies between them: 2 MiB of guard beside each, and nothing else.
fn with_gaps(regions: Vec<Region>, half: VirtAddr) -> Vec<Region> {
    let mut all = Vec::with_capacity(regions.len() * 3);
    let push = |all: &mut Vec<Region>, kind, start: u64, size| {
        if size != 0 {
            // The last gap ends with the address space, which no `VirtRange` does.
            all.push(Region { start, size, ..empty(kind, VirtRange::EMPTY) });
        }
    };
    let mut at = half.get();
    for region in regions {
        let gap = region.start.wrapping_sub(at);
        let below = if all.is_empty() { 0 } else { gap.min(GUARD) };
        let above = (gap - below).min(GUARD);
        push(&mut all, Kind::Guard, at, if gap <= 2 * GUARD { gap } else { below });
        if gap > 2 * GUARD {
            push(&mut all, Kind::Unused, at.wrapping_add(below), gap - below - above);
            push(&mut all, Kind::Guard, region.start.wrapping_sub(above), above);
        }
        at = region.start.wrapping_add(region.size);
        all.push(region);
    }
    let gap = at.wrapping_neg();
    let (below, above) = if gap <= 2 * GUARD { (0, gap) } else { (GUARD, GUARD) };
    push(&mut all, Kind::Guard, at, below);
    push(&mut all, Kind::Unused, at.wrapping_add(below), gap - below - above);
    push(&mut all, Kind::Guard, above.wrapping_neg(), above);
    all
}

#[cfg(test)]
mod tests;
