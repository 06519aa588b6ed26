//! A tree that another kernel hands on: Linux's, by kexec.

use landfall_efi::{
    Efi, EfiRefusal, Handed, HandedFault, Instead, Item, Loaded, MemoryMap, Room, boot_hart, write_tree,
};
use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::Facts;
use landfall_tree::Tree;
use landfall_tree::tokens::{TreeWriter, WriteError};

use crate::acpi::Memory;
use crate::made::{CACHED, descriptor};
use crate::value;

const RUNTIME: u64 = CACHED | 1 << 63;
const ACPI: [u8; 16] =
    [0x71, 0xe8, 0x68, 0x88, 0xf1, 0xe4, 0xd3, 0x11, 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81];

const MAP: u64 = 0x8400_0000;
const TREE: u64 = 0x8700_0000;
const INITRD: u64 = 0x8800_0000;
const TABLE: u64 = 0x9f60_0018;
const CONFIGURED: u64 = 0x9f60_2000;
/// The place where Linux has mapped memory of the firmware's.
const VIRTUAL: u64 = 0x2000_0000;

fn range(start: u64, end: u64) -> PhysRange {
    PhysRange::between(PhysAddr::new(start), PhysAddr::new(end))
}

fn image() -> PhysRange {
    range(0x8020_0000, 0x8080_0000)
}

const fn unknown() -> Facts {
    Facts::UNKNOWN
}

/// Descriptors: type, start, pages, attributes.
const PARTS: [(u32, u64, u64, u64); 6] = [
    (0, 0x8000_0000, 0x200, CACHED),
    (7, 0x8020_0000, 0x1_f100, CACHED),
    // ACPI's tables (`Memory::real`).
    (9, 0x9f3a_0000, 0x1b0, CACHED),
    (10, 0x9f55_0000, 0x10, CACHED),
    (6, 0x9f60_0000, 0x10, RUNTIME),
    (7, 0x9f61_0000, 0x100, CACHED),
];

/// A machine that Linux leaves.
#[derive(Clone)]
struct Machine {
    map: Vec<u8>,
    memory: Memory,
    properties: Vec<(&'static str, Vec<u8>)>,
    reservations: Vec<PhysRange>,
    harts: usize,
}

const NAMES: &[u8] = b"#address-cells\0#size-cells\0device_type\0reg\0bootargs\0linux,initrd-start\0linux,initrd-end\0\
    linux,uefi-system-table\0linux,uefi-mmap-start\0linux,uefi-mmap-size\0linux,uefi-mmap-desc-size\0linux,uefi-mmap-desc-ver\0\
    rng-seed\0kaslr-seed\0linux,usable-memory-range\0landfall,efi-memory-map\0";

impl Machine {
    fn new() -> Self {
        let mut map: Vec<u8> = PARTS
            .iter()
            .flat_map(|(kind, start, pages, attributes)| descriptor(*kind, *start, *pages, *attributes))
            .collect();
        map[4 * 48 + 16..][..8].copy_from_slice(&VIRTUAL.to_le_bytes());
        let mut machine = Self {
            map,
            memory: Memory::real(),
            properties: vec![
                ("bootargs", b"quiet nokaslr\0".to_vec()),
                ("linux,initrd-start", INITRD.to_be_bytes().to_vec()),
                ("linux,initrd-end", (INITRD + 0x1234).to_be_bytes().to_vec()),
                ("linux,uefi-system-table", TABLE.to_be_bytes().to_vec()),
                ("linux,uefi-mmap-start", MAP.to_be_bytes().to_vec()),
                ("linux,uefi-mmap-size", (6 * 48_u32).to_be_bytes().to_vec()),
                ("linux,uefi-mmap-desc-size", 48_u32.to_be_bytes().to_vec()),
                ("linux,uefi-mmap-desc-ver", 1_u32.to_be_bytes().to_vec()),
                ("rng-seed", vec![7; 32]),
            ],
            reservations: vec![range(0x8600_0000, 0x8600_0800)],
            harts: 0,
        };
        machine.tables(CONFIGURED, 2);
        machine
    }

