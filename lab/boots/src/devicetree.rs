//! Changes to a tree, as boot loaders make them.

use dtoolkit::fdt::Fdt;
use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};
use dtoolkit::{Node, Property};

use landfall_judge::intervals::Interval;

pub(super) use landfall_judge::tree::{Tree, chosen, has_framebuffer, number, timebase};

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

/// Gives each memory node a name that says nothing: its `device_type` makes it memory.
pub(super) fn rename_memory(tree: &mut DeviceTree) {
    let is_memory = |name: &String| name.split('@').next() == Some("memory");
    let own: Vec<String> =
        tree.root.children().map(|node| node.name().to_owned()).filter(is_memory).collect();
    for name in own {
        let Some(memory) = tree.root.remove_child(&name) else { continue };
        let mut renamed = DeviceTreeNode::new_unchecked(name.replace("memory", "sdram"));
        for property in memory.properties() {
            renamed.add_property(property.clone());
        }
        tree.root.add_child(renamed);
    }
}

/// Limits memory, as kexec does for the kernel that runs beside a crashed one.
pub(super) fn set_usable(tree: &mut DeviceTree, range: Interval) {
    let Some(chosen) = tree.root.child_mut("chosen") else { return };
    chosen.add_property(DeviceTreeProperty::new_unchecked("linux,usable-memory-range", pair(range)));
}

/// The mapping of reserved memory.
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

/// States the size of a hart's blocks for `cbo.zero`, or that it has none.
pub(super) fn set_zero_block(tree: &mut DeviceTree, hart: u64, size: Option<u32>) {
    const SIZE: &str = "riscv,cboz-block-size";
    remove_extension(tree, hart, "zicboz");
    let Some(cpu) = cpu_mut(tree, hart) else { return };
    cpu.remove_property(SIZE);
    let Some(size) = size else { return };
    let list = cpu.property(LIST).map(|list| list.value().to_vec()).unwrap_or_default();
    cpu.remove_property(LIST);
    cpu.add_property(DeviceTreeProperty::new_unchecked(LIST, [&list[..], b"zicboz\0"].concat()));
    cpu.add_property(DeviceTreeProperty::new_unchecked(SIZE, size));
}

/// Moves the first hart behind the others.
pub(super) fn rotate_harts(tree: &mut DeviceTree) {
    let Some(cpus) = tree.find_node_mut("/cpus") else { return };
    if let Some(first) = cpus.remove_child("cpu@0") {
        cpus.add_child(first);
    }
}

/// The list of a hart's extensions.
const LIST: &str = "riscv,isa-extensions";

/// Takes an extension from a hart's list.
pub(super) fn remove_extension(tree: &mut DeviceTree, hart: u64, extension: &str) {
    let Some(cpu) = cpu_mut(tree, hart) else { return };
    let list = cpu.property(LIST).map(|list| list.value().to_vec()).unwrap_or_default();
    let names = list.split_inclusive(|byte| *byte == 0);
    let left: Vec<u8> = names
        .filter(|name| name.strip_suffix(b"\0") != Some(extension.as_bytes()))
        .flatten()
        .copied()
        .collect();
    cpu.remove_property(LIST);
    cpu.add_property(DeviceTreeProperty::new_unchecked(LIST, left));
}

/// Says where the initial RAM disk lies.
pub(super) fn set_initrd(tree: &mut DeviceTree, initrd: Interval) {
    let Some(chosen) = tree.root.child_mut("chosen") else { return };
    for (name, address) in [("linux,initrd-start", initrd.start), ("linux,initrd-end", initrd.end)] {
        chosen.remove_property(name);
        chosen.add_property(DeviceTreeProperty::new_unchecked(name, address));
    }
}

/// Makes these bytes the command line, whether or not they end as a text does.
pub(super) fn set_bootargs(tree: &mut DeviceTree, bytes: &[u8]) {
    let Some(chosen) = tree.root.child_mut("chosen") else { return };
    chosen.remove_property("bootargs");
    chosen.add_property(DeviceTreeProperty::new_unchecked("bootargs", bytes));
}

/// Says which hart boots, in so many bytes.
pub(super) fn set_boot_hart(tree: &mut DeviceTree, hart: &[u8]) {
    let Some(chosen) = tree.root.child_mut("chosen") else { return };
    chosen.remove_property("boot-hartid");
    chosen.add_property(DeviceTreeProperty::new_unchecked("boot-hartid", hart));
}

/// Removes `/chosen`, which a loader fills for a kernel.
pub(super) fn remove_chosen(tree: &mut DeviceTree) {
    tree.root.remove_child("chosen");
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
