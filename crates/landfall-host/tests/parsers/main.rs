//! The tree that a kernel finds, when the landing has deleted the seeds, is read by published
//! parsers as the tree before it.

mod readers;

use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};
use landfall_host::machine::Machine;
use landfall_host::qemu::{PROGRAM, Qemu};
use landfall_host::tree;
use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::Facts;
use landfall_tree::Tree;

use readers::{NODE, READERS};

/// The landing's reading of a tree.
fn without_seeds(tree: &[u8]) -> Vec<u8> {
    let place = PhysRange::new(PhysAddr::new(0x8800_0000), tree.len() as u64);
    let mut facts = Facts::UNKNOWN;
    facts.tree = place;
    let found = Tree::read(tree, &mut facts).expect("a sound tree");
    let mut left = tree.to_vec();
    assert!(found.seeds.take(&mut left, &mut facts, &[]).is_some(), "the tree has seeds");
    left
}

/// Each parser reads in `tree`, once its seeds are deleted, what it has read before but for the
/// seeds.
fn assert_reads_the_same(tree: &[u8], name: &str) {
    let left = without_seeds(tree);
    for reader in READERS {
        let mut before = (reader.read)(tree);
        let all = before.len();
        before.retain(|line| !line.starts_with("kaslr-seed ") && !line.starts_with("rng-seed "));
        assert!(before.len() < all, "{}: {name}: it finds no seeds", reader.name);
        let nodes = before.iter().filter(|line| line.starts_with(NODE)).count();
        assert!(nodes > 5, "{}: {name}: it finds {nodes} nodes", reader.name);
        assert_eq!((reader.read)(&left), before, "{}: {name}", reader.name);
    }
}

fn bytes(name: &str, value: &[u8]) -> DeviceTreeProperty {
    DeviceTreeProperty::new_unchecked(name, value)
}

/// A node `/chosen` with `seeds` before, between and behind other properties.
fn chosen(seeds: [&[&str]; 3]) -> DeviceTreeNode {
    let mut chosen = DeviceTreeNode::new_unchecked("chosen");
    let mut count = 0;
    for (seeds, other) in seeds.into_iter().zip([Some("bootargs"), Some("stdout-path"), None]) {
        for seed in seeds {
            count += 1;
            chosen.add_property(bytes(seed, &vec![count; 7 + usize::from(count)]));
        }
        if let Some(other) = other {
            chosen.add_property(bytes(other, b"some text\0"));
        }
    }
    chosen
}

/// A machine's tree whose `/chosen` stands behind so many of four other nodes.
fn machine(chosen: DeviceTreeNode, before: usize) -> Vec<u8> {
    let mut tree = DeviceTree::new();
    for (name, value) in [("#address-cells", 2_u32), ("#size-cells", 2)] {
        tree.root.add_property(bytes(name, &value.to_be_bytes()));
    }
    let mut nodes: Vec<DeviceTreeNode> = ["memory@80000000", "cpus", "soc", "aliases"]
        .into_iter()
        .map(|name| {
            let mut node = DeviceTreeNode::new_unchecked(name);
            node.add_property(bytes("compatible", b"a,machine\0"));
            let mut child = DeviceTreeNode::new_unchecked(format!("{name}-child"));
            child.add_property(bytes("empty", &[]));
            node.add_child(child);
            node
        })
        .collect();
    nodes.insert(before, chosen);
    for node in nodes {
        tree.root.add_child(node);
    }
    tree.to_dtb()
}

#[test]
fn a_tree_without_its_seeds_reads_the_same_wherever_they_were() {
    let places: [[&[&str]; 3]; 6] = [
        [&["rng-seed"], &[], &[]],
        [&[], &["rng-seed"], &[]],
        [&[], &[], &["rng-seed"]],
        [&["kaslr-seed"], &["rng-seed"], &[]],
        [&["rng-seed"], &[], &["kaslr-seed"]],
        [&[], &["kaslr-seed"], &["kaslr-seed", "rng-seed"]],
    ];
    for seeds in places {
        for before in [0, 2, 4] {
            let tree = machine(chosen(seeds), before);
            assert_reads_the_same(&tree, &format!("{seeds:?} in /chosen, {before} nodes before it"));
        }
    }
}

#[test]
fn a_chosen_of_seeds_alone_reads_the_same() {
    for before in [0, 4] {
        let mut chosen = DeviceTreeNode::new_unchecked("chosen");
        chosen.add_property(bytes("rng-seed", &[3; 32]));
        assert_reads_the_same(&machine(chosen, before), "a /chosen of one seed");
    }
}

#[test]
#[ignore = "needs QEMU"]
fn the_tree_of_qemus_machine_reads_the_same() {
    let scratch = landfall_host::private::folder("landfall-").expect("a directory");
    let own = tree::of_machine(&Qemu::at(PROGRAM), &Machine::default(), scratch.path()).expect("QEMU's tree");
    assert_reads_the_same(&own, "QEMU's virt");
}
