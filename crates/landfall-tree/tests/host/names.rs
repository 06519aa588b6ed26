//! Names of properties: whole ones count, and nothing that begins or ends like them.

use std::collections::BTreeSet;

use landfall_plan::Facts;
use landfall_plan::randomness::SeedSource;
use landfall_tree::TreeContents;

use crate::read;
use crate::writer::{Writer, whole};

/// A property: its node, its name and its value.
type Property = (&'static [&'static str], &'static str, Vec<u8>);

fn cells(cells: &[u32]) -> Vec<u8> {
    cells.iter().flat_map(|cell| cell.to_be_bytes()).collect()
}

/// The properties that a landing reads. Each name changes a fact in one of its places.
fn properties() -> Vec<Property> {
    const HART: &[&str] = &["cpus", "hart@3"];
    const OTHER: &[&str] = &["cpus", "cpu@4"];
    const RESERVED: &[&str] = &["reserved-memory"];
    const SECRET: &[&str] = &["reserved-memory", "secret"];
    const CHOSEN: &[&str] = &["chosen"];
    vec![
        (&[], "#address-cells", cells(&[1])),
        (&[], "#size-cells", cells(&[2])),
        (&["cpus"], "timebase-frequency", cells(&[7])),
        (HART, "device_type", b"cpu\0".to_vec()),
        (HART, "reg", cells(&[3])),
        (HART, "mmu-type", b"riscv,sv48\0".to_vec()),
        (HART, "riscv,isa-extensions", b"svnapot\0".to_vec()),
        (HART, "riscv,isa", b"rv64i_sstc\0".to_vec()),
        (OTHER, "reg", cells(&[4])),
        (OTHER, "riscv,isa", b"rv64i_sstc\0".to_vec()),
        (OTHER, "compatible", b"riscv\0".to_vec()),
        (&["cpus", "cpu@5"], "reg", cells(&[5])),
        (&["cpus", "cpu@5"], "status", b"disabled\0".to_vec()),
        (&["cpus", "cpu@6"], "reg", cells(&[6])),
        (&["cpus", "cpu@6"], "compatible", b"arm\0".to_vec()),
        (&["m"], "device_type", b"memory\0".to_vec()),
        (&["m"], "reg", cells(&[0x8000_0000, 0, 0x2000])),
        (&["n"], "device_type", b"memory\0".to_vec()),
        (&["n"], "reg", cells(&[0x9000_0000, 0, 0x2000])),
        (&["n"], "linux,usable-memory", cells(&[0x9000_0000, 0, 0x1000])),
        (&["o"], "device_type", b"memory\0".to_vec()),
        (&["o"], "reg", cells(&[0xa000_0000, 0, 0x2000])),
        (&["o"], "status", b"disabled\0".to_vec()),
        (RESERVED, "#address-cells", cells(&[1])),
        (RESERVED, "#size-cells", cells(&[2])),
        (SECRET, "reg", cells(&[0x8000_0000, 0, 0x1000])),
        (SECRET, "no-map", vec![]),
        (&["reserved-memory", "unused"], "reg", cells(&[0x8800_0000, 0, 0x1000])),
        (&["reserved-memory", "unused"], "status", b"disabled\0".to_vec()),
        (CHOSEN, "bootargs", b"nokaslr\0".to_vec()),
        (CHOSEN, "linux,initrd-start", cells(&[1])),
        (CHOSEN, "linux,initrd-end", cells(&[2])),
        (CHOSEN, "kaslr-seed", vec![1; 8]),
        (CHOSEN, "rng-seed", vec![2; 8]),
        (CHOSEN, "linux,uefi-mmap-start", cells(&[1])),
    ]
}

/// Properties of which each alone marks a tree.
const MARKS: [&str; 3] = ["linux,booted-from-kexec", "linux,elfcorehdr", "linux,usable-memory-range"];