    /// Writes system table and configuration tables.
    fn tables(&mut self, pointer: u64, count: u64) {
        self.memory.parts.retain(|(at, _)| ![TABLE, CONFIGURED].contains(at));
        let mut table = vec![0xee; 120];
        table[..8].copy_from_slice(b"IBI SYST");
        table[104..112].copy_from_slice(&count.to_le_bytes());
        table[112..].copy_from_slice(&pointer.to_le_bytes());
        let entries = [&[9; 16][..], &[1; 8], &ACPI, &0x9f54_1014_u64.to_le_bytes()].concat();
        self.memory.parts.extend([(TABLE, table), (CONFIGURED, entries)]);
    }

    fn set(&mut self, name: &'static str, value: &[u8]) {
        self.properties.retain(|(other, _)| *other != name);
        self.properties.push((name, value.to_vec()));
    }

    fn old_tree(&self) -> Vec<u8> {
        let mut bytes = vec![0; 0x4000];
        let mut out = TreeWriter::new(&mut bytes, &[], NAMES, self.reservations.iter().copied());
        out.begin("");
        out.cell("#address-cells", 2);
        out.cell("#size-cells", 2);
        out.begin("chosen");
        self.properties.iter().for_each(|(name, value)| out.property(name, value));
        out.end();
        // The firmware's own memory nodes do not count.
        out.begin("memory@0");
        out.text("device_type", "memory");
        out.property("reg", &[0, u64::MAX].map(u64::to_be_bytes).concat());
        out.end();
        out.begin("cpus");
        out.cell("#address-cells", 1);
        out.cell("#size-cells", 0);
        for hart in 0..self.harts {
            out.begin_at("cpu", hart as u64);
            out.cell("reg", u32::try_from(hart).expect("few"));
            out.end();
        }
        let size = out.finish(0).expect("room");
        bytes.truncate(size);
        bytes
    }

    /// Returns the new tree and its place.
    fn complete(&self) -> Result<(Vec<u8>, PhysRange), EfiRefusal> {
        let bytes = self.old_tree();
        let tree = Tree::new(&bytes)?;
        let mut facts = Facts::UNKNOWN;
        let place = PhysRange::new(PhysAddr::new(TREE), bytes.len() as u64);
        let found = Tree::read(&bytes, &mut facts)?;
        assert!(found.lacks_memory_map);
        let handed = Handed::of(tree, &[image(), place])?;
        let loaded = Loaded { hart: 2, tree: place };
        let boot = handed.boot(tree, loaded, &self.map, |range| self.memory.bytes(range))?;
        let wanted = write_tree(tree, &boot, &mut []).unwrap_or_else(WriteError::wanted);
        let mut new = vec![0; wanted];
        assert_eq!(write_tree(tree, &boot, &mut new), Ok(wanted));
        let taken = [image(), place, handed.map].into_iter().chain(facts.initrd);
        let taken = taken.chain(facts.reserved.iter()).chain(facts.no_map.iter());
        let place = Room::new(boot.map, tree).find(wanted, &taken)?;
        Ok((new, place))
    }

    fn facts(&self) -> Facts {
        let (bytes, place) = self.complete().expect("a tree");
        let mut facts = Facts::UNKNOWN;
        facts.boot_hart = 2;
        facts.tree = place;
        let found = Tree::read(&bytes, &mut facts).expect("a sound tree");
        assert!(!found.lacks_memory_map && !found.seeds.is_empty());
        facts
    }

