//! The device tree as it reached S-mode, read on the host with a reader that the kernel's own code has no part in; and changed, as
//! boot loaders change it.

use dtoolkit::fdt::{Fdt, FdtNode};
use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};
use dtoolkit::{Node, Property};

use super::intervals::{Interval, union, without};

/// What a machine is, by its tree.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    /// Memory, whole pages.
    pub(super) ram: Vec<Interval>,
    /// What must not be mapped.
    pub(super) no_map: Vec<Interval>,
    /// What may be mapped and not used.
    pub(super) reserved: Vec<Interval>,
    /// Enabled harts: id and `mmu-type`.
    pub(super) harts: Vec<(u64, Option<String>)>,
    /// The values of `kaslr-seed` and `rng-seed`.
    pub(super) seeds: Vec<Vec<u8>>,
    pub(super) bootargs: String,
    /// Bytes.
    pub(super) size: u64,
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

fn value(node: &FdtNode<'_>, name: &str) -> Option<Vec<u8>> {
    node.properties().find(|property| property.name() == name).map(|property| property.value().to_vec())
}

fn text(node: &FdtNode<'_>, name: &str) -> Option<String> {
    let value = value(node, name)?;
    Some(String::from_utf8_lossy(&value).trim_end_matches('\0').to_owned())
}

fn is_okay(node: &FdtNode<'_>) -> bool {
    text(node, "status").is_none_or(|status| status == "okay" || status == "ok")
}

/// The entries of `reg` under a parent with these numbers of cells.
fn reg(node: &FdtNode<'_>, parent: &FdtNode<'_>) -> Vec<Interval> {
    let cells = |name, default| {
        let cells = value(parent, name).map_or(default, |value| number(&value));
        usize::try_from(cells * 4).unwrap_or_default()
    };
    let (address, size) = (cells("#address-cells", 2), cells("#size-cells", 1));
    let reg = value(node, "reg").unwrap_or_default();
    reg.chunks_exact((address + size).max(1))
        .map(|entry| Interval::new(number(&entry[..address]), number(&entry[address..])))
        .collect()
}

impl Tree {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let fdt =
            Fdt::new(bytes).map_err(|error| format!("the tree is not readable on the host: {error}"))?;
        let mut tree = Self { size: bytes.len() as u64, ..Self::default() };
        let root = fdt.root();
        for reservation in fdt.memory_reservations() {
            tree.reserved.push(Interval::new(reservation.address(), reservation.size()).pages_touched());
        }
        for node in root.children() {
            let name = node.name().to_owned();
            if text(&node, "device_type").as_deref() == Some("memory") && is_okay(&node) {
                tree.ram.extend(reg(&node, &root).into_iter().map(Interval::pages_within));
            } else if name == "reserved-memory" {
                tree.read_reservations(&node);
            } else if name == "cpus" {
                let cpus = node.children().filter(|cpu| cpu.name().starts_with("cpu@") && is_okay(cpu));
                let hart = |cpu: FdtNode<'_>| Some((number(&value(&cpu, "reg")?), text(&cpu, "mmu-type")));
                tree.harts.extend(cpus.filter_map(hart));
            } else if name == "chosen" {
                tree.bootargs = text(&node, "bootargs").unwrap_or_default();
                tree.seeds.extend(["kaslr-seed", "rng-seed"].iter().filter_map(|name| value(&node, name)));
                if let (Some(start), Some(end)) =
                    (value(&node, "linux,initrd-start"), value(&node, "linux,initrd-end"))
                {
                    tree.reserved.push(Interval { start: number(&start), end: number(&end) }.pages_touched());
                }
            }
        }
        tree.ram = union(tree.ram);
        Ok(tree)
    }

    fn read_reservations(&mut self, node: &FdtNode<'_>) {
        for child in node.children().filter(is_okay) {
            // OpenSBI 0.8 to 1.2 name their own memory so, and leave `no-map` out.
            let firmware = child.name().starts_with("mmode_resv") || child.name().starts_with("mmode_pmp");
            let set = if firmware || value(&child, "no-map").is_some() {
                &mut self.no_map
            } else {
                &mut self.reserved
            };
            set.extend(reg(&child, node).into_iter().map(Interval::pages_touched));
        }
    }

    /// The lowest memory.
    pub(super) fn lowest(&self) -> u64 {
        self.ram.first().map_or(0, |first| first.start)
    }

    /// What a linear map with this reach must hold: all memory but the holes.
    pub(super) fn mappable(&self, reach: u64) -> Vec<Interval> {
        let beyond = Interval { start: self.lowest().saturating_add(reach), end: u64::MAX };
        let holes: Vec<_> = self.no_map.iter().copied().chain([beyond]).collect();
        without(&self.ram, &holes)
    }

    /// Bytes of memory beyond the reach.
    pub(super) fn beyond(&self, reach: u64) -> u64 {
        let end = self.lowest().saturating_add(reach);
        without(&self.ram, &[Interval { start: 0, end }]).into_iter().map(Interval::size).sum()
    }

    /// The harts that can land in a mode of this many levels of tables: by their `mmu-type`, and the hart that booted in it.
    pub(super) fn landing_harts(&self, levels: u32, boot: u64) -> Vec<u64> {
        let levels_of = |mmu: &str| match mmu {
            "riscv,sv39" => 3,
            "riscv,sv48" => 4,
            "riscv,sv57" => 5,
            _ => 0,
        };
        let able = self
            .harts
            .iter()
            .filter(|(id, mmu)| *id == boot || mmu.as_deref().map_or(0, levels_of) >= levels);
        able.map(|(id, _)| *id).collect()
    }
}