/// A tree with these properties, which come in the order of their nodes.
fn tree(properties: &[Property]) -> Vec<u8> {
    let mut tree = Writer::default().begin("");
    let mut open: &[&str] = &[];
    for (node, name, value) in properties {
        let common = open.iter().zip(*node).take_while(|(one, other)| one == other).count();
        tree = open[common..].iter().fold(tree, |tree, _| tree.end());
        tree = node[common..].iter().fold(tree, |tree, name| tree.begin(name));
        tree = tree.bytes(name, value);
        open = node;
    }
    whole(open.iter().fold(tree, |tree, _| tree.end()))
}

/// All that a tree states, or its refusal, without places in it.
fn stated(properties: &[Property]) -> String {
    let bytes = tree(properties);
    let (facts, contents) = match read(&bytes) {
        Ok(found) => found,
        Err(refusal) => return refusal.rule().to_string(),
    };
    let Facts { ram, no_map, reserved, unplaced_reservations, timebase, options, .. } = &facts;
    let harts: Vec<_> = facts.harts.iter().collect();
    let TreeContents { lists_boot_hart, lacks_memory_map, seeds } = &contents;
    let seeds =
        [SeedSource::KASLR_SEED, SeedSource::RNG_SEED].map(|source| seeds.values(&bytes, source).count());
    let initrd = (facts.initrd, facts.initrd_fault, facts.kexec, facts.command_line.size());
    let found = (lists_boot_hart, lacks_memory_map, seeds, initrd);
    format!("{:?}", (ram, no_map, reserved, unplaced_reservations, timebase, options, harts, found))
}

fn renamed(mut properties: Vec<Property>, index: usize, name: &str) -> Vec<Property> {
    properties[index].1 = name.to_owned().leak();
    properties
}

#[test]
fn a_name_that_is_longer_shorter_or_another_states_nothing() {
    let all = properties();
    let (with, mut matter) = (stated(&all), BTreeSet::new());
    for (index, (node, name, _)) in all.iter().enumerate() {
        let without = stated(&renamed(all.clone(), index, "~"));
        if with != without {
            matter.insert(*name);
        }
        let short = &name[..name.len() - 1];
        for other in [format!("{name}x"), format!("{name}-range"), short.to_owned(), format!("{short}~")] {
            if other != "linux,usable-memory-range" {
                assert_eq!(stated(&renamed(all.clone(), index, &other)), without, "{other} of {node:?}");
            }
        }
    }
    assert_eq!(matter, all.iter().map(|(_, name, _)| *name).collect(), "each name changes a fact");
}

#[test]
fn a_mark_of_kexec_counts_whole() {
    for mark in MARKS {
        let kexec = |name: &str| {
            let (facts, _) =
                read(&tree(&[(&["chosen"], name.to_owned().leak(), vec![])])).expect("a sound tree");
            facts.kexec
        };
        assert!(kexec(mark), "{mark}");
        assert!(!kexec(&format!("{mark}x")) && !kexec(&mark[..mark.len() - 1]), "{mark}");
    }
}

#[test]
fn a_memory_map_counts_by_its_whole_name() {
    let lacks = |name: &'static str| {
        let handed_on: Property = (&["chosen"], "linux,uefi-mmap-start", vec![]);
        let (_, found) = read(&tree(&[handed_on, (&["chosen"], name, vec![])])).expect("a sound tree");
        found.lacks_memory_map
    };
    assert!(!lacks("landfall,efi-memory-map"));
    assert!(lacks("landfall,efi-memory-maps") && lacks("landfall,efi-memory-ma"));
}

#[test]
fn a_name_may_be_the_end_of_another_one() {
    let names = b"a-reg\0x-device_type\0";
    let mut tree = Writer::default().begin("").cells("#size-cells", &[1]).begin("m");
    let at = u32::try_from(tree.strings.len()).expect("a small tree");
    tree.strings.extend(names);
    tree = tree.word(3).word(12).word(at + 2).word(0).word(0x8000_0000).word(0x1000);
    tree = tree.word(3).word(7).word(at + 8).word(0x6d65_6d6f).word(0x7279_0000);
    assert_eq!(read(&whole(tree.end())).expect("a sound tree").0.ram.size(), 0x1000);
}
