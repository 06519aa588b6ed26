//! The landing index of this kernel, for tools that read its memory.

use core::mem::offset_of;

use landfall_image::landing_index::{Field, LandingIndex, RANGES};
use landfall_plan::Facts;
use landfall_plan::memory::MAX_RANGES;
use landfall_plan::plan::Plan;

use super::{Landing, LandingCell};

/// The index, in front of the landing.
pub(super) const INDEX: LandingIndex = {
    assert!(MAX_RANGES == RANGES, "the index has room for as many ranges as a set");
    let mut offsets = [0; Field::ALL.len()];
    let mut number = 0;
    while number < offsets.len() {
        offsets[number] = (offset_of!(LandingCell, landing) + offset(Field::ALL[number])) as u64;
        number += 1;
    }
    LandingIndex::new(offsets)
};

/// Returns the offset of a value from the first byte of the landing.
const fn offset(field: Field) -> usize {
    const FACTS: usize = offset_of!(Landing, facts);
    const PLAN: usize = offset_of!(Landing, plan);
    match field {
        Field::Satp => offset_of!(Landing, satp),
        Field::Ram => FACTS + offset_of!(Facts, ram),
        Field::NoMap => FACTS + offset_of!(Facts, no_map),
        Field::LeafFormat => PLAN + offset_of!(Plan, format),
        Field::ImagePhysical => PLAN + offset_of!(Plan, image.phys.base),
        Field::ImageVirtual => PLAN + offset_of!(Plan, image.virt),
        Field::LinearOffset => PLAN + offset_of!(Plan, linear.offset),
        Field::LinearReach => PLAN + offset_of!(Plan, linear.reach),
        Field::Near => PLAN + offset_of!(Plan, near),
        Field::Dynamic => PLAN + offset_of!(Plan, dynamic),
        Field::Stacks => PLAN + offset_of!(Plan, stacks),
    }
}
