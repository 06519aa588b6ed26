//! Hostile tables.

use landfall_efi::{AcpiError, AcpiFault, EfiRefusal, Instead, MemoryMap};
use landfall_paging::{PhysAddr, PhysRange};

use super::Memory;
use super::made::{NODES, Tables, list, root, seal};
use crate::made::{CACHED, descriptor};

fn error(memory: &Memory) -> AcpiError {
    memory.find().expect_err("damaged tables")
}

/// The table at fault, and what of it is wrong: its words begin so.
fn is_fault(memory: &Memory, table: [u8; 4], wrong: &str) {
    let error = error(memory);
    assert_eq!(error.table, table, "{error}");
    let what = match error.fault {
        AcpiFault::Number { what, .. } => what,
        AcpiFault::Entry { .. } => "entry",
        AcpiFault::Missing { .. } => "missing",
    };
    assert!(what.starts_with(wrong), "{error}");
    let refused = EfiRefusal::from(error);
    assert_eq!(refused.rule().number(), 25);
    assert!(matches!(refused, EfiRefusal::NoTree(Instead::Acpi(_))));
}

fn one_hart() -> Tables {
    let mut tables = Tables::default().hart(0, 0, 1);
    let (isa, mmu) = (tables.isa("rv64imac"), tables.mmu(1));
    tables.info(0, &[isa, mmu]);
    tables
}

#[test]
fn every_damaged_bit_shows() {
    let memory = Memory::real();
    assert!(memory.find().is_ok());
    for part in 0..memory.parts.len() {
        for bit in 0..memory.parts[part].1.len() * 8 {
            let mut damaged = memory.clone();
            damaged.parts[part].1[bit / 8] ^= 1 << (bit % 8);
            assert!(damaged.find().is_err(), "bit {bit} of table {part}");
        }
    }
}

#[test]
fn tables_that_are_cut_off_lie_outside_of_memory() {
    for (part, table) in [*b"RSDP", *b"XSDT", *b"RHCT", *b"APIC"].into_iter().enumerate() {
        let memory = one_hart().memory();
        for size in 36..memory.parts[part].1.len() {
            let mut cut = memory.clone();
            cut.parts[part].1.truncate(size);
            is_fault(&cut, table, "its size");
        }
    }
}

#[test]
fn what_lies_nowhere_is_named() {
    let mut memory = one_hart().memory();
    memory.root = u64::MAX - 3;
    is_fault(&memory, *b"RSDP", "its size");
    for nowhere in [0, u64::MAX] {
        let mut memory = one_hart().memory();
        memory.parts[0].1 = root(nowhere, 2);
        is_fault(&memory, *b"XSDT", "its size");
        let mut memory = one_hart().memory();
        memory.parts[1].1 = list(&[nowhere, 0x10_0000]);
        let error = error(&memory);
        assert_eq!(error.fault, AcpiFault::Missing { tables: 2, outside: 1 });
    }
}

#[test]
fn a_list_that_leads_around_ends() {
    let mut memory = one_hart().memory();
    memory.parts[1].1 = list(&[0x2000, 0x1000, 0x2000]);
    is_fault(&memory, *b"APIC", "missing");
    // The root pointer for its own list of tables.
    memory.parts[0].1 = root(0x1000, 2);
    is_fault(&memory, *b"XSDT", "what it begins with");
}

#[test]
fn a_root_pointer_of_acpi_1_is_none() {
    let mut memory = one_hart().memory();
    memory.parts[0].1 = root(0x2000, 0);
    is_fault(&memory, *b"RSDP", "its revision");
    memory.parts[0].1[0] = b'r';
    is_fault(&memory, *b"RSDP", "what it begins with");
}

#[test]
fn each_part_of_the_root_pointer_has_a_sum() {
    let mut memory = one_hart().memory();
    // The sum of all stays right.
    memory.parts[0].1[9] += 1;
    memory.parts[0].1[32] -= 1;
    is_fault(&memory, *b"RSDP", "the sum of its bytes");
}

#[test]
fn sizes_that_are_none_are_named() {
    for (part, table) in [*b"RSDP", *b"XSDT", *b"RHCT", *b"APIC"].into_iter().enumerate() {
        for size in [0_u32, 35, (1 << 20) + 1, u32::MAX] {
            let mut memory = one_hart().memory();
            let at = if part == 0 { 20 } else { 4 };
            memory.parts[part].1[at..at + 4].copy_from_slice(&size.to_le_bytes());
            is_fault(&memory, table, "its size");
        }
    }
    for (part, table) in [(2, *b"RHCT"), (3, *b"APIC")] {
        let mut memory = one_hart().memory();
        memory.parts[part].1.truncate(40);
        memory.parts[part].1 = seal(memory.parts[part].1.clone());
        is_fault(&memory, table, "its size");
    }
}

