//! The seed in a machine's device tree.
//!
//! QEMU writes a tree for each machine, with an `rng-seed` that differs each time. For a repeatable
//! boot this module takes that tree, adds a `kaslr-seed` to `/chosen` and removes `rng-seed`. The
//! tree goes back to QEMU by `-dtb`.

use std::path::{Path, PathBuf};
use std::{fs, io};

use dtoolkit::error::FdtParseError;
use dtoolkit::fdt::Fdt;
use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};
use thiserror::Error;

use crate::machine::Machine;
use crate::qemu::Qemu;
use landfall_predict::units::Seed;

/// Why there is no tree.
#[derive(Debug, Error)]
pub enum TreeError {
    /// QEMU did not write one.
    #[error("QEMU did not write the machine's device tree ({status}): {errors}")]
    NotDumped {
        /// QEMU's exit status.
        status: std::process::ExitStatus,
        /// The value.
        errors: String,
    },
    /// A file could not be read or written, or QEMU not be started.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// QEMU's tree is invalid.
    #[error("cannot read the machine's device tree: {0}")]
    Parse(#[from] FdtParseError),
}

/// QEMU's device tree for exactly this machine, as it stands before firmware adds to it.
///
/// # Errors
/// [`TreeError`] states the reason.
pub fn of_machine(qemu: &Qemu, machine: &Machine, directory: &Path) -> Result<Vec<u8>, TreeError> {
    let path = directory.join("machine.dtb");
    let mut command = qemu.command();
    command.args(machine.dump_tree_arguments(&path));
    let output =
        command.output().map_err(|source| TreeError::File { path: command.get_program().into(), source })?;
    match fs::read(&path) {
        Ok(tree) => Ok(tree),
        Err(_) => Err(TreeError::NotDumped {
            status: output.status,
            errors: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        }),
    }
}

/// Returns the same tree with `seed` as the only source of randomness in it.
///
/// # Errors
/// [`TreeError::Parse`] where `tree` is no device tree.
pub fn with_seed(tree: &[u8], seed: Seed) -> Result<Vec<u8>, TreeError> {
    edit(tree, |chosen| {
        chosen.remove_property("rng-seed");
        chosen.remove_property("kaslr-seed");
        chosen.add_property(DeviceTreeProperty::new_unchecked("kaslr-seed", seed.0));
    })
}

/// Returns the same tree with no source of randomness in it.
///
/// # Errors
/// [`TreeError::Parse`] where `tree` is no device tree.
pub fn without_seeds(tree: &[u8]) -> Result<Vec<u8>, TreeError> {
    edit(tree, |chosen| {
        chosen.remove_property("rng-seed");
        chosen.remove_property("kaslr-seed");
    })
}

/// Changes `/chosen`, and creates it if it is missing.
fn edit(tree: &[u8], change: impl FnOnce(&mut DeviceTreeNode)) -> Result<Vec<u8>, TreeError> {
    let mut tree = DeviceTree::from_fdt(&Fdt::new(tree)?);
    if tree.root.child_mut("chosen").is_none() {
        tree.root.add_child(DeviceTreeNode::new_unchecked("chosen"));
    }
    if let Some(chosen) = tree.root.child_mut("chosen") {
        change(chosen);
    }
    Ok(tree.to_dtb())
}

#[cfg(test)]
mod tests {
    use dtoolkit::{Node, Property};

    use super::*;

    fn chosen(tree: &[u8]) -> Vec<(String, Vec<u8>)> {
        let fdt = Fdt::new(tree).expect("a tree");
        let chosen = fdt.find_node("/chosen").expect("/chosen");
        chosen.properties().map(|property| (property.name().to_owned(), property.value().to_vec())).collect()
    }

    fn tree_with_rng_seed() -> Vec<u8> {
        let mut tree = DeviceTree::new();
        let mut chosen = DeviceTreeNode::new_unchecked("chosen");
        chosen.add_property(DeviceTreeProperty::new_unchecked("rng-seed", [1_u8; 32]));
        chosen.add_property(DeviceTreeProperty::new_unchecked("stdout-path", "/soc"));
        tree.root.add_child(chosen);
        tree.to_dtb()
    }

    #[test]
    fn the_seed_is_big_endian_and_alone() {
        let seeded = with_seed(&tree_with_rng_seed(), Seed(0x0102_0304_0506_0708)).expect("a tree");
        let seed = ("kaslr-seed".to_owned(), vec![1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(chosen(&seeded), [("stdout-path".to_owned(), b"/soc\0".to_vec()), seed]);
        assert_eq!(chosen(&without_seeds(&seeded).expect("a tree")).len(), 1);
    }

    #[test]
    fn a_tree_without_chosen_gets_one() {
        let seeded = with_seed(&DeviceTree::new().to_dtb(), Seed(1)).expect("a tree");
        assert_eq!(chosen(&seeded).len(), 1);
    }

    #[test]
    fn what_is_no_tree_is_an_error() {
        assert!(with_seed(b"", Seed(1)).is_err());
        assert!(with_seed(&[0xff; 100], Seed(1)).is_err());
    }
}
