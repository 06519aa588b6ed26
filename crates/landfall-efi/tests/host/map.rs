//! Memory maps.

use landfall_efi::{MemoryMap, MemoryMapError, MemoryUse};

use crate::made::{CACHED, descriptor};

fn ranges<'a>(map: &'a [u8], wanted: &'a [MemoryUse]) -> Vec<(u64, u64)> {
    let map = MemoryMap::new(map, 48).expect("a map");
    map.ranges(wanted).map(|range| (range.start().get(), range.end().get())).collect()
}

#[test]
fn each_type_of_memory_is_what_the_specification_says() {
    // UEFI 2.10, table 7.10, for after ExitBootServices.
    let uses = [
        (0, MemoryUse::Nothing),
        (1, MemoryUse::Free),
        (2, MemoryUse::Free),
        (3, MemoryUse::Free),
        (4, MemoryUse::Free),
        (5, MemoryUse::Nothing),
        (6, MemoryUse::Nothing),
        (7, MemoryUse::Free),
        (8, MemoryUse::Nothing),
        (9, MemoryUse::Kept),
        (10, MemoryUse::Nothing),
        (11, MemoryUse::Nothing),
        (12, MemoryUse::Nothing),
        (13, MemoryUse::Nothing),
        (14, MemoryUse::Nothing),
        (15, MemoryUse::Nothing),
        (0x8000_0000, MemoryUse::Nothing),
    ];
    for (kind, right) in uses {
        let bytes = descriptor(kind, 0x8000_0000, 1, CACHED);
        let map = MemoryMap::new(&bytes, 48).expect("a map");
        let found = map.iter().next().map(|descriptor| descriptor.usable_as());
        assert_eq!(found, Some(right), "type {kind}");
    }
}

#[test]
fn what_is_not_cached_or_set_aside_is_no_memory() {
    for attributes in [0, 1, 7, CACHED | 1 << 18] {
        assert_eq!(ranges(&descriptor(7, 0x8000_0000, 1, attributes), &[MemoryUse::Free]), []);
    }
}

#[test]
fn runtime_memory_is_known_by_its_attribute() {
    let bytes = [descriptor(6, 0x1000, 1, CACHED | 1 << 63), descriptor(11, 0x2000, 1, 1)].concat();
    let map = MemoryMap::new(&bytes, 48).expect("a map");
    assert_eq!(map.iter().map(|part| part.is_runtime()).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn ranges_ascend_and_are_as_long_as_they_can_be_in_any_order_of_descriptors() {
    let parts = [
        (7, 0x8_4000, 4),
        (1, 0x8_0000, 2),
        (4, 0x8_2000, 2),
        (9, 0x9_0000, 1),
        (3, 0x8_1000, 1),
        (7, 0x9_1000, 0),
    ];
    let bytes: Vec<u8> =
        parts.iter().flat_map(|(kind, start, pages)| descriptor(*kind, *start, *pages, CACHED)).collect();
    assert_eq!(ranges(&bytes, &[MemoryUse::Free]), [(0x8_0000, 0x8_8000)]);
    assert_eq!(ranges(&bytes, &[MemoryUse::Kept]), [(0x9_0000, 0x9_1000)]);
}

#[test]
fn a_map_of_many_descriptors_is_no_matter() {
    let one = |index: u64| descriptor(7, index * 0x2000, 1 + index % 2, CACHED);
    let bytes: Vec<u8> = (0..1000).rev().flat_map(one).collect();
    // Every second page is followed by the next descriptor's.
    assert_eq!(ranges(&bytes, &[MemoryUse::Free]).len(), 500 + 1);
}

#[test]
fn numbers_beyond_all_addresses_do_not_overflow() {
    let bytes = [descriptor(7, u64::MAX - 5, u64::MAX, CACHED), descriptor(7, 0, u64::MAX, CACHED)].concat();
    assert_eq!(ranges(&bytes, &[MemoryUse::Free]), [(0, u64::MAX)]);
}

#[test]
fn what_cannot_be_descriptors_is_named() {
    for (size, descriptor_size) in [(48, 0), (48, 32), (90, 45), (47, 48), (50, 48)] {
        let bytes = vec![0; size];
        assert_eq!(MemoryMap::new(&bytes, descriptor_size), Err(MemoryMapError { size, descriptor_size }));
    }
    assert!(MemoryMap::new(&[], 40).is_ok());
}

#[test]
fn each_refusal_states_what_firmware_did() {
    use landfall_efi::{EfiRefusal, Exit, Instead};
    let map = MemoryMapError { size: 0x31, descriptor_size: 0x28 };
    let errors = [
        (EfiRefusal::NoTree(Instead::Nothing { tables: 5 }), 20, "5 configuration tables"),
        (EfiRefusal::NoHart, 21, "RISCV_EFI_BOOT_PROTOCOL"),
        (EfiRefusal::Initrd { status: 0x14 }, 22, "0x14"),
        (EfiRefusal::NoMemory { wanted: 0x123, status: 9 }, 23, "0x123"),
        (EfiRefusal::NoMap { status: 0x15 }, 23, "0x15"),
        (EfiRefusal::BadMap(map), 23, "0x31 bytes has descriptors of 0x28"),
        (EfiRefusal::Exit(Exit { tries: 3, status: 2 }), 24, "3 attempts"),
    ];
    for (refused, rule, words) in errors {
        assert_eq!(refused.rule().number(), rule);
        assert!(refused.to_string().contains(words), "{refused}");
    }
}