    fn fault(&self) -> HandedFault {
        match self.complete() {
            Err(refusal @ EfiRefusal::HandedOn(fault)) => {
                assert_eq!(refusal.rule().number(), 28);
                fault
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn memory_is_that_of_the_map_alone() {
    let facts = Machine::new().facts();
    // ACPI's tables are RAM that is kept.
    let ram = [(0x8020_0000, 0x9f30_0000), (0x9f3a_0000, 0x9f55_0000), (0x9f61_0000, 0x9f71_0000)];
    assert_eq!(facts.ram.as_slice(), ram.map(|(start, end)| range(start, end)));
    assert!(facts.reserved.iter().any(|kept| kept.contains(range(0x9f3a_0000, 0x9f55_0000))));
}

#[test]
fn harts_are_acpis_where_the_tree_has_none() {
    let facts = Machine::new().facts();
    assert_eq!(facts.harts.iter().count(), 3);
    assert!(facts.timebase > 0);
    // A tree with harts has them all.
    let with = Machine { harts: 5, ..Machine::new() };
    assert_eq!(with.facts().harts.iter().count(), 5);
}

#[test]
fn the_loaders_data_stays() {
    let machine = Machine::new();
    let facts = machine.facts();
    assert!(facts.options.nokaslr);
    assert_eq!(facts.initrd, Some(range(INITRD, INITRD + 0x1234)));
    assert!(facts.reserved.iter().any(|kept| kept.contains(range(0x8600_0000, 0x8600_1000))));
    let (bytes, _) = machine.complete().expect("a tree");
    assert_eq!(value(&bytes, &["chosen"], "rng-seed"), Some(vec![7; 32]));
    assert_eq!(boot_hart(Tree::new(&bytes).expect("a tree")), Some(2));
    let efi = Efi::of(&bytes).expect("booted by EFI");
    assert_eq!((efi.system_table.get(), efi.memory_map.bytes()), (TABLE, machine.map.as_slice()));
    assert_eq!(efi.acpi_root, Some(PhysAddr::new(0x9f54_1014)));
    assert_eq!(value(&bytes, &["chosen"], "linux,uefi-mmap-start"), None);
}

#[test]
fn the_reservation_of_the_old_tree_ends_with_it() {
    let mut machine = Machine::new();
    let size = machine.old_tree().len() as u64 + 16;
    machine.reservations.push(range(TREE, TREE + size));
    assert!(!machine.facts().reserved.iter().any(|kept| kept.contains(range(TREE, TREE + 1))));
}

#[test]
fn a_pointer_that_set_virtual_address_map_has_changed_is_followed() {
    let mut machine = Machine::new();
    machine.tables(CONFIGURED - 0x9f60_0000 + VIRTUAL, 2);
    assert_eq!(machine.facts().harts.iter().count(), 3);
    // Another kernel may have failed to call it: there is no virtual address then.
    machine.map[4 * 48 + 16..][..8].fill(0);
    assert!(matches!(machine.fault(), HandedFault::Outside { item: Item::ConfigurationTables, .. }));
    // A virtual address that is a physical one by chance is no list of tables.
    let mut machine = Machine::new();
    machine.map[4 * 48 + 16..][..8].copy_from_slice(&0x9f3a_5000_u64.to_le_bytes());
    machine.tables(0x9f3a_7000, 2);
    machine.memory.parts.push((0x9f60_2000, machine.memory.parts.last().expect("tables").1.clone()));
    assert_eq!(machine.facts().harts.iter().count(), 3);
}

#[test]
fn the_new_tree_overlaps_no_owner() {
    let mut machine = Machine::new();
    let place = |machine: &Machine| machine.complete().map(|(_, place)| place.start().get());
    assert_eq!(place(&machine), Ok(image().end().get()));
    machine.reservations.push(range(0x8080_0000, 0x8400_0000));
    // Behind it lies the map.
    assert_eq!(place(&machine), Ok(MAP + 0x1000));
    machine.reservations.push(range(MAP + 0x1000, TREE - 0x800));
    assert_eq!(place(&machine), Ok(TREE + 0x1000));
    machine.reservations.push(range(TREE + 0x1000, INITRD - 0x800));
    assert_eq!(place(&machine), Ok(INITRD + 0x2000));
    machine.reservations.push(range(INITRD + 0x1001, 0x9f30_0000));
    assert_eq!(place(&machine), Ok(0x9f61_0000));
    machine.reservations.push(range(0x9f61_0000, 0x9f71_0000));
    assert!(matches!(machine.fault(), HandedFault::NoRoom { .. }));
}

#[test]
fn a_kernel_beside_a_crashed_one_stays_in_its_memory() {
    let mut machine = Machine::new();
    let usable = [0x9000_0000_u64, 0x10_0000, 0x9f00_0000, 0x1000].map(u64::to_be_bytes).concat();
    machine.set("linux,usable-memory-range", &usable);
    let (_, place) = machine.complete().expect("a tree");
    assert_eq!(place.start().get(), 0x9000_0000);
    machine.reservations.push(range(0x9000_0000, 0x9010_0000));
    // One page is too small.
    machine.set("bootargs", &[b'a'; 4096]);
    assert!(matches!(machine.fault(), HandedFault::NoRoom { .. }));
}

#[test]
fn each_property_is_checked() {
    let names = [
        "linux,uefi-system-table",
        "linux,uefi-mmap-size",
        "linux,uefi-mmap-desc-size",
        "linux,uefi-mmap-desc-ver",
        "linux,uefi-mmap-start",
    ];
    for name in names {
        for size in [0, 3, 5, 12] {
            let mut machine = Machine::new();
            machine.set(name, &vec![0; size]);
            let fault = machine.fault();
            assert!(matches!(fault, HandedFault::Property { name: found, found: None, .. } if found == name));
        }
        if name != "linux,uefi-mmap-start" {
            let mut machine = Machine::new();
            machine.properties.retain(|(other, _)| *other != name);
            assert!(matches!(machine.fault(), HandedFault::Property { found: None, .. }));
        }
    }
    for (name, found) in [
        ("linux,uefi-mmap-size", 0_u32),
        ("linux,uefi-mmap-size", Handed::MAX_MAP + 1),
        ("linux,uefi-mmap-desc-ver", 2),
    ] {
        let mut machine = Machine::new();
        machine.set(name, &found.to_be_bytes());
        let right = Some(u64::from(found));
        assert!(matches!(machine.fault(), HandedFault::Property { found, .. } if found == right));
    }
}

#[test]
fn a_map_that_cannot_be_the_firmwares_is_refused() {
    let moved = |at: u64| {
        let mut machine = Machine::new();
        machine.set("linux,uefi-mmap-start", &at.to_be_bytes());
        machine
    };
    assert!(matches!(moved(u64::MAX - 4).fault(), HandedFault::Property { found: Some(_), .. }));
    assert!(matches!(moved(0x8030_0001).fault(), HandedFault::MapOver { .. }));
    assert!(matches!(moved(TREE).fault(), HandedFault::MapOver { .. }));
    for at in [0x8000_0000, 0x9f60_0000, 0x1_0000_0000, 0x8020_0000 - 4] {
        assert!(matches!(
            moved(at).fault(),
            HandedFault::Outside { item: Item::Map, .. } | HandedFault::MapOver { .. }
        ));
    }
    let mut machine = Machine::new();
    machine.set("linux,uefi-mmap-desc-size", &44_u32.to_be_bytes());
    assert_eq!(machine.complete().expect_err("no descriptors").rule().number(), 23);
    // Without the RAM in which the tree lies.
    let mut machine = Machine::new();
    machine.map[48 + 24..][..8].copy_from_slice(&0x5000_u64.to_le_bytes());
    assert!(matches!(machine.fault(), HandedFault::Outside { item: Item::Tree, .. }));
}

#[test]
fn a_system_table_that_cannot_be_one_is_refused() {
    for at in [0, MAP, 0x9f61_0000 - 119, u64::MAX] {
        let mut machine = Machine::new();
        machine.set("linux,uefi-system-table", &at.to_be_bytes());
        assert!(matches!(machine.fault(), HandedFault::Outside { item: Item::SystemTable, .. }), "{at:#x}");
    }
    let mut machine = Machine::new();
    machine.memory.parts.iter_mut().find(|(at, _)| *at == TABLE).expect("the table").1[0] = 0;
    assert!(matches!(machine.fault(), HandedFault::Signature(_)));
    for (pointer, count) in [(0, 1), (CONFIGURED, u64::MAX), (CONFIGURED, 1 << 40), (u64::MAX, 3), (MAP, 2)] {
        let mut machine = Machine::new();
        machine.tables(pointer, count);
        let fault = machine.fault();
        assert!(
            matches!(fault, HandedFault::Outside { item: Item::ConfigurationTables, .. }),
            "{pointer:#x}"
        );
    }
}

#[test]
fn neither_harts_nor_tables_is_rule_20_and_damaged_tables_are_rule_25() {
    let mut machine = Machine::new();
    machine.tables(CONFIGURED, 1);
    let none = EfiRefusal::NoTree(Instead::Nothing { tables: 1 });
    assert_eq!(machine.complete().expect_err("no harts"), none);
    machine.tables(CONFIGURED, 0);
    assert_eq!(machine.complete().expect_err("no harts").rule().number(), 20);
    machine.harts = 1;
    assert!(machine.complete().is_ok(), "the tree has harts");
    let mut machine = Machine::new();
    machine.memory.parts[2].1[50] ^= 1;
    assert_eq!(machine.complete().expect_err("a wrong sum").rule().number(), 25);
}

#[test]
fn a_tree_of_landfalls_own_loader_is_whole() {
    let mut machine = Machine::new();
    machine.set("landfall,efi-memory-map", &machine.map.clone());
    let bytes = machine.old_tree();
    let found = Tree::read(&bytes, &mut unknown()).expect("facts");
    assert!(!found.lacks_memory_map);
}

#[test]
fn each_fault_is_named_with_its_numbers() {
    let faults = [
        (HandedFault::Signature(0x1234), "0x1234"),
        (HandedFault::NoRoom { wanted: 0x77 }, "0x77 bytes"),
        (HandedFault::MapOver { map: range(0x1000, 0x2000), other: range(0x1800, 0x9000) }, "0x1800"),
        (
            HandedFault::Outside { item: Item::SystemTable, range: range(0x5000, 0x5078) },
            "system table at 0x5000",
        ),
    ];
    for (fault, words) in faults {
        assert!(fault.to_string().contains(words), "{fault}");
    }
}

/// Bytes of all that is read are changed at random: there is an answer, and no panic. A tree that
/// is written is sound, and lies where nothing else is.
#[test]
fn mutants_are_refused_or_completed() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut draw = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 16).expect("64 bits") % below
    };
    let (mut completed, mut refused) = (0, 0);
    for _ in 0..10_000 {
        let mut machine = Machine::new();
        machine.harts = draw(3);
        for _ in 0..=draw(3) {
            let values = [0, 1, 0x7f, 0x80, 0xff, draw(256)];
            let value = u8::try_from(values[draw(values.len())]).expect("a byte");
            let bytes: &mut Vec<u8> = match draw(8) {
                0..3 => &mut machine.map,
                3 => &mut machine.memory.parts[4].1,
                4 => &mut machine.memory.parts[5].1,
                5 => {
                    let part = draw(4);
                    &mut machine.memory.parts[part].1
                }
                _ => {
                    let property = draw(machine.properties.len());
                    &mut machine.properties[property].1
                }
            };
            let at = draw(bytes.len());
            bytes[at] = value;
        }
        match machine.complete() {
            Ok((bytes, place)) => {
                completed += 1;
                assert!(Tree::new(&bytes).is_ok(), "a sound tree");
                assert!(!Tree::read(&bytes, &mut unknown()).is_ok_and(|found| found.lacks_memory_map));
                assert!(!place.overlaps(image()) && !place.overlaps(range(TREE, TREE + 1)));
                let map = MemoryMap::new(&machine.map, 48).expect("a map");
                let free = |range: PhysRange| {
                    map.iter().any(|part| matches!(part.kind, 1..=4 | 7) && part.range.overlaps(range))
                };
                assert!(free(PhysRange::new(place.start(), 1)));
            }
            Err(_) => refused += 1,
        }
    }
    assert!(completed > 500 && refused > 500, "{completed} completed, {refused} refused");
}
