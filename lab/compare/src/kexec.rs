//! The start of another kernel: its instructions, by the size of the next image.

use anyhow::Error;
use landfall_boots::kexec_cost;
use landfall_host::qemu::Qemu;

use super::Table;

/// Starts images of several sizes.
///
/// # Errors
/// [`Error`] where one is not started.
pub fn table(qemu: &Qemu) -> Result<Table, Error> {
    let row = |cost: &kexec_cost::Cost| {
        [cost.image, cost.initrd, cost.plan, cost.jump].map(Into::into).into_iter().collect()
    };
    Ok(Table {
        title: "Start of another kernel: one hart, sv39, 1 GiB; instructions from the call to the next kernel's first one",
        columns: vec![
            "bytes of the image",
            "bytes of the initrd, in its place",
            "plan, interrupts off",
            "jump, copies, wipes",
        ],
        rows: kexec_cost::measure(qemu)?.iter().map(row).collect(),
    })
}