/// Changes a tree.
pub(super) fn edit(bytes: &[u8], change: impl FnOnce(&mut DeviceTree)) -> Result<Vec<u8>, String> {
    let fdt = Fdt::new(bytes).map_err(|error| format!("the tree is not readable on the host: {error}"))?;
    let mut tree = DeviceTree::from_fdt(&fdt);
    change(&mut tree);
    Ok(tree.to_dtb())
}

/// Makes `seed` the only source of randomness, or takes all away.
pub(super) fn set_seed(tree: &mut DeviceTree, seed: Option<u64>) {
    let Some(chosen) = tree.root.child_mut("chosen") else { return };
    chosen.remove_property("rng-seed");
    chosen.remove_property("kaslr-seed");
    if let Some(seed) = seed {
        chosen.add_property(DeviceTreeProperty::new_unchecked("kaslr-seed", seed));
    }
}

/// Gives the machine these memory nodes in the place of its own.
pub(super) fn set_memory(tree: &mut DeviceTree, nodes: &[Interval]) {
    let is_memory = |name: &str| name.split('@').next() == Some("memory");
    let own: Vec<String> =
        tree.root.children().map(|node| node.name().to_owned()).filter(|name| is_memory(name)).collect();
    for name in own {
        tree.root.remove_child(&name);
    }
    for (index, node) in nodes.iter().enumerate() {
        let mut memory = DeviceTreeNode::new_unchecked(format!("memory@{:x}-{index}", node.start));
        memory.add_property(DeviceTreeProperty::new_unchecked("device_type", "memory"));
        memory.add_property(DeviceTreeProperty::new_unchecked("reg", pair(*node)));
        tree.root.add_child(memory);
    }
}

/// Whether what is reserved may be mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mapped {
    Yes,
    No,
}

/// Adds a reservation, under a name that no other has.
pub(super) fn reserve(tree: &mut DeviceTree, range: Interval, mapped: Mapped) {
    if tree.root.child("reserved-memory").is_none() {
        let mut node = DeviceTreeNode::new_unchecked("reserved-memory");
        node.add_property(DeviceTreeProperty::new_unchecked("#address-cells", 2_u32));
        node.add_property(DeviceTreeProperty::new_unchecked("#size-cells", 2_u32));
        node.add_property(DeviceTreeProperty::new_unchecked("ranges", Vec::<u8>::new()));
        tree.root.add_child(node);
    }
    let Some(parent) = tree.root.child_mut("reserved-memory") else { return };
    let mut child = DeviceTreeNode::new_unchecked(format!("test@{:x}-{:x}", range.start, range.size()));
    child.add_property(DeviceTreeProperty::new_unchecked("reg", pair(range)));
    if mapped == Mapped::No {
        child.add_property(DeviceTreeProperty::new_unchecked("no-map", Vec::<u8>::new()));
    }
    parent.add_child(child);
}

/// An address and a size, of two cells each.
fn pair(range: Interval) -> Vec<u8> {
    [range.start, range.size()].map(u64::to_be_bytes).concat()
}

/// Changes a hart's `mmu-type`; `None` takes it away.
pub(super) fn set_mmu(tree: &mut DeviceTree, hart: u64, mmu: Option<&str>) {
    if let Some(cpu) = cpu_mut(tree, hart) {
        cpu.remove_property("mmu-type");
        if let Some(mmu) = mmu {
            cpu.add_property(DeviceTreeProperty::new_unchecked("mmu-type", mmu));
        }
    }
}

/// Turns a hart off.
pub(super) fn disable(tree: &mut DeviceTree, hart: u64) {
    if let Some(cpu) = cpu_mut(tree, hart) {
        cpu.remove_property("status");
        cpu.add_property(DeviceTreeProperty::new_unchecked("status", "disabled"));
    }
}

fn cpu_mut(tree: &mut DeviceTree, hart: u64) -> Option<&mut DeviceTreeNode> {
    tree.root.child_mut("cpus")?.child_mut(&format!("cpu@{hart:x}"))
}
