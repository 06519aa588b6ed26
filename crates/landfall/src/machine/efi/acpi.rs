//! The tree to begin with where firmware has none: from ACPI's tables.

use core::ptr::with_exposed_provenance;
use core::slice;

use landfall_efi::{Acpi, MemoryMap, Refused, TooSmall};
use landfall_paging::PhysAddr;
use landfall_tree::Tree;

use super::GROWTH;
use super::firmware::{Firmware, Taken};

/// Writes the tree, by the tables below the root pointer at `root`, into memory that firmware gives.
pub(super) fn tree(firmware: &Firmware, root: PhysAddr) -> Result<&'static mut [u8], Refused> {
    let map = firmware.pages(firmware.memory_map_size()? + GROWTH)?;
    let Taken { size, descriptor_size, .. } = firmware.memory_map(map)?;
    let map = MemoryMap::new(map.get(..size).unwrap_or_default(), descriptor_size)?;
    let acpi = Acpi::find(root, |range| {
        // SAFETY: firmware has mapped its memory where it is, and keeps tables in this; nobody writes to them while it runs.
        map.may_hold_tables(range).then(|| unsafe {
            slice::from_raw_parts(
                with_exposed_provenance(range.start().get() as usize),
                range.size() as usize,
            )
        })
    })?;
    let wanted = acpi.write_tree(&mut []).unwrap_or_else(|TooSmall { wanted }| wanted);
    // What no landing would read is not written.
    let [a, b, c, d] = u32::try_from(wanted).unwrap_or(u32::MAX).to_be_bytes();
    Tree::stated_size([0, 0, 0, 0, a, b, c, d])?;
    let tree = firmware.pages(wanted)?.get_mut(..wanted).unwrap_or_default();
    // It fits, since it was measured.
    let _ = acpi.write_tree(tree);
    Ok(tree)
}
