//! Boots by firmware that has ACPI's tables and no device tree. The judge is QEMU's own tree of the
//! same machine, which firmware has not seen.

use super::configuration::{Configuration, DTB_TABLE};
use crate::devicetree::{self, Tree};
use crate::session::{Entry, Session};

/// The property of QEMU's machine by which EDK2 finds ACPI's tables. It is so too where nothing is
/// said (`acpi=auto`).
pub(crate) const ON: &str = "acpi=on";

/// Judges the tree with which the kernel was entered by `right`, QEMU's own, and the root pointer
/// by the firmware's word and its first bytes.
pub(crate) fn check(session: &mut Session, entry: &Entry, right: &[u8]) -> Result<Vec<String>, String> {
    let bytes = session.tree(entry.tree_at)?;
    let (tree, right_tree) = (Tree::read(&bytes)?, Tree::read(right)?);
    let mut findings = Vec::new();
    let mut holds = |holds: bool, what: String| {
        if !holds {
            findings.push(what);
        }
    };
    holds(!right_tree.harts.is_empty(), "QEMU's own tree has no harts".to_owned());
    let (harts, right_harts) = (&tree.harts, &right_tree.harts);
    holds(harts == right_harts, format!("the harts of ACPI are {harts:x?}, and QEMU's {right_harts:x?}"));
    let (ticks, right_ticks) = (devicetree::timebase(&bytes), devicetree::timebase(right));
    holds(
        ticks.is_some() && ticks == right_ticks,
        format!("the timebase is {ticks:?}, and QEMU's {right_ticks:?}"),
    );
    let number = |name| devicetree::chosen(&bytes, name).map(|value| devicetree::number(&value));
    let table = number("linux,uefi-system-table").ok_or("/chosen has no system table")?;
    let configuration = Configuration::read(session, table)?;
    holds(configuration.find(DTB_TABLE).is_none(), "the firmware has a device tree".to_owned());
    let (root, right_root) = (number("landfall,acpi-rsdp"), configuration.acpi_root()?);
    holds(
        root == Some(right_root),
        format!("the report has ACPI's root pointer at {root:x?}, and the firmware's is at {right_root:#x}"),
    );
    let begins = session.read(root.unwrap_or_default(), 8)?;
    holds(begins == b"RSD PTR ", format!("there is no root pointer of ACPI there, but {begins:x?}"));
    Ok(findings)
}
