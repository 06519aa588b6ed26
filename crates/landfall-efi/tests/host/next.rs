//! The firmware's data for the next kernel.

use landfall_efi::{Cells, Efi, MemoryMap, NextMapError, is_acpi_alone, needs_acpi_on};
use landfall_paging::{PhysAddr, PhysRange};
use landfall_tree::Tree;

use crate::made::{CACHED, descriptor, tree};
use crate::{plain, written};

const RUNTIME: u64 = CACHED | 1 << 63;

fn map() -> Vec<u8> {
    let parts = [
        (7, 0x8000_0000, 0x100, CACHED),
        (6, 0x9000_0000, 0x10, RUNTIME),
        (5, 0x9001_0000, 0x10, RUNTIME),
        (11, 0x1000_0000, 1, 1 | 1 << 63),
    ];
    parts.iter().flat_map(|(kind, start, pages, bits)| descriptor(*kind, *start, *pages, *bits)).collect()
}

fn number(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(*bytes[at..].first_chunk().expect("eight bytes"))
}

fn with_virtual(mut map: Vec<u8>, of: impl Fn(u64) -> u64) -> Vec<u8> {
    for place in map.chunks_exact_mut(48) {
        let physical = number(place, 8);
        place[16..24].copy_from_slice(&of(physical).to_le_bytes());
    }
    map
}

/// The map that is written for the next kernel.
fn next(tree: &[u8], set: Option<&[u8]>) -> Result<Vec<u8>, NextMapError> {
    let efi = Efi::of(tree).expect("booted by EFI");
    let set = set.map(|set| MemoryMap::new(set, 48).expect("a map"));
    let Err(NextMapError::TooSmall { wanted }) = efi.write_next_map(set, &mut []) else {
        panic!("no map takes no bytes")
    };
    let mut bytes = vec![0xa5; wanted + 1];
    assert_eq!(efi.write_next_map(set, &mut bytes[..wanted - 1]), Err(NextMapError::TooSmall { wanted }));
    let size = efi.write_next_map(set, &mut bytes)?;
    assert_eq!((size, bytes[wanted]), (wanted, 0xa5));
    bytes.truncate(size);
    Ok(bytes)
}

#[test]
fn virtual_addresses_are_physical_where_none_were_set() {
    let bytes = written(&tree(&[]), &plain(&map()));
    assert_eq!(next(&bytes, None), Ok(with_virtual(map(), |physical| physical)));
}

#[test]
fn virtual_addresses_that_were_set_stay() {
    let bytes = written(&tree(&[]), &plain(&map()));
    // Firmware gets the regions of runtime services alone, in any order.
    let shifted = with_virtual(map(), |physical| physical + 0x4000_0000);
    let mut regions: Vec<_> = shifted.chunks_exact(48).skip(1).collect();
    regions.reverse();
    let found = next(&bytes, Some(&regions.concat())).expect("a map");
    let right = with_virtual(map(), |physical| physical + u64::from(physical != 0x8000_0000) * 0x4000_0000);
    assert_eq!(found, right);
}

#[test]
fn a_region_that_was_not_set_is_an_error() {
    let bytes = written(&tree(&[]), &plain(&map()));
    let set = with_virtual(map(), |physical| physical);
    let lost = PhysRange::new(PhysAddr::new(0x9001_0000), 0x1_0000);
    let error = next(&bytes, Some(&[&set[..96], &set[144..]].concat())).expect_err("a region is missing");
    assert_eq!(error, NextMapError::NotSet(lost));
    assert!(error.to_string().contains("0x90010000"), "{error}");
}

#[test]
fn the_next_kernel_gets_five_properties() {
    let bytes = written(&tree(&[]), &plain(&map()));
    let efi = Efi::of(&bytes).expect("booted by EFI");
    let place = PhysRange::new(PhysAddr::new(0x1_2345_6000), 4 * 48);
    let right = [
        ("linux,uefi-system-table", Cells::Two(0xbfe0_1018)),
        ("linux,uefi-mmap-start", Cells::Two(0x1_2345_6000)),
        ("linux,uefi-mmap-size", Cells::One(192)),
        ("linux,uefi-mmap-desc-size", Cells::One(48)),
        ("linux,uefi-mmap-desc-ver", Cells::One(1)),
    ];
    assert_eq!(efi.properties(place), right);
    let names = right.map(|(name, _)| [name.as_bytes(), &[0]].concat()).concat();
    assert_eq!(Efi::PROPERTY_NAMES, names);
}

#[test]
fn linux_needs_a_word_where_acpi_alone_describes_devices() {
    use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};
    let with = |nodes: &[&str], root: Option<&str>| {
        let mut tree = DeviceTree::new();
        let mut chosen = DeviceTreeNode::new("chosen").expect("a name");
        if let Some(root) = root {
            chosen.add_property(DeviceTreeProperty::new(root, vec![0_u8; 8]).expect("a name"));
        }
        tree.root.add_child(chosen);
        for name in nodes {
            tree.root.add_child(DeviceTreeNode::new(*name).expect("a name"));
        }
        tree.to_dtb()
    };
    let alone = |bytes: &[u8]| is_acpi_alone(Tree::new(bytes).expect("a tree"));
    let root = Some("landfall,acpi-rsdp");
    let harts = ["cpus", "memory@80000000", "memory", "reserved-memory", "aliases"];
    let bytes = with(&harts, root);
    assert!(alone(&bytes));
    assert!(!alone(&with(&harts, None)), "without ACPI");
    for device in ["soc", "pci@30000000", "memory-controller@1", "psci", "cpus-x"] {
        assert!(!alone(&with(&[&harts[..], &[device]].concat(), root)), "{device}");
    }
    let needs = |line: &[u8]| needs_acpi_on(Tree::new(&bytes).expect("a tree"), line);
    for line in [&b""[..], b"quiet", b"noacpi=1 pacpi=on", b"acpi"] {
        assert!(needs(line), "{line:?}");
    }
    for line in [&b"acpi=off"[..], b"quiet acpi=force", b"a\tacpi=on\n"] {
        assert!(!needs(line), "{line:?}");
    }
}
