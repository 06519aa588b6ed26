//! A device tree for QEMU's Icicle Kit, for which QEMU has none. It has the devices that firmware
//! and kernel need, by the board's memory map (QEMU, `hw/riscv/microchip_pfsoc.c`).

use dtoolkit::ToPropertyValue;
use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};

const HARTS: u32 = 5;
const LOW: u64 = 0x8000_0000;
const LOW_SIZE: u64 = 1 << 30;
const HIGH: u64 = 0x10_0000_0000;
/// The phandle of the first hart's interrupt controller.
const FIRST_PHANDLE: u32 = 1;

/// Returns the tree of a board with `memory` bytes: 1 GiB of it low, the rest high.
pub(super) fn tree(memory: u64) -> Vec<u8> {
    let mut tree = DeviceTree::new();
    set_cells(&mut tree.root, 2, 2);
    set(&mut tree.root, "compatible", "microchip,mpfs-icicle-kit");
    set(&mut tree.root, "model", "Microchip PolarFire-SoC Icicle Kit");
    let mut chosen = node("chosen");
    set(&mut chosen, "stdout-path", "/soc/serial@20100000");
    tree.root.add_child(chosen);
    tree.root.add_child(cpus());
    for (start, size) in [(LOW, LOW_SIZE.min(memory)), (HIGH, memory.saturating_sub(LOW_SIZE))] {
        let mut memory = node(&format!("memory@{start:x}"));
        set(&mut memory, "device_type", "memory");
        set(&mut memory, "reg", numbers(&[start, size]));
        tree.root.add_child(memory);
    }
    tree.root.add_child(soc());
    tree.to_dtb()
}

fn cpus() -> DeviceTreeNode {
    let mut cpus = node("cpus");
    set_cells(&mut cpus, 1, 0);
    set(&mut cpus, "timebase-frequency", 1_000_000_u32);
    for hart in 0..HARTS {
        let mut cpu = node(&format!("cpu@{hart}"));
        set(&mut cpu, "device_type", "cpu");
        set(&mut cpu, "compatible", "riscv");
        set(&mut cpu, "reg", hart);
        // Hart 0 is the monitor core, and has neither S-mode nor an MMU.
        if hart == 0 {
            set(&mut cpu, "riscv,isa", "rv64imac");
        } else {
            set(&mut cpu, "riscv,isa", "rv64imafdc");
            set(&mut cpu, "mmu-type", "riscv,sv39");
        }
        let mut controller = node("interrupt-controller");
        set(&mut controller, "compatible", "riscv,cpu-intc");
        set(&mut controller, "#interrupt-cells", 1_u32);
        set(&mut controller, "interrupt-controller", Vec::<u8>::new());
        set(&mut controller, "phandle", FIRST_PHANDLE + hart);
        cpu.add_child(controller);
        cpus.add_child(cpu);
    }
    cpus
}

fn soc() -> DeviceTreeNode {
    let mut soc = node("soc");
    set_cells(&mut soc, 2, 2);
    set(&mut soc, "compatible", "simple-bus");
    set(&mut soc, "ranges", Vec::<u8>::new());
    let mut clint = node("clint@2000000");
    set(&mut clint, "compatible", "sifive,clint0");
    set(&mut clint, "reg", numbers(&[0x200_0000, 0xc000]));
    // Software and timer interrupts of machine mode.
    let interrupts = (0..HARTS).flat_map(|hart| [FIRST_PHANDLE + hart, 3, FIRST_PHANDLE + hart, 7]);
    set(&mut clint, "interrupts-extended", interrupts.flat_map(u32::to_be_bytes).collect::<Vec<_>>());
    soc.add_child(clint);
    let mut serial = node("serial@20100000");
    set(&mut serial, "compatible", "ns16550a");
    set(&mut serial, "reg", numbers(&[0x2010_0000, 0x400]));
    set(&mut serial, "reg-io-width", 4_u32);
    set(&mut serial, "reg-shift", 2_u32);
    set(&mut serial, "clock-frequency", 150_000_000_u32);
    set(&mut serial, "current-speed", 115_200_u32);
    soc.add_child(serial);
    soc
}

fn node(name: &str) -> DeviceTreeNode {
    DeviceTreeNode::new_unchecked(name)
}

fn set(node: &mut DeviceTreeNode, name: &str, value: impl ToPropertyValue) {
    node.add_property(DeviceTreeProperty::new_unchecked(name, value));
}

fn set_cells(node: &mut DeviceTreeNode, address: u32, size: u32) {
    set(node, "#address-cells", address);
    set(node, "#size-cells", size);
}

fn numbers(values: &[u64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}