#[test]
fn an_entry_of_madt_that_is_not_whole_is_named() {
    // Another interrupt controller before it is passed over.
    let good = [vec![0x1b, 4, 0, 0], one_hart().madt].concat();
    let is_good = |madt: Vec<u8>| Tables { madt, ..one_hart() }.memory().find().is_ok();
    assert!(is_good(good.clone()));
    for (at, wrong) in [(1, 0), (1, 1), (1, 41), (5, 0), (5, 19), (5, 37), (5, 255)] {
        let mut madt = good.clone();
        madt[at] = wrong;
        is_fault(&Tables { madt, ..one_hart() }.memory(), *b"APIC", "entry");
    }
    for size in [1, 5, 23] {
        let madt = good[..size].to_vec();
        is_fault(&Tables { madt, ..one_hart() }.memory(), *b"APIC", "entry");
    }
}

#[test]
fn a_node_of_rhct_that_is_not_whole_is_named() {
    // An ISA string, an MMU and their hart: at 0, 16 and 24, of 16, 8 and 20 bytes.
    let good = one_hart().rhct;
    assert_eq!(good.len(), 16 + 8 + 20);
    for (at, wrong) in
        [(2, 0), (2, 5), (2, 15), (3, 1), (6, 9), (18, 7), (26, 19), (30, 3), (31, 1), (30, 255)]
    {
        let mut rhct = good.clone();
        rhct[at] = wrong;
        is_fault(&Tables { rhct, ..one_hart() }.memory(), *b"RHCT", "entry");
    }
    for offset in [u32::MAX, NODES + 44, NODES + 43] {
        let mut rhct = good.clone();
        rhct[36..40].copy_from_slice(&offset.to_le_bytes());
        is_fault(&Tables { rhct, ..one_hart() }.memory(), *b"RHCT", "entry");
    }
    for nodes in [4, u32::MAX] {
        is_fault(&Tables { nodes, ..one_hart() }.memory(), *b"RHCT", "entry");
    }
    let mut memory = one_hart().memory();
    memory.parts[2].1[52..56].copy_from_slice(&u32::MAX.to_le_bytes());
    memory.parts[2].1 = seal(memory.parts[2].1.clone());
    is_fault(&memory, *b"RHCT", "entry");
}

#[test]
fn a_node_that_points_to_harts_does_not_lead_around() {
    let mut tables = Tables::default().hart(0, 0, 1);
    tables.info(0, &[NODES, NODES]);
    assert!(!tables.memory().tree().is_empty());
}

#[test]
fn harts_none_of_which_is_enabled_are_none() {
    is_fault(&Tables::default().memory(), *b"APIC", "how many of its harts are enabled");
    is_fault(
        &Tables::default().hart(0, 0, 2).hart(1, 1, 0).memory(),
        *b"APIC",
        "how many of its harts are enabled",
    );
}

/// So many harts, in the opposite order in RHCT.
fn crowd(count: u32) -> Memory {
    let mut tables = (0..count).fold(Tables::default(), |tables, hart| tables.hart(hart.into(), hart, 1));
    let (isa, mmu) = (tables.isa("rv64imafdc_zicsr_svnapot"), tables.mmu(0));
    (0..count).rev().for_each(|hart| tables.info(hart, &[isa, mmu]));
    tables.memory()
}

#[test]
fn thousands_of_harts_are_read_and_no_more() {
    let memory = crowd(4096);
    assert!(memory.tree().len() < landfall_tree::Tree::MAX_SIZE);
    is_fault(&crowd(4097), *b"APIC", "how many harts it has");
}

#[test]
fn tables_lie_in_memory_that_nobody_frees() {
    let bytes = [
        descriptor(9, 0x1000, 1, CACHED),
        descriptor(6, 0x3000, 1, CACHED),
        descriptor(10, 0x2000, 1, 0),
        descriptor(7, 0x4000, 1, CACHED),
        descriptor(0, 0x6000, 1, CACHED),
        descriptor(10, u64::MAX - 0xfff, 1, CACHED),
    ]
    .concat();
    let map = MemoryMap::new(&bytes, 48).expect("a map");
    let holds = |start, size| map.may_hold_tables(PhysRange::new(PhysAddr::new(start), size));
    assert!(holds(0x1000, 0x3000) && holds(0x1ff0, 0x20) && holds(0x3fff, 1));
    for (start, size) in [(0xfff, 2), (0x3fff, 2), (0x4000, 1), (0x6000, 1), (0x1000, 0), (0x1000, u64::MAX)]
    {
        assert!(!holds(start, size), "{size:#x} bytes at {start:#x}");
    }
}
