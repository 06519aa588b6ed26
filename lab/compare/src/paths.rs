//! Ways from reset to `main`: the software before the image, the image's own loader under EFI, and
//! the landing. The landing is the same on every path, except for the tree that it reads.

use super::Table;
use super::placements::name_of;
use anyhow::Error;
use landfall_boots::paths::cost;
use landfall_host::machine::Mode;
use landfall_host::measure::Part;
use landfall_host::output;
use landfall_host::qemu::Qemu;

/// Boots each path in the smallest mode and the largest.
///
/// # Errors
/// [`Error`] where one does not land.
pub fn table(qemu: &Qemu) -> Result<Table, Error> {
    let costs = cost::measure(qemu, &[Mode::Sv39, Mode::Sv57], |line| output::note(line))?;
    let rows = costs.iter().map(|cost| {
        let counted = cost.instructions;
        let numbers = [counted.loader(), counted.efi_loader(), counted.total(), counted.of(Part::Tree)];
        let words = [cost.path, name_of(cost.mode)];
        words.into_iter().map(Into::into).chain(numbers.into_iter().map(Into::into)).collect()
    });
    Ok(Table {
        title: "Boot paths: hello, one hart, 1 GiB, one seed; instructions",
        columns: vec![
            "path",
            "mode",
            "before the image",
            "its EFI loader",
            "image to `main`",
            "of that for the tree",
        ],
        rows: rows.collect(),
    })
}
