//! Which devices a tree has.

use dtoolkit::Node;
use dtoolkit::fdt::Fdt;
use landfall::address::{PhysAddr, PhysRange};
use landfall::plan::Facts;

use super::bus::Bus;
use super::controller::Candidates;
use super::node::{DeviceNode, Kind, State};
use super::registers::{Outcome, Registers};

/// A clock whose registers `riscv_goldfish` knows.
const RTC: &str = "google,goldfish-rtc";

/// Nodes of the root that are no devices.
const OTHERS: [&str; 6] = ["memory", "reserved-memory", "cpus", "chosen", "aliases", "options"];

/// The devices that were found.
#[derive(Clone, Debug)]
pub(crate) struct Found<'tree> {
    /// All registers.
    pub(crate) registers: Registers,
    /// The clock.
    pub(crate) rtc: Option<PhysAddr>,
    /// Controllers of interrupts.
    pub(crate) controllers: Candidates<'tree>,
}

/// Finds the devices of a tree that landfall has screened.
pub(crate) fn find<'tree>(tree: &'tree [u8], facts: &Facts) -> Found<'tree> {
    let mut found = Found { registers: Registers::EMPTY, rtc: None, controllers: Candidates::NONE };
    let root = DeviceNode::new(Fdt::new_unchecked(tree).root());
    visit(&Bus::root(root), &mut found, &|range| {
        facts.ram.first_overlap(range).is_some() || facts.no_map.first_overlap(range).is_some()
    });
    found
}

fn visit<'tree>(bus: &Bus<'_, 'tree>, found: &mut Found<'tree>, is_memory: &impl Fn(PhysRange) -> bool) {
    for node in bus.node.node.children().filter(|node| !OTHERS.contains(&node.name_without_address())) {
        let device = DeviceNode::new(node);
        if device.state == State::Off {
            continue;
        }
        let mut first = None;
        let windows = (device.kind == Kind::Pci).then(|| bus.pci_windows(&device));
        for range in bus.registers(&device).chain(windows.into_iter().flatten()) {
            let outcome = found.registers.insert(range, is_memory);
            first = first.or((outcome == Outcome::Kept).then_some(range.start()));
        }
        if let Some(registers) = first {
            found.take(&device, registers);
            #[cfg(any(test, feature = "irq"))]
            found.controllers.take(&device, bus.registers(&device));
        }
        if let Some(below) = bus.below(device).filter(|_| device.kind == Kind::Other) {
            visit(&below, found, is_memory);
        }
    }
}

impl<'tree> Found<'tree> {
    /// Keeps what is asked for by name: the first of each.
    fn take(&mut self, device: &DeviceNode<'tree>, registers: PhysAddr) {
        if self.rtc.is_none() && device.is_any_of(&[RTC]) {
            self.rtc = Some(registers);
        }
    }
}
