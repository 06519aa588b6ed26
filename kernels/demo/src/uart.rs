//! A device: the UART, an ns16550. It is found in the device tree, mapped and read. The firmware
//! has set its line up, and prints by it.

use core::ptr::with_exposed_provenance;

use dtoolkit::Node;
use dtoolkit::fdt::{Fdt, FdtNode};
use dtoolkit::standard::NodeStandard;
use landfall::address::{PhysAddr, PhysRange};
use landfall::space::Device;

use crate::kernel::kernel;

/// Registers: received bytes, and the state of the line with its bit for a received byte.
const RECEIVED: u64 = 0;
const LINE_STATUS: u64 = 5;
const DATA_READY: u8 = 1;

/// The UART, as long as its registers are mapped.
pub(crate) struct Uart(Device);

impl Uart {
    /// Maps the first UART of the device tree, which the landing has validated.
    pub(crate) fn find() -> Option<Self> {
        let node = find(Fdt::new_unchecked(kernel().landing.tree()).root())?;
        // Buses with such UARTs have the addresses of the processor.
        let start = node.reg().ok()??.next()?.address::<u64>().ok()?;
        let device = kernel().space.map_device(PhysRange::new(PhysAddr::new(start), LINE_STATUS + 1));
        Some(Self(device.unwrap_or_else(|error| panic!("the UART cannot be mapped: {error}"))))
    }

    /// Returns the next byte, if one has been received.
    pub(crate) fn receive(&mut self) -> Option<u8> {
        (self.read(LINE_STATUS) & DATA_READY != 0).then(|| self.read(RECEIVED))
    }

    fn read(&mut self, register: u64) -> u8 {
        let at = (self.0.registers().start() + register).get() as usize;
        // SAFETY: the register is mapped. A read takes at most a received byte, which is this
        // driver's.
        unsafe { with_exposed_provenance::<u8>(at).read_volatile() }
    }
}

/// Searches a node and those below it for a UART whose registers follow each other. The landing
/// refuses trees that are too deep for this.
fn find(node: FdtNode<'static>) -> Option<FdtNode<'static>> {
    let is_known = ["ns16550a", "ns16550"].into_iter().any(|name| node.is_compatible(name));
    let is_uart = is_known && node.property("reg-shift").is_none();
    if is_uart { Some(node) } else { node.children().find_map(find) }
}
