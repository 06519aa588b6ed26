//! The devices: an ns16550, and a PLIC or an APLIC.

mod aplic;
mod plic;
mod uart;

use crate::config::{Config, Controller, Span};

use self::aplic::Aplic;
use self::plic::Plic;
use self::uart::Uart;

/// The devices.
#[derive(Debug)]
pub(crate) struct Devices {
    /// Bytes that the machine has printed, through any console.
    pub(crate) output: Vec<u8>,
    uart: Uart,
    uart_span: Span,
    uart_shift: u32,
    uart_interrupt: u32,
    controller: AnyController,
    controller_span: Span,
    /// The signals of the controller to the harts. A turn of a hart reads them often.
    signals: Vec<bool>,
}

/// An interrupt controller of either kind.
#[derive(Debug)]
enum AnyController {
    Plic(Box<Plic>),
    Aplic(Box<Aplic>),
}

impl Devices {
    /// Returns the devices of a machine.
    pub(crate) fn new(config: &Config) -> Self {
        let (harts, map) = (config.harts.len(), &config.devices);
        Self {
            output: Vec::new(),
            uart: Uart::default(),
            uart_span: map.uart_span(),
            uart_shift: map.uart_shift,
            uart_interrupt: map.uart_interrupt,
            controller: match map.controller {
                Controller::Plic(_) => AnyController::Plic(Box::new(Plic::new(harts))),
                Controller::Aplic(_) => AnyController::Aplic(Box::new(Aplic::new(harts))),
            },
            controller_span: map.controller.span(harts),
            signals: vec![false; harts],
        }
    }

    /// Returns true if a device has registers at the physical address.
    #[inline]
    pub(crate) fn covers(&self, address: u64) -> bool {
        let within = |span: Span| address.wrapping_sub(span.start) < span.len;
        within(self.uart_span) || within(self.controller_span)
    }

    /// Loads `size` bytes (1, 2, 4 or 8) from a register; `None` is an access fault.
    pub(crate) fn load(&mut self, address: u64, size: u64) -> Option<u64> {
        if let Some(register) = self.uart_register(address, size) {
            let value = self.uart.load(register?);
            self.wire();
            return Some(value.into());
        }
        let offset = self.controller_offset(address, size)?;
        let value = match &mut self.controller {
            AnyController::Plic(plic) => plic.load(offset),
            AnyController::Aplic(aplic) => aplic.load(offset),
        };
        // A claim changes signals.
        self.signal();
        Some(value.into())
    }

    /// Stores into a register; `None` is an access fault.
    pub(crate) fn store(&mut self, address: u64, size: u64, value: u64) -> Option<()> {
        let bytes = value.to_le_bytes();
        if let Some(register) = self.uart_register(address, size) {
            self.output.extend(self.uart.store(register?, bytes[0]));
            self.wire();
            return Some(());
        }
        let offset = self.controller_offset(address, size)?;
        let value = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        match &mut self.controller {
            AnyController::Plic(plic) => plic.store(offset, value),
            AnyController::Aplic(aplic) => aplic.store(offset, value),
        }
        self.signal();
        Some(())
    }

    /// Returns true if the interrupt controller has an interrupt for the hart (SEIP).
    #[inline]
    pub(crate) fn interrupts(&self, hart: usize) -> bool {
        self.signals[hart]
    }

    /// Receives bytes for the kernel's console.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.uart.receive(bytes);
        self.wire();
    }

    /// Returns the next byte that came for the console, for the firmware.
    pub(crate) fn take_input(&mut self) -> Option<u8> {
        let byte = self.uart.take();
        self.wire();
        byte
    }

    /// Returns the register of the ns16550 at an address: `None` outside, `Some(None)` for a fault.
    #[expect(clippy::option_option, reason = "an address outside and an access that faults are different")]
    fn uart_register(&self, address: u64, size: u64) -> Option<Option<u64>> {
        let offset =
            address.checked_sub(self.uart_span.start).filter(|&offset| offset < self.uart_span.len)?;
        let register = offset >> self.uart_shift;
        let valid = size == 1 && register << self.uart_shift == offset && register < Uart::REGISTERS;
        Some(valid.then_some(register))
    }

    /// Returns the offset of a register of the controller; `None` is an access fault.
    fn controller_offset(&self, address: u64, size: u64) -> Option<u64> {
        let offset = address.checked_sub(self.controller_span.start)?;
        (offset < self.controller_span.len && size == 4 && offset.is_multiple_of(4)).then_some(offset)
    }

    /// Drives the wire from the ns16550 to the controller.
    fn wire(&mut self) {
        let (source, level) = (self.uart_interrupt, self.uart.interrupts());
        let changed = match &mut self.controller {
            AnyController::Plic(plic) => plic.set_wire(source, level),
            AnyController::Aplic(aplic) => aplic.set_wire(source, level),
        };
        if changed {
            self.signal();
        }
    }

    /// Drives the signals from the controller to the harts.
    fn signal(&mut self) {
        for (hart, signal) in self.signals.iter_mut().enumerate() {
            *signal = match &self.controller {
                AnyController::Plic(plic) => plic.interrupts(hart),
                AnyController::Aplic(aplic) => aplic.interrupts(hart),
            };
        }
    }
}

#[cfg(test)]
mod tests;
