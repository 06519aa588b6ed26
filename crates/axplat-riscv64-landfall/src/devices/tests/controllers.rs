//! Controllers of interrupts in trees.

use dtoolkit::model::DeviceTreeNode;
use proptest::prelude::*;

use super::{cells, facts, node, text, tree, with};
use crate::devices::controller::{Controller, Kind};
use crate::devices::refusal::Refusal;
use crate::devices::tree::find;
use crate::devices::trigger::Trigger;

/// Harts 4 and 9, as on boards whose first hart has no supervisor mode; they boot in this order.
const HARTS: [u64; 2] = [4, 9];
/// Supervisor and machine external interrupts.
const SUPERVISOR: u32 = 9;
const MACHINE: u32 = 11;

pub(super) fn cpus() -> DeviceTreeNode {
    let hart = |id: u32, phandle: u32| {
        let controller = node("interrupt-controller", &[("phandle", cells(&[phandle]))]);
        with(node(&format!("cpu@{id:x}"), &[("reg", cells(&[id]))]), [controller])
    };
    let counts = [("#address-cells", cells(&[1])), ("#size-cells", cells(&[0]))];
    with(node("cpus", &counts), [hart(4, 1), hart(9, 2)])
}

fn reg(start: u32, size: u32) -> (&'static str, Vec<u8>) {
    ("reg", cells(&[0, start, 0, size]))
}

/// A PLIC whose outputs are machine and supervisor mode of the harts.
pub(super) fn plic() -> Vec<DeviceTreeNode> {
    let outputs = cells(&[1, MACHINE, 2, MACHINE, 2, SUPERVISOR, 1, SUPERVISOR]);
    vec![node(
        "plic@c000000",
        &[
            ("compatible", text("sifive,plic-1.0.0")),
            reg(0xc00_0000, 0x60_0000),
            ("interrupts-extended", outputs),
            ("riscv,ndev", cells(&[95])),
        ],
    )]
}

fn aplic(start: u32, phandle: u32, more: (&str, Vec<u8>)) -> DeviceTreeNode {
    node(
        &format!("interrupt-controller@{start:x}"),
        &[
            ("compatible", text("qemu,aplic\0riscv,aplic")),
            ("phandle", cells(&[phandle])),
            reg(start, 0x8000),
            ("riscv,num-sources", cells(&[96])),
            more,
        ],
    )
}

/// The domains of machine and of supervisor mode, each by wires.
pub(super) fn wires() -> Vec<DeviceTreeNode> {
    let outputs = |mode| ("interrupts-extended", cells(&[2, mode, 1, mode]));
    vec![aplic(0xc00_0000, 5, outputs(MACHINE)), aplic(0xd00_0000, 6, outputs(SUPERVISOR)), rtc(6)]
}

fn imsic(start: u32, phandle: u32, cause: u32, more: &[(&str, Vec<u8>)]) -> DeviceTreeNode {
    let mut properties = vec![
        ("compatible", text("qemu,imsics\0riscv,imsics")),
        ("phandle", cells(&[phandle])),
        ("interrupts-extended", cells(&[2, cause, 1, cause])),
        ("riscv,num-ids", cells(&[255])),
        reg(start, 0x2000),
    ];
    for property in more {
        properties.retain(|(name, _)| *name != property.0);
        properties.push(property.clone());
    }
    node(&format!("interrupt-controller@{start:x}"), &properties)
}

/// The same domains by messages, and their IMSICs.
pub(super) fn messages() -> Vec<DeviceTreeNode> {
    messages_with(&[])
}

/// Those with other properties of supervisor mode's IMSIC.
fn messages_with(more: &[(&str, Vec<u8>)]) -> Vec<DeviceTreeNode> {
    vec![
        aplic(0xc00_0000, 5, ("msi-parent", cells(&[7]))),
        aplic(0xd00_0000, 6, ("msi-parent", cells(&[8]))),
        imsic(0x2400_0000, 7, MACHINE, &[]),
        imsic(0x2800_0000, 8, SUPERVISOR, more),
        rtc(6),
    ]
}

/// A device whose interrupts are of each type.
fn rtc(parent: u32) -> DeviceTreeNode {
    let interrupts = ("interrupts", cells(&[9, 1, 10, 4, 11, 8, 12, 2, 1024, 8]));
    node("rtc@101000", &[reg(0x10_1000, 0x1000), ("interrupt-parent", cells(&[parent])), interrupts])
}

fn choose(controllers: Vec<DeviceTreeNode>) -> Result<Option<Controller>, Refusal> {
    let bytes = tree([cpus()].into_iter().chain(controllers));
    find(&bytes, &facts()).controllers.choose(&bytes, HARTS.into_iter())
}

fn chosen(controllers: Vec<DeviceTreeNode>) -> (Kind, u64, u32, [Option<u16>; 3]) {
    let controller = choose(controllers).expect("it is valid").expect("there is one");
    let numbers = [0, 1, 2].map(|cpu| controller.outputs.of(cpu));
    (controller.kind, controller.registers.get(), controller.last_source, numbers)
}

#[test]
fn a_plic_has_one_context_for_a_hart_in_supervisor_mode() {
    assert_eq!(chosen(plic()), (Kind::Plic, 0xc00_0000, 95, [Some(3), Some(2), None]));
}

#[test]
fn the_domain_of_supervisor_mode_is_chosen() {
    assert_eq!(chosen(wires()), (Kind::Wires, 0xd00_0000, 96, [Some(1), Some(0), None]));
    let expected = (Kind::Messages { last_identity: 255 }, 0xd00_0000, 96, [Some(1), Some(0), None]);
    assert_eq!(chosen(messages()), expected);
    let machine_only = || messages().into_iter().enumerate().filter(|(place, _)| ![1, 3].contains(place));
    assert_eq!(
        choose(machine_only().map(|(_, node)| node).collect()).expect_err("it is invalid"),
        Refusal::NoImsic
    );
    assert!(choose(vec![]).expect("it is valid").is_none());
}

