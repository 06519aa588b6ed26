//! The sites of patched constants in the kernel's code: docs/decisions/0005-patched-constants.md.

use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::Plan;
use landfall_plan::sites::{Constant, SITE_SIZE, Site};

use super::early::PhysicalMemory;
use super::symbols::{address_of, table};

/// Writes the plan's numbers into all sites.
///
/// # Safety
/// The code is still writable at its physical address, and none of the sites has run. `fence.i`
/// follows before one does.
pub(super) unsafe fn patch(memory: &PhysicalMemory, plan: &Plan) {
    for site in table!("__landfall_linear_sites", "__landfall_image_sites", i32) {
        // SAFETY: the linker collected it, so there is a site.
        unsafe { site_at(memory, site) }.patch(Constant::LinearOffset, plan);
    }
    for site in table!("__landfall_border_sites", "__landfall_sites_end", i32) {
        // SAFETY: as above.
        unsafe { site_at(memory, site) }.patch(Constant::Border, plan);
    }
    for site in table!("__landfall_image_sites", "__landfall_border_sites", i32) {
        // SAFETY: as above.
        unsafe { site_at(memory, site) }.patch(Constant::ImageOffset, plan);
    }
}

/// # Safety
/// `record` is a record of the linker's table of sites.
unsafe fn site_at<'a>(memory: &'a PhysicalMemory, record: &i32) -> Site<'a> {
    let record_at = (&raw const *record).addr() as u64;
    let at = record_at.wrapping_add_signed(i64::from(*record));
    let image = PhysRange::new(PhysAddr::new(address_of!("__landfall_image_start")), u64::MAX);
    // SAFETY: a site takes so many bytes at most, the code is our own, and nothing runs there now.
    Site::new(unsafe { memory.bytes(image.start().wrapping_add(at - image.start().get()), SITE_SIZE) })
}
