//! Device trees as boards have them.

use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};

/// A tree under construction.
pub(crate) struct Board {
    tree: DeviceTree,
    reserved: Option<DeviceTreeNode>,
    cpus: DeviceTreeNode,
}

pub(crate) fn cells(values: &[u64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

fn node(name: &str, properties: &[(&str, Vec<u8>)]) -> DeviceTreeNode {
    let mut node = DeviceTreeNode::new_unchecked(name);
    for (name, value) in properties {
        node.add_property(DeviceTreeProperty::new_unchecked(*name, value.as_slice()));
    }
    node
}

fn text(text: &str) -> Vec<u8> {
    [text.as_bytes(), b"\0"].concat()
}

impl Board {
    pub(crate) fn new() -> Self {
        let mut tree = DeviceTree::new();
        for name in ["#address-cells", "#size-cells"] {
            tree.root.add_property(DeviceTreeProperty::new_unchecked(name, 2_u32));
        }
        let cpus = node("cpus", &[("timebase-frequency", 10_000_000_u32.to_be_bytes().to_vec())]);
        Self { tree, reserved: None, cpus }
    }

    /// A node of memory with one range.
    pub(crate) fn memory(self, start: u64, size: u64) -> Self {
        self.memory_bytes(&format!("memory@{start:x}"), cells(&[start, size]))
    }

    pub(crate) fn memory_bytes(mut self, name: &str, reg: Vec<u8>) -> Self {
        self.tree.root.add_child(node(name, &[("device_type", text("memory")), ("reg", reg)]));
        self
    }

    pub(crate) fn hart(self, id: u64, mmu: Option<&str>) -> Self {
        self.hart_with(id, mmu, &[])
    }

    /// A hart with more properties, all of them texts.
    pub(crate) fn hart_with(mut self, id: u64, mmu: Option<&str>, more: &[(&str, &str)]) -> Self {
        let mut properties = vec![("device_type", text("cpu")), ("reg", cells(&[id]))];
        properties.extend(mmu.map(|mmu| ("mmu-type", text(mmu))));
        properties.extend(more.iter().map(|(name, value)| (*name, text(value))));
        self.cpus.add_child(node(&format!("cpu@{id:x}"), &properties));
        self
    }

    /// A child of `reserved-memory`.
    pub(crate) fn reserved(mut self, name: &str, reg: Option<[u64; 2]>, properties: &[&str]) -> Self {
        let parent = self.reserved.get_or_insert_with(|| {
            let two = || 2_u32.to_be_bytes().to_vec();
            node("reserved-memory", &[("#address-cells", two()), ("#size-cells", two())])
        });
        let mut all: Vec<_> = properties.iter().map(|name| (*name, Vec::new())).collect();
        all.extend(reg.map(|reg| ("reg", cells(&reg))));
        parent.add_child(node(name, &all));
        self
    }

    pub(crate) fn chosen(mut self, properties: &[(&str, Vec<u8>)]) -> Self {
        self.tree.root.add_child(node("chosen", properties));
        self
    }

    pub(crate) fn dtb(mut self) -> Vec<u8> {
        self.tree.root.add_child(self.cpus);
        if let Some(reserved) = self.reserved {
            self.tree.root.add_child(reserved);
        }
        self.tree.to_dtb()
    }
}

/// QEMU's `virt` machine as firmware hands it over.
pub(crate) fn virt(memory: u64, mmu: &str) -> Vec<u8> {
    Board::new()
        .memory(0x8000_0000, memory)
        .hart(0, Some(mmu))
        .reserved("mmode_resv0@80000000", Some([0x8000_0000, 0x6_0000]), &["no-map"])
        .dtb()
}
