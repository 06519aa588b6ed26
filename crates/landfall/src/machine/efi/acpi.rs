//! The tree to begin with where firmware has none: from ACPI's tables.

#[cfg(feature = "acpi")]
use core::{ptr::with_exposed_provenance, slice};

use landfall_efi::EfiRefusal;
#[cfg(feature = "acpi")]
use landfall_efi::{Acpi, MemoryMap};
use landfall_paging::PhysAddr;
#[cfg(not(feature = "acpi"))]
use landfall_plan::refusal::{MissingFeature, Refusal};
#[cfg(feature = "acpi")]
use landfall_tree::tokens::WriteError;

use super::firmware::{Firmware, Pages};
#[cfg(feature = "acpi")]
use super::{GROWTH, firmware::Taken};

/// Writes the tree, by the tables below the root pointer at `root`, into memory that firmware
/// gives.
#[cfg(feature = "acpi")]
pub(super) fn tree(firmware: &Firmware, root: PhysAddr) -> Result<Pages<'_>, EfiRefusal> {
    let mut map = firmware.pages(firmware.memory_map_size()? + GROWTH)?;
    let Taken { size, descriptor_size, .. } = firmware.memory_map(&mut map)?;
    let map = MemoryMap::new(map.get(..size).unwrap_or_default(), descriptor_size)?;
    let acpi = Acpi::find(root, |range| {
        // SAFETY: firmware has mapped its memory one to one and keeps tables in this. They are not
        // written while it runs.
        map.may_hold_tables(range).then(|| unsafe {
            slice::from_raw_parts(
                with_exposed_provenance(range.start().get() as usize),
                range.size() as usize,
            )
        })
    })?;
    let wanted = acpi.write_tree(&mut []).unwrap_or_else(WriteError::wanted);
    let mut tree = firmware.pages_for_tree(wanted, 0)?;
    // It fits, since it was measured.
    let _ = acpi.write_tree(&mut tree);
    Ok(tree)
}

/// Refuses: the code that reads the tables was compiled out.
#[cfg(not(feature = "acpi"))]
pub(super) fn tree(_: &Firmware, _: PhysAddr) -> Result<Pages<'_>, EfiRefusal> {
    Err(Refusal::CompiledOut(MissingFeature::Acpi).into())
}
