//! The nodes of devices.

use vm_fdt::{FdtWriter, FdtWriterResult};

use super::CONTROLLER;
use crate::config::{Config, Controller, DeviceMap};

/// The input clock of the ns16550, in Hz, as of QEMU's `virt`.
const UART_CLOCK: u32 = 3_686_400;
/// No interrupt, in `interrupts-extended`: the context is not the kernel's.
const NO_INTERRUPT: u32 = u32::MAX;
/// The supervisor external interrupt.
const SUPERVISOR_EXTERNAL: u32 = 9;
/// An interrupt that is active while its line is high.
const LEVEL_HIGH: u32 = 4;

pub(super) fn write_soc(fdt: &mut FdtWriter, config: &Config) -> FdtWriterResult<()> {
    let soc = fdt.begin_node("soc")?;
    fdt.property_u32("#address-cells", 2)?;
    fdt.property_u32("#size-cells", 2)?;
    fdt.property_string("compatible", "simple-bus")?;
    fdt.property_null("ranges")?;
    write_uart(fdt, &config.devices)?;
    write_controller(fdt, config.devices.controller, config.harts.len())?;
    fdt.end_node(soc)
}

fn write_uart(fdt: &mut FdtWriter, devices: &DeviceMap) -> FdtWriterResult<()> {
    let span = devices.uart_span();
    let uart = fdt.begin_node(&format!("serial@{:x}", span.start))?;
    fdt.property_string("compatible", "ns16550a")?;
    fdt.property_array_u64("reg", &[span.start, span.len])?;
    // QEMU's tree has none, and some drivers take the property for a sign of wide registers.
    if devices.uart_shift != 0 {
        fdt.property_u32("reg-shift", devices.uart_shift)?;
    }
    fdt.property_u32("reg-io-width", 1)?;
    fdt.property_u32("clock-frequency", UART_CLOCK)?;
    fdt.property_u32("interrupt-parent", CONTROLLER)?;
    let interrupt = [devices.uart_interrupt, LEVEL_HIGH];
    let cells = match devices.controller {
        Controller::Plic(_) => &interrupt[..1],
        Controller::Aplic(_) => &interrupt[..],
    };
    fdt.property_array_u32("interrupts", cells)?;
    fdt.end_node(uart)
}

fn write_controller(fdt: &mut FdtWriter, controller: Controller, harts: usize) -> FdtWriterResult<()> {
    let span = controller.span(harts);
    let harts = (CONTROLLER + 1..).take(harts);
    let node = match controller {
        Controller::Plic(at) => {
            let node = fdt.begin_node(&format!("interrupt-controller@{at:x}"))?;
            fdt.property_string_list("compatible", vec!["sifive,plic-1.0.0".into(), "riscv,plic0".into()])?;
            fdt.property_u32("#interrupt-cells", 1)?;
            fdt.property_u32("riscv,ndev", Controller::SOURCES)?;
            let contexts = harts.flat_map(|hart| [hart, NO_INTERRUPT, hart, SUPERVISOR_EXTERNAL]);
            fdt.property_array_u32("interrupts-extended", &contexts.collect::<Vec<_>>())?;
            node
        }
        Controller::Aplic(at) => {
            let node = fdt.begin_node(&format!("interrupt-controller@{at:x}"))?;
            fdt.property_string("compatible", "riscv,aplic")?;
            fdt.property_u32("#interrupt-cells", 2)?;
            fdt.property_u32("riscv,num-sources", Controller::SOURCES)?;
            let targets = harts.flat_map(|hart| [hart, SUPERVISOR_EXTERNAL]);
            fdt.property_array_u32("interrupts-extended", &targets.collect::<Vec<_>>())?;
            node
        }
    };
    fdt.property_u32("#address-cells", 0)?;
    fdt.property_null("interrupt-controller")?;
    fdt.property_array_u64("reg", &[span.start, span.len])?;
    fdt.property_phandle(CONTROLLER)?;
    fdt.end_node(node)
}
