//! The kernel's image in a core.

use landfall_image::record;

use super::file::{CoreError, CoreFile, Load};
use crate::debug::files::{HEAD, Known};
use crate::debug::locate::Place;
use landfall_predict::units::Address;

/// Finds the image. If several segments begin with it, it is the smallest of them: RAM of the
/// linear map may begin with the image too.
pub(super) fn find(core: &CoreFile, kernel: &Known) -> Result<Place, CoreError> {
    let mut found: Option<Load> = None;
    let mut is_landfall = false;
    for load in &core.loads {
        let head = core.beginning(load, HEAD as u64)?;
        is_landfall |=
            head.get(record::OFFSET..).is_some_and(|rest| rest.starts_with(&record::MAGIC.to_le_bytes()));
        if kernel.begins_with(&head)
            && is_same_build(core, kernel, load)?
            && found.is_none_or(|found| load.size < found.size)
        {
            found = Some(*load);
        }
    }
    match found {
        Some(load) => {
            Ok(Place::Landed { physical: Address(load.physical), at_virtual: Address(load.at_virtual) })
        }
        None if is_landfall => Err(CoreError::OtherKernel),
        None => Err(CoreError::NoKernel),
    }
}

/// Returns true if the image in a segment has the kernel's build ID, or the kernel has none.
fn is_same_build(core: &CoreFile, kernel: &Known, load: &Load) -> Result<bool, CoreError> {
    let Some((offset, id)) = &kernel.build_id else { return Ok(true) };
    let end = offset.saturating_add(id.len() as u64);
    let image = core.beginning(load, end)?;
    Ok(image.ends_with(id) && image.len() as u64 == end)
}