#[test]
fn hart_indexes_replace_the_places_of_outputs() {
    let mut controllers = wires();
    let indexes = dtoolkit::model::DeviceTreeProperty::new_unchecked("riscv,hart-indexes", cells(&[33, 7]));
    controllers[1].add_property(indexes);
    assert_eq!(chosen(controllers).3, [Some(7), Some(33), None]);
}

#[test]
fn a_source_is_triggered_as_its_device_says() {
    let triggers = |controllers: Vec<DeviceTreeNode>| {
        let controller = choose(controllers).expect("it is valid").expect("there is one");
        [9, 10, 11, 12, 1024].map(|source| controller.triggers.of(source))
    };
    let [edge, high, low] = [Trigger::RisingEdge, Trigger::HighLevel, Trigger::LowLevel];
    let expected = [edge, high, low, Trigger::FallingEdge, high];
    assert_eq!(triggers(wires()), expected);
    assert_eq!(triggers(messages()), expected);
    // Another controller's device.
    let mut others = wires();
    others[2] = rtc(5);
    assert_eq!(triggers(others), [high; 5]);
}

#[test]
fn each_invalid_description_is_refused() {
    let property = |name: &'static str, found| {
        (messages_with(&[(name, cells(&[found]))]), Refusal::Property { name, found })
    };
    let small = |controllers: Vec<DeviceTreeNode>, place: usize, size: u32| {
        let mut controllers = controllers;
        let start = if place == 0 { 0xc00_0000 } else { 0xd00_0000 };
        let (_, value) = reg(start, size);
        controllers[place].property_mut("reg").expect("it has one").set_value(value);
        controllers
    };
    let range =
        |start, size| landfall::address::PhysRange::new(landfall::address::PhysAddr::new(start), size);
    let cases = [
        property("riscv,num-ids", 62),
        property("riscv,num-ids", 64),
        property("riscv,num-ids", 4095),
        property("riscv,guest-index-bits", 8),
        property("riscv,hart-index-bits", 16),
        property("riscv,group-index-bits", 8),
        property("riscv,group-index-shift", 23),
        property("riscv,group-index-shift", 56),
        // Files for one hart alone.
        (messages_with(&[reg(0x2800_0000, 0x1000)]), Refusal::NoFile { output: 1 }),
        // One bit of the index is too few for a second file that is not next to the first.
        (
            messages_with(&[("reg", cells(&[0, 0x2800_0000, 0, 0x1000, 0, 0x2800_2000, 0, 0x1000]))]),
            Refusal::FileAddress { found: landfall::address::PhysAddr::new(0x2800_2000) },
        ),
        // An IDC structure lies behind the registers; a context does.
        (small(wires(), 1, 0x4000), Refusal::Registers { found: range(0xd00_0000, 0x4000), needed: 0x4040 }),
        (
            small(plic(), 0, 0x20_3000),
            Refusal::Registers { found: range(0xc00_0000, 0x20_3000), needed: 0x20_4000 },
        ),
    ];
    for (controllers, refusal) in cases {
        assert_eq!(choose(controllers).expect_err("it is invalid"), refusal);
    }
}

proptest! {
    /// The address that an APLIC makes of a hart index (AIA 1.0, 4.9.1) is that of the hart's file
    /// in the tree.
    #[test]
    fn a_message_goes_to_the_file_of_its_hart(
        guest_bits in 0..4_u32,
        hart_bits in 1..4_u32,
        group_bits in 0..3_u32,
        group_shift in 24..30_u32,
        base in 0..4_u64,
    ) {
        let base = 0x10_0000_0000_u64 + (base << 40);
        let size = 1_u64 << (12 + guest_bits + hart_bits);
        let mut starts = (0..1_u64 << group_bits).map(|group| base | group << group_shift);
        let halves = |number: u64| number.to_be_bytes().as_chunks::<4>().0.iter().map(|half| u32::from_be_bytes(*half)).collect::<Vec<_>>();
        let reg: Vec<u32> = starts.clone().flat_map(|start| [halves(start), halves(size)].concat()).collect();
        // The first hart has the first file, and the other the last file of all.
        let files = 1_usize << (group_bits + hart_bits);
        let mut outputs = vec![[9, SUPERVISOR]; files];
        outputs[0] = [1, SUPERVISOR];
        outputs[files - 1] = [2, SUPERVISOR];
        let controllers = messages_with(&[
            ("interrupts-extended", cells(&outputs.concat())),
            ("reg", cells(&reg)),
            ("riscv,guest-index-bits", cells(&[guest_bits])),
            ("riscv,hart-index-bits", cells(&[hart_bits])),
            ("riscv,group-index-bits", cells(&[group_bits])),
            ("riscv,group-index-shift", cells(&[group_shift])),
        ]);
        let [first, last, none] = chosen(controllers).3.map(|index| index.map(u64::from));
        let address = |index: u64| {
            let group = index >> hart_bits & ((1 << group_bits) - 1);
            let hart = index & ((1 << hart_bits) - 1);
            (base >> 12 | group << (group_shift - 12) | hart << guest_bits) << 12
        };
        prop_assert_eq!(first.map(address), Some(base));
        let end = starts.next_back().unwrap_or(base) + size;
        prop_assert_eq!(last.map(address), Some(end - (1 << (12 + guest_bits))));
        prop_assert_eq!(none, None);
    }
}
