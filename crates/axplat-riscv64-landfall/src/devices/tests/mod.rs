//! Devices of trees as boards have them.

mod controllers;

use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};
use landfall::address::{PhysAddr, PhysRange};
use landfall::plan::Facts;
use proptest::prelude::*;

use super::registers::{MAX_REGISTERS, Outcome, Registers};
use super::tree::find;

fn node(name: &str, properties: &[(&str, Vec<u8>)]) -> DeviceTreeNode {
    let mut node = DeviceTreeNode::new_unchecked(name);
    for (name, value) in properties {
        node.add_property(DeviceTreeProperty::new_unchecked(*name, value.clone()));
    }
    node
}

fn with(mut parent: DeviceTreeNode, children: impl IntoIterator<Item = DeviceTreeNode>) -> DeviceTreeNode {
    children.into_iter().for_each(|child| parent.add_child(child));
    parent
}

fn cells(cells: &[u32]) -> Vec<u8> {
    cells.iter().flat_map(|cell| cell.to_be_bytes()).collect()
}

fn text(text: &str) -> Vec<u8> {
    [text.as_bytes(), &[0]].concat()
}

/// A bus whose children count in so many cells.
fn bus(name: &str, address: u32, size: u32, ranges: &[u32]) -> DeviceTreeNode {
    let properties =
        [("#address-cells", cells(&[address])), ("#size-cells", cells(&[size])), ("ranges", cells(ranges))];
    node(name, &properties)
}

fn tree(children: impl IntoIterator<Item = DeviceTreeNode>) -> Vec<u8> {
    let mut tree = DeviceTree::new();
    tree.root.add_property(DeviceTreeProperty::new_unchecked("#address-cells", 2_u32));
    tree.root.add_property(DeviceTreeProperty::new_unchecked("#size-cells", 2_u32));
    children.into_iter().for_each(|child| tree.root.add_child(child));
    tree.to_dtb()
}

fn range(start: u64, end: u64) -> PhysRange {
    PhysRange::between(PhysAddr::new(start), PhysAddr::new(end))
}

/// RAM is from 2 GiB to 3 GiB.
fn range_of_ram() -> PhysRange {
    range(0x8000_0000, 0xc000_0000)
}

fn facts() -> Facts {
    let mut facts = Facts::UNKNOWN;
    facts.ram.insert(range_of_ram()).expect("room for one");
    facts
}

fn registers(children: impl IntoIterator<Item = DeviceTreeNode>) -> Vec<PhysRange> {
    find(&tree(children), &facts()).registers.as_slice().to_vec()
}

#[test]
fn addresses_on_buses_are_told_as_the_cpu_sees_them() {
    let uart = node("serial@4000", &[("reg", cells(&[0x4000, 0x100]))]);
    let inner = with(bus("bus@1000000", 1, 1, &[0, 0x100_0000, 0x10_0000]), [uart]);
    let outer = with(bus("soc", 1, 1, &[0, 0, 0x1000_0000, 0x1000_0000]), [inner]);
    assert_eq!(registers([outer]), [range(0x1100_4000, 0x1100_5000)]);
    let clint = node("clint@2000000", &[("reg", cells(&[0, 0x200_0000, 0, 0x1_0000]))]);
    assert_eq!(registers([with(bus("soc", 2, 2, &[]), [clint])]), [range(0x200_0000, 0x201_0000)]);
}

#[test]
fn what_the_cpu_cannot_reach_is_left_out() {
    let sensor = || node("sensor@48", &[("reg", cells(&[0x48]))]);
    let i2c = node(
        "i2c@10030000",
        &[
            ("reg", cells(&[0, 0x1003_0000, 0, 0x1000])),
            ("#address-cells", cells(&[1])),
            ("#size-cells", cells(&[0])),
        ],
    );
    assert_eq!(registers([with(i2c, [sensor()])]), [range(0x1003_0000, 0x1003_1000)]);
    // A bus says that its children are reached from 0x100 on, and one is not.
    let narrow = bus("bus", 1, 1, &[0x100, 0, 0x1000_0100, 0x100]);
    let outside = node("timer@1000", &[("reg", cells(&[0x1000, 0x100]))]);
    assert_eq!(registers([with(narrow, [outside])]), []);
}

#[test]
fn devices_that_are_off_and_memory_are_left_out() {
    let off =
        node("serial@10000000", &[("reg", cells(&[0, 0x1000_0000, 0, 0x100])), ("status", text("disabled"))]);
    let memory = node("memory@80000000", &[("reg", cells(&[0, 0x8000_0000, 0, 0x4000_0000]))]);
    let frame_buffer = node("display@90000000", &[("reg", cells(&[0, 0x9000_0000, 0, 0x1000]))]);
    let nothing = node("empty@1000", &[("reg", cells(&[0, 0x1000, 0, 0]))]);
    assert_eq!(registers([off, memory, frame_buffer, nothing]), []);
}

