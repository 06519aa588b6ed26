//! Tests of the accesses to devices.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use super::Devices;
use crate::config::{Config, Controller, DeviceMap};

fn devices(map: DeviceMap) -> Devices {
    Devices::new(&Config { devices: map, ..Config::virt(2, Vec::new()) })
}

#[test]
fn registers_are_where_the_map_has_them() {
    let devices = devices(DeviceMap::VIRT);
    for (address, covered) in [
        (0x0fff_ffff, false),
        (0x1000_0000, true),
        (0x1000_00ff, true),
        (0x1000_0100, false),
        (0x0bff_ffff, false),
        (0x0c00_0000, true),
        (0x0c20_3fff, true),
        (0x0c20_4000, false),
    ] {
        assert_eq!(devices.covers(address), covered, "{address:#x}");
    }
}

#[test]
fn accesses_of_a_wrong_size_or_alignment_fault() {
    for controller in [Controller::Plic(0x0c00_0000), Controller::Aplic(0x0c00_0000)] {
        let mut devices = devices(DeviceMap { controller, ..DeviceMap::VIRT });
        for (address, size) in [(0x0c00_0004, 1), (0x0c00_0004, 2), (0x0c00_0008, 8), (0x0c00_0006, 4)] {
            assert_eq!(devices.load(address, size), None);
            assert_eq!(devices.store(address, size, 0), None);
        }
        assert_eq!(devices.load(0x0c00_0004, 4), Some(0));
        assert_eq!(devices.load(0x1000_0005, 4), None);
        assert_eq!(devices.load(0x1000_0005, 1), Some(0x60));
        assert_eq!(devices.load(0x1000_0008, 1), None);
    }
}

#[test]
fn the_shift_is_the_distance_between_registers() {
    let mut devices = devices(DeviceMap { uart_shift: 2, ..DeviceMap::VIRT });
    assert_eq!(devices.load(0x1000_0014, 1), Some(0x60));
    assert_eq!(devices.load(0x1000_0005, 1), None);
    assert_eq!(devices.store(0x1000_0000, 1, u64::from(b'x')), Some(()));
    assert_eq!(devices.output, b"x");
}

#[test]
fn a_received_byte_interrupts_the_hart_that_enabled_it_in_the_plic() {
    let mut devices = devices(DeviceMap::VIRT);
    devices.store(0x1000_0001, 1, 1).unwrap();
    devices.store(0x0c00_0028, 4, 1).unwrap();
    devices.store(0x0c00_2180, 4, 1 << 10).unwrap();
    devices.feed(b"k");
    assert!(!devices.interrupts(0));
    assert!(devices.interrupts(1));
    assert_eq!(devices.load(0x0c20_3004, 4), Some(10));
    assert!(!devices.interrupts(1));
    assert_eq!(devices.load(0x1000_0000, 1), Some(u64::from(b'k')));
    devices.store(0x0c20_3004, 4, 10).unwrap();
    assert!(!devices.interrupts(1));
}

#[test]
fn a_received_byte_interrupts_the_target_in_the_aplic() {
    let mut devices = devices(DeviceMap { controller: Controller::Aplic(0x0d00_0000), ..DeviceMap::VIRT });
    devices.store(0x1000_0001, 1, 1).unwrap();
    for (offset, value) in
        [(0, 0x100), (4 * 10, 6), (0x1edc, 10), (0x3000 + 4 * 10, 1 << 18 | 1), (0x4020, 1)]
    {
        devices.store(0x0d00_0000 + offset, 4, value).unwrap();
    }
    devices.feed(b"k");
    assert!(!devices.interrupts(0));
    assert!(devices.interrupts(1));
    assert_eq!(devices.load(0x0d00_403c, 4), Some(10 << 16 | 1));
    assert_eq!(devices.load(0x1000_0000, 1), Some(u64::from(b'k')));
    assert!(!devices.interrupts(1));
}
