//! The linear map: its mappings and its holes.

use landfall_paging::{Access, PhysAddr, PhysRange, VirtRange};
use landfall_plan::memory::PhysRangeSet;
use landfall_plan::policy::Placement;

use super::{Mapped, Prediction, empty, hole, part, splits};
use crate::space::{Kind, Part, Region};

/// Returns the region from the lowest mapped byte to the highest.
pub(super) fn region(prediction: &Prediction, mapped: &Mapped) -> Region {
    let linear = &prediction.plan.linear;
    let range = VirtRange::new(linear.virt(linear.span.start()), linear.span.size());
    let mut parts = Vec::new();
    let mut at = linear.span.start();
    for found in mapped.within(range) {
        let mapping = found.mapping;
        push_holes(&mut parts, prediction, PhysRange::between(at, mapping.phys));
        parts.push(part(found, what(prediction, mapping.access)));
        at = mapping.phys.wrapping_add(mapping.size);
    }
    push_holes(&mut parts, prediction, PhysRange::between(at, linear.span.end()));
    Region { parts, splits: splits::of(prediction), ..empty(Kind::LinearMap, range) }
}

fn what(prediction: &Prediction, access: Access) -> &'static str {
    match (access, prediction.plan.placement) {
        (Access::ReadWrite, _) => "RAM",
        (Access::ReadExecute, _) => "the kernel's text",
        (Access::ReadOnly, Placement::LinearMap) => "the kernel's constants",
        (Access::ReadOnly, _) => "alias of text and constants",
    }
}

/// Adds the holes in `range`, piece by piece, each with its reason.
fn push_holes(parts: &mut Vec<Part>, prediction: &Prediction, mut range: PhysRange) {
    while !range.is_empty() {
        let (end, why) = reason(prediction, range);
        let piece = PhysRange::between(range.start(), end.min(range.end()));
        parts.push(hole(prediction.plan.linear.virt(piece.start()), piece.size(), why));
        range = PhysRange::between(piece.end(), range.end());
    }
}

/// Why the first byte of `range` is not mapped, and up to where that is the reason.
fn reason(prediction: &Prediction, range: PhysRange) -> (PhysAddr, &'static str) {
    let Prediction { facts, plan, .. } = prediction;
    let first = PhysRange::new(range.start(), 1);
    let image = plan.image.phys.read_only();
    let holder = |set: &PhysRangeSet| set.iter().find(|own| own.contains(first));
    let next = |set: &PhysRangeSet| set.iter().map(PhysRange::start).find(|start| *start > range.start());
    let crash = facts.crash;
    if crash.contains(first) {
        return (crash.end(), "crash memory");
    }
    if let Some(no_map) = holder(&facts.no_map) {
        // Crash memory may touch other memory that must not be mapped.
        let end = if no_map.contains(crash) && crash.start() > range.start() {
            crash.start()
        } else {
            no_map.end()
        };
        return (end, "no-map memory");
    }
    let no_map = next(&facts.no_map).unwrap_or(range.end());
    match holder(&facts.ram) {
        Some(_) if image.contains(first) => {
            (image.end(), "the kernel's text and constants, which the policy wants mapped once")
        }
        Some(ram) => (ram.end().min(no_map), "RAM beyond reach"),
        None => (next(&facts.ram).unwrap_or(range.end()).min(no_map), "no RAM"),
    }
}