#[test]
fn windows_of_pci_are_registers_but_for_those_beyond_4_gib() {
    let ranges = [
        [0x0100_0000, 0, 0, 0, 0x0300_0000, 0, 0x1_0000],
        [0x0200_0000, 0, 0x4000_0000, 0, 0x4000_0000, 0, 0x4000_0000],
        [0x0300_0000, 4, 0, 4, 0, 4, 0],
    ];
    let mut host = bus("pci@30000000", 3, 2, &ranges.concat());
    host.add_property(DeviceTreeProperty::new_unchecked("device_type", "pci"));
    host.add_property(DeviceTreeProperty::new_unchecked("reg", cells(&[0, 0x3000_0000, 0, 0x1000_0000])));
    assert_eq!(registers([host]), [range(0x300_0000, 0x301_0000), range(0x3000_0000, 0x8000_0000)]);
}

/// Everything that is looked at: a bus with a bus, a PCI host, harts, a controller of interrupts.
fn with_all(controllers: Vec<DeviceTreeNode>) -> Vec<u8> {
    let uart = node("serial@4000", &[("reg", cells(&[0x4000, 0x100]))]);
    let inner = with(bus("bus@1000000", 1, 1, &[0, 0x100_0000, 0x10_0000]), [uart]);
    let mut host = bus("pci@30000000", 3, 2, &[0x0200_0000, 0, 0x4000_0000, 0, 0x4000_0000, 0, 0x4000_0000]);
    host.add_property(DeviceTreeProperty::new_unchecked("device_type", "pci"));
    let outer = with(bus("soc", 1, 1, &[0, 0, 0x1000_0000, 0x1000_0000]), [inner]);
    tree([outer, host, controllers::cpus()].into_iter().chain(controllers))
}

#[test]
fn the_clock_that_we_know_is_found() {
    let clock = node(
        "rtc@101000",
        &[("compatible", text("google,goldfish-rtc")), ("reg", cells(&[0, 0x10_1000, 0, 0x1000]))],
    );
    assert_eq!(find(&tree([clock]), &facts()).rtc, Some(PhysAddr::new(0x10_1000)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn whatever_the_screen_lets_pass_is_read(
        controllers in prop::sample::select(vec![controllers::plic(), controllers::wires(), controllers::messages()]),
        damage in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![Just(0), Just(0xff), any::<u8>()]), 1..16),
    ) {
        let mut bytes = with_all(controllers);
        for (place, value) in damage {
            let place = place.index(bytes.len());
            let was = std::mem::replace(&mut bytes[place], value);
            if landfall::tree::Tree::new(&bytes).is_err() {
                bytes[place] = was;
            }
        }
        let found = find(&bytes, &facts());
        prop_assert!(found.registers.as_slice().iter().all(|range| !range.overlaps(range_of_ram())));
        if let Ok(Some(controller)) = found.controllers.choose(&bytes, [4, 9].into_iter()) {
            prop_assert!((0..2).all(|cpu| controller.outputs.of(cpu).is_none_or(|number| number < 1 << 14)));
            prop_assert_eq!(controller.outputs.of(2), None);
            prop_assert!(controller.last_source < 1024);
            for source in [0, 10, 1023] {
                let _ = controller.triggers.of(source);
            }
        }
    }

    #[test]
    fn all_registers_are_told_and_no_memory(
        parts in prop::collection::vec((0..600_u64, 1..4_u64), 0..120),
        memory in 0..600_u64,
    ) {
        let page = |number: u64| PhysAddr::new(number << 12);
        let ram = PhysRange::between(page(memory), page(memory + 3));
        let mut registers = Registers::EMPTY;
        let mut kept = Vec::new();
        for (first, count) in parts {
            let range = PhysRange::between(page(first), page(first + count));
            let outcome = registers.insert(range, |range| range.overlaps(ram));
            // One gap at most has memory in it, so there is always another to close.
            prop_assert_eq!(outcome == Outcome::Kept, !range.overlaps(ram));
            kept.extend((outcome == Outcome::Kept).then_some(range));
        }
        let listed = registers.as_slice();
        prop_assert!(listed.len() <= MAX_REGISTERS);
        prop_assert!(listed.is_sorted_by(|first, second| first.end() < second.start()));
        prop_assert!(kept.iter().all(|range| listed.iter().any(|listed| listed.contains(*range))));
        prop_assert!(!listed.iter().any(|listed| listed.overlaps(ram)));
        let pages = |ranges: &[PhysRange]| -> std::collections::BTreeSet<u64> {
            ranges.iter().flat_map(|range| range.start().get() >> 12..range.end().get() >> 12).collect()
        };
        if kept.len() <= MAX_REGISTERS {
            prop_assert_eq!(pages(listed), pages(&kept), "few are listed as they are");
        }
    }
}
