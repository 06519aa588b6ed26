//! The splits of the linear map: each aligned block of a leaf's size that holds RAM and takes more
//! than one leaf, with its obstacles.
//!
//! Such a block holds a place where the mapping changes, or the linear map's offset is no multiple
//! of its size. So they are found by walking the places, not the blocks, of which there may be
//! millions.

use std::collections::BTreeSet;

use landfall_paging::{LeafSize, Mapping, PhysAddr, PhysRange};
use landfall_plan::Facts;
use landfall_plan::planner::Bytes;
use landfall_plan::policy::Placement;

use super::Prediction;
use crate::space::Split;

/// The most splits that are listed for the reason that the offset is not aligned: they are all
/// alike.
pub const MOST_SPLITS: u64 = 1 << 16;

/// All of them, the largest first, each size in ascending order.
pub(super) fn of(prediction: &Prediction) -> Vec<Split> {
    let plan = &prediction.plan;
    let mappings: Vec<Mapping> = plan.linear.mappings(&prediction.facts).collect();
    let sizes = LeafSize::BY_LEVEL.iter().skip(1).take(plan.mode.levels() - 1).rev();
    sizes.flat_map(|size| of_size(prediction, &mappings, *size)).collect()
}

fn of_size(prediction: &Prediction, mappings: &[Mapping], size: LeafSize) -> Vec<Split> {
    let offset = prediction.plan.linear.offset;
    let bytes = size.bytes();
    // Blocks are counted by the physical address of their first byte, which is one even where the
    // virtual one is the aligned one.
    let shift = offset & (bytes - 1);
    let block = |phys: u64| (phys.wrapping_add(shift) & !(bytes - 1)).wrapping_sub(shift);
    let mut blocks = BTreeSet::new();
    for mapping in mappings {
        let (start, end) = (mapping.phys.get(), mapping.phys.get() + mapping.size);
        for edge in [start, end] {
            if block(edge) != edge {
                blocks.insert(block(edge));
            }
        }
        if shift != 0 {
            let count = (block(end - 1).wrapping_sub(block(start)) / bytes + 1).min(MOST_SPLITS);
            blocks.extend((0..count).map(|index| block(start).wrapping_add(index * bytes)));
        }
    }
    let split = |physical: u64| Split {
        start: physical.wrapping_add(offset),
        physical,
        leaf: size,
        causes: causes(prediction, physical, size),
    };
    let mut splits: Vec<_> = blocks.into_iter().map(split).collect();
    splits.sort_by_key(|split| split.start);
    splits
}

/// Everything that is in the way of one leaf at `physical`.
fn causes(prediction: &Prediction, physical: u64, size: LeafSize) -> Vec<String> {
    let Prediction { facts, plan, .. } = prediction;
    // A block that begins below physical address 0 is cut off there.
    let end = physical.wrapping_add(size.bytes());
    let start = if end != 0 && physical > end { 0 } else { physical };
    let block =
        PhysRange::between(PhysAddr::new(start), PhysAddr::new(if end == 0 { u64::MAX } else { end }));
    let mut causes = Vec::new();
    if plan.linear.offset & (size.bytes() - 1) != 0 {
        let grain = 1_u64 << plan.linear.offset.trailing_zeros();
        causes.push(format!("the linear map's offset is a multiple of {} only", Bytes(grain)));
    }
    causes.extend(no_map(facts, block));
    ram(&mut causes, facts, block);
    let unreached = PhysRange::between(plan.linear.reach.end(), block.end()).intersection(block);
    if facts.ram.first_overlap(unreached).is_some() {
        causes.push(format!("the linear map reaches up to {} only", plan.linear.reach.end()));
    }
    let image = plan.image.phys;
    let parts = match (plan.placement, prediction.absent_alias()) {
        (Placement::LinearMap, _) => [
            (image.text(), "the kernel's text is executable"),
            (image.constants(), "the kernel's constants are read-only"),
        ],
        (_, false) => {
            [(image.read_only(), "the kernel's text and constants are read-only"), (PhysRange::EMPTY, "")]
        }
        (_, true) => [
            (image.read_only(), "the kernel's text and constants are mapped elsewhere alone"),
            (PhysRange::EMPTY, ""),
        ],
    };
    // An obstacle that takes all of a block splits nothing.
    let cuts = |range: PhysRange| range.overlaps(block) && !range.contains(block);
    let cutting = parts.into_iter().filter(|(range, _)| cuts(*range));
    causes.extend(cutting.map(|(range, what)| format!("{what} at {range}")));
    causes
}

fn no_map(facts: &Facts, block: PhysRange) -> impl Iterator<Item = String> {
    // A reservation without RAM is not an obstacle.
    let matters = move |range: &PhysRange| facts.ram.first_overlap(range.intersection(block)).is_some();
    let crash = facts.crash;
    // Crash memory is one of the ranges, or a part of one.
    let others = facts.no_map.iter().flat_map(move |range| {
        if crash.is_empty() || !range.contains(crash) {
            return [range, PhysRange::EMPTY];
        }
        let below = PhysRange::between(range.start(), crash.start());
        [below, PhysRange::between(crash.end(), range.end())]
    });
    let named = |what: &'static str| move |range: PhysRange| format!("{what} at {range}");
    let others = others.filter(matters).map(named("no-map memory"));
    others.chain(Some(crash).filter(matters).map(named("crash memory")))
}

fn ram(causes: &mut Vec<String>, facts: &Facts, block: PhysRange) {
    for ram in facts.ram.iter().filter(|ram| ram.overlaps(block)) {
        if ram.start() > block.start() {
            causes.push(format!("RAM begins at {}", ram.start()));
        }
        if ram.end() < block.end() {
            causes.push(format!("RAM ends at {}", ram.end()));
        }
    }
}
