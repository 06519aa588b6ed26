//! The places of devices.

use super::Span;

/// Physical addresses of devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceMap {
    /// The ns16550's registers, one byte each, in steps of `1 << shift`.
    pub uart: u64,
    /// The logarithm of the distance between two registers, `reg-shift`.
    pub uart_shift: u32,
    /// Its interrupt's number.
    pub uart_interrupt: u32,
    /// The interrupt controller.
    pub controller: Controller,
}

impl DeviceMap {
    /// The devices of QEMU's `virt`.
    pub const VIRT: Self = Self {
        uart: 0x1000_0000,
        uart_shift: 0,
        uart_interrupt: 10,
        controller: Controller::Plic(0x0c00_0000),
    };

    /// Bytes of the ns16550's registers, as the tree states them.
    pub(crate) const UART_LEN: u64 = 0x100;

    /// Returns the addresses of the ns16550.
    pub(crate) const fn uart_span(&self) -> Span {
        Span { start: self.uart, len: Self::UART_LEN }
    }
}

/// An interrupt controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Controller {
    /// A PLIC at this address.
    Plic(u64),
    /// An APLIC in direct mode at this address.
    Aplic(u64),
}

impl Controller {
    /// The largest number of an interrupt, as of QEMU's `virt`.
    pub(crate) const SOURCES: u32 = 95;

    /// Returns the addresses of its registers in a machine with `harts` harts.
    pub(crate) const fn span(self, harts: usize) -> Span {
        let harts = harts as u64;
        match self {
            // Two contexts for each hart.
            Self::Plic(start) => Span { start, len: 0x20_0000 + 0x2000 * harts },
            // A structure of 32 bytes for each hart.
            Self::Aplic(start) => Span { start, len: 0x4000 + (32 * harts).next_multiple_of(0x1000) },
        }
    }
}
