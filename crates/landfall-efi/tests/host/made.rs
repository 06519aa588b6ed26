//! Trees and maps to begin with.

use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};

/// A descriptor of 48 bytes: type, start, pages, attributes.
pub(crate) fn descriptor(kind: u32, start: u64, pages: u64, attributes: u64) -> Vec<u8> {
    let mut bytes = [u64::from(kind), start, 0, pages, attributes, 0].map(u64::to_le_bytes).concat();
    // The bytes between the type and the address have no meaning.
    bytes[4..8].fill(0xaf);
    bytes
}

/// `EFI_MEMORY_WB`, as firmware says of ordinary memory besides the ways in which it need not be
/// cached.
pub(crate) const CACHED: u64 = 0xf;

fn property(name: &str, value: Vec<u8>) -> DeviceTreeProperty {
    DeviceTreeProperty::new(name, value).expect("a name")
}

fn node(name: &str, properties: &[(&str, Vec<u8>)]) -> DeviceTreeNode {
    let mut node = DeviceTreeNode::new(name).expect("a name");
    for (name, value) in properties {
        node.add_property(property(name, value.clone()));
    }
    node
}

fn cells(count: u32) -> Vec<u8> {
    count.to_be_bytes().to_vec()
}

/// A machine of which there is nothing but how many cells a size takes.
pub(crate) fn bare(size_cells: u32) -> Vec<u8> {
    let mut tree = DeviceTree::new();
    tree.root.add_property(property("#address-cells", cells(2)));
    tree.root.add_property(property("#size-cells", cells(size_cells)));
    tree.to_dtb()
}

/// A machine with 2 GiB in two nodes, whose firmware says the usual.
pub(crate) fn tree(chosen: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut tree = DeviceTree::new();
    tree.root.add_property(property("#address-cells", cells(2)));
    tree.root.add_property(property("#size-cells", cells(2)));
    for start in [0x8000_0000_u64, 0xc000_0000] {
        let reg = [start, 0x4000_0000].map(u64::to_be_bytes).concat();
        let properties = [("device_type", b"memory\0".to_vec()), ("reg", reg)];
        tree.root.add_child(node(&format!("memory@{start:x}"), &properties));
    }
    tree.root.add_child(node("chosen", chosen));
    tree.root.add_child(node("soc", &[("compatible", b"simple-bus\0".to_vec())]));
    tree.to_dtb()
}
