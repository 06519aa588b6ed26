//! Trees with ranges of memory that are not the kernel's.

use anyhow::Error;
use dtoolkit::fdt::Fdt;
use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};

use super::case::Axis;

/// The first range, and the distance to the next: each lies in 2 MiB of its own.
const FIRST: u64 = 0x9000_0000;
const STRIDE: u64 = 4 << 20;
/// Bytes of a range.
const SIZE: u64 = 64 << 10;

/// Returns a tree with `count` more children of `/reserved-memory`, which `axis` makes `no-map` or
/// not.
pub(super) fn with_ranges(tree: &[u8], count: u64, axis: Axis) -> Result<Vec<u8>, Error> {
    let mut tree = DeviceTree::from_fdt(&Fdt::new(tree)?);
    let mut parent = DeviceTreeNode::new_unchecked("reserved-memory");
    parent.add_property(DeviceTreeProperty::new_unchecked("#address-cells", 2_u32));
    parent.add_property(DeviceTreeProperty::new_unchecked("#size-cells", 2_u32));
    parent.add_property(DeviceTreeProperty::new_unchecked("ranges", Vec::<u8>::new()));
    for start in (0..count).map(|index| FIRST + index * STRIDE) {
        let mut child = DeviceTreeNode::new_unchecked(format!("range@{start:x}"));
        let reg = [start, SIZE].map(u64::to_be_bytes).concat();
        child.add_property(DeviceTreeProperty::new_unchecked("reg", reg));
        if axis == Axis::NoMap {
            child.add_property(DeviceTreeProperty::new_unchecked("no-map", Vec::<u8>::new()));
        }
        parent.add_child(child);
    }
    tree.root.add_child(parent);
    Ok(tree.to_dtb())
}
