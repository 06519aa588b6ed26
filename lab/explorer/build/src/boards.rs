//! Records a kernel, and the facts of boards.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use dtoolkit::fdt::Fdt;
use dtoolkit::model::{DeviceTree, DeviceTreeNode};
use dtoolkit::{Node, Property};
use landfall_explorer::Bytes;
use landfall_explorer::request::Saved;
use landfall_paging::{PhysAddr, PhysRange};
use landfall_predict::blueprint::Blueprint;
use landfall_predict::board::facts_of;
use serde_json::{Value, json};

use crate::paths::explorer;

/// Name, title, file, and RAM for a tree that states none.
const BOARDS: [(&str, &str, &str, &[&str]); 7] = [
    ("unmatched", "SiFive HiFive Unmatched", "hifive-unmatched-a00.dtb", &[]),
    ("visionfive-2", "StarFive VisionFive 2 (JH7110)", "jh7110-starfive-visionfive-2-v1.3b.dtb", &[]),
    ("icicle", "Microchip PolarFire SoC Icicle Kit", "mpfs-icicle-kit.dtb", &[]),
    ("licheepi-4a", "LicheePi 4A (TH1520)", "th1520-lichee-pi-4a.dtb", &[]),
    ("bpi-f3", "Banana Pi BPI-F3 (K1)", "k1-bananapi-f3.dtb", &["0x0:2G", "0x100000000:2G"]),
    ("pioneer", "Milk-V Pioneer (SG2042)", "sg2042-milkv-pioneer.dtb", &["0x80000000:32G"]),
    ("nezha", "Allwinner Nezha (D1)", "sun20i-d1-nezha.dtb", &["0x40000000:512M"]),
];

/// Properties that the landing reads, of the root, of `/cpus` and of memory.
const PROPERTIES: [&str; 13] = [
    "#address-cells",
    "#size-cells",
    "bootargs",
    "compatible",
    "device_type",
    "mmu-type",
    "no-map",
    "reg",
    "riscv,isa",
    "riscv,cboz-block-size",
    "riscv,isa-extensions",
    "status",
    "timebase-frequency",
];

/// Records the flat image at `path`.
pub(crate) fn record_kernel(path: &Path) -> Result<()> {
    let blueprint = Blueprint::of_image(&fs::read(path)?).map_err(|error| anyhow!("{error}"))?;
    let name = path.file_stem().and_then(|name| name.to_str()).context("the image has no name")?;
    let saved = Saved::of(name, &blueprint).context("the image is damaged")?;
    write("kernel.json", &serde_json::to_value(saved)?)
}

/// Records the boards whose trees are in `folder`.
pub(crate) fn record(folder: &Path) -> Result<()> {
    let board = |(name, title, file, memory): (&str, &str, &str, &[&str])| -> Result<Value> {
        let original = fs::read(folder.join(file)).with_context(|| file.to_owned())?;
        let known = facts(&original)?;
        let tree = reduced(&original)?;
        ensure!(facts(&tree)? == known, "{file} loses facts");
        Ok(json!({
            "name": name,
            "title": title,
            "file": file,
            "size": original.len(),
            "suggested_memory": memory,
            "tree": Bytes(tree),
        }))
    };
    write("boards.json", &BOARDS.into_iter().map(board).collect::<Result<Value>>()?)
}

fn write(name: &str, value: &Value) -> Result<()> {
    fs::write(explorer().join("recorded").join(name), format!("{value:#}\n"))?;
    Ok(())
}

/// Returns the facts, without the places in the tree's own bytes.
fn facts(tree: &[u8]) -> Result<String> {
    let (mut facts, _) = facts_of(tree, PhysAddr::new(0), 0).map_err(|refusal| anyhow!("{refusal}"))?;
    (facts.tree, facts.command_line) = (PhysRange::default(), PhysRange::default());
    Ok(format!("{facts:?}"))
}

/// Returns a valid tree with no other nodes and properties than those that the landing reads.
fn reduced(tree: &[u8]) -> Result<Vec<u8>> {
    let mut tree = DeviceTree::from_fdt(&Fdt::new_unchecked(tree));
    keep_properties(&mut tree.root);
    let names: Vec<_> = tree.root.children().map(|node| node.name().to_owned()).collect();
    for name in names {
        let node = tree.root.child_mut(&name).context("a child")?;
        let base = name.split('@').next().unwrap_or_default();
        if ["chosen", "cpus", "memory", "reserved-memory"].contains(&base) {
            reduce(node);
        } else {
            tree.root.remove_child(&name);
        }
    }
    Ok(tree.to_dtb())
}

fn reduce(node: &mut DeviceTreeNode) {
    keep_properties(node);
    let names: Vec<_> = node.children().map(|node| node.name().to_owned()).collect();
    for name in names {
        let is_hart = name.starts_with("cpu@") || node.name() == "reserved-memory";
        if !is_hart {
            node.remove_child(&name);
        } else if let Some(child) = node.child_mut(&name) {
            keep_properties(child);
            let inner: Vec<_> = child.children().map(|node| node.name().to_owned()).collect();
            for name in &inner {
                child.remove_child(name);
            }
        }
    }
}

fn keep_properties(node: &mut DeviceTreeNode) {
    let names: Vec<_> = node.properties().map(|property| property.name().to_owned()).collect();
    for name in names.iter().filter(|name| !PROPERTIES.contains(&name.as_str())) {
        node.remove_property(name);
    }
}
