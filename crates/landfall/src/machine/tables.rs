//! Carrying out the plan's mappings.

use landfall_paging::{Mapper, Satp};
use landfall_plan::{Facts, Plan, Refusal};

use super::early::{PhysicalMemory, TablePages};

/// Builds the tables of a plan, in the place that it gives them.
///
/// # Errors
/// None that a sound plan could give; rule 18 otherwise.
#[inline(never)]
#[unsafe(export_name = "landfall_build_tables")]
pub(super) fn build(memory: &PhysicalMemory, facts: &Facts, plan: &Plan) -> Result<Satp, Refusal> {
    // SAFETY: the plan took these pages from free RAM.
    let pages = unsafe { TablePages::new(memory) };
    let mut mapper = Mapper::new(plan.mode, plan.format, pages, plan.block.start(), plan.table_pages)?;
    // An iterator of this size is copied if a loop takes it.
    let mut mappings = plan.mappings(facts);
    for mapping in &mut mappings {
        // Image and stacks lie apart from each other, in tables that stay almost empty.
        if mapping.virt >= plan.border {
            mapper.fill_ahead();
        }
        mapper.map(mapping)?;
    }
    Ok(Satp::new(plan.mode, mapper.finish().root))
}
