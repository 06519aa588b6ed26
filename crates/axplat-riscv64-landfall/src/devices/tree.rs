//! Which devices a tree has.

use dtoolkit::fdt::{Fdt, FdtNode, FdtProperty};
use dtoolkit::standard::NodeStandard;
use dtoolkit::{Node, Property};
use landfall::address::{PhysAddr, PhysRange};
use landfall::plan::Facts;

use super::bus::Bus;
use super::node::{DeviceNode, Kind, State};
use super::registers::{Outcome, Registers};

/// A clock whose registers `riscv_goldfish` knows.
const RTC: &str = "google,goldfish-rtc";
/// Platform-level interrupt controllers with the registers of the RISC-V PLIC specification.
const PLICS: [&str; 3] = ["riscv,plic0", "sifive,plic-1.0.0", "thead,c900-plic"];

/// Nodes of the root that are no devices.
const OTHERS: [&str; 6] = ["memory", "reserved-memory", "cpus", "chosen", "aliases", "options"];

/// The devices that were found.
#[derive(Clone, Debug)]
pub(crate) struct Found<'tree> {
    /// All registers.
    pub(crate) registers: Registers,
    /// The clock.
    pub(crate) rtc: Option<PhysAddr>,
    /// The interrupt controller.
    pub(crate) plic: Option<Plic<'tree>>,
}

/// An interrupt controller.
#[derive(Clone, Debug)]
pub(crate) struct Plic<'tree> {
    /// Its registers.
    pub(crate) registers: PhysAddr,
    /// Its `interrupts-extended`: where the output of each context leads.
    outputs: FdtProperty<'tree>,
}

impl Plic<'_> {
    /// Returns the number of the context that interrupts a hart in supervisor mode: its place among
    /// the outputs. Each output is an interrupt controller's phandle and a number in `scause`. That
    /// controller is a child of the hart's node.
    pub(crate) fn context(&self, tree: &[u8], hart: u64) -> Option<u32> {
        /// Supervisor external interrupts.
        const EXTERNAL: u32 = 9;
        let cpus = Fdt::new_unchecked(tree).root().child("cpus")?;
        let of_hart = |cpu: &FdtNode<'_>| {
            let mut reg = cpu.reg().ok().flatten().into_iter().flatten();
            reg.next().and_then(|reg| reg.address::<u64>().ok()) == Some(hart)
        };
        let counts = (1..=2).contains(&cpus.address_space().address_cells);
        let cpu = cpus
            .children()
            .filter(|_| counts)
            .find(|cpu| cpu.name_without_address() == "cpu" && of_hart(cpu))?;
        let controller = cpu.child("interrupt-controller")?.phandle().ok()??;
        let words = self.outputs.value().as_chunks::<4>().0.iter().map(|word| u32::from_be_bytes(*word));
        let leads = words.clone().step_by(2).zip(words.skip(1).step_by(2));
        let context = leads.enumerate().find(|(_, output)| *output == (controller, EXTERNAL));
        context.and_then(|(index, _)| u32::try_from(index).ok())
    }
}

/// Finds the devices of a tree that landfall has screened.
pub(crate) fn find<'tree>(tree: &'tree [u8], facts: &Facts) -> Found<'tree> {
    let mut found = Found { registers: Registers::EMPTY, rtc: None, plic: None };
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
        if self.plic.is_none() && device.is_any_of(&PLICS) {
            self.plic = device.outputs.map(|outputs| Plic { registers, outputs });
        }
    }
}
