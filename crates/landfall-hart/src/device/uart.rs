//! The ns16550: its registers, its two interrupts, and its loopback.
//!
//! Source: the data sheet of the PC16550D. A sent byte leaves at once.

use std::collections::VecDeque;

/// Interrupts of `IER`.
const RECEIVED: u8 = 1;
const EMPTY: u8 = 2;
/// Identities in `IIR`, by priority.
const ID_RECEIVED: u8 = 0x04;
const ID_TIMEOUT: u8 = 0x0c;
const ID_EMPTY: u8 = 0x02;
const ID_NONE: u8 = 0x01;
/// `IIR` with FIFOs.
const ID_FIFO: u8 = 0xc0;
/// `FCR`: FIFOs, and the reset of the receiver's.
const FIFO: u8 = 1;
const FIFO_CLEAR: u8 = 2;
/// `LCR`: the divisor in place of data and `IER`.
const DLAB: u8 = 0x80;
/// `MCR`: what is sent is received.
const LOOPBACK: u8 = 0x10;
/// `LSR`: the transmitter is empty, and a byte was received.
const LINE_IDLE: u8 = 0x60;
const LINE_READY: u8 = 1;
/// `MSR` with a peer: DCD, DSR and CTS.
const MODEM: u8 = 0xb0;
/// Bytes in the receiver's FIFO.
const DEPTH: usize = 16;

/// An ns16550.
#[derive(Debug, Default)]
pub(super) struct Uart {
    /// Bytes that have come, those beyond the FIFO included.
    received: VecDeque<u8>,
    /// The interrupt of the empty transmitter is pending.
    empty: bool,
    enabled: u8,
    fifo: u8,
    line: u8,
    modem: u8,
    scratch: u8,
    divisor: [u8; 2],
}

impl Uart {
    /// The number of registers.
    pub(super) const REGISTERS: u64 = 8;

    /// Receives bytes.
    pub(super) fn receive(&mut self, bytes: &[u8]) {
        self.received.extend(bytes);
    }

    /// Takes the oldest received byte.
    pub(super) fn take(&mut self) -> Option<u8> {
        self.received.pop_front()
    }

    /// Returns true if the interrupt's line is high.
    pub(super) fn interrupts(&self) -> bool {
        self.identity() != ID_NONE
    }

    /// Loads a register.
    pub(super) fn load(&mut self, register: u64) -> u8 {
        let divisor = self.line & DLAB != 0;
        match register {
            0 if divisor => self.divisor[0],
            1 if divisor => self.divisor[1],
            0 => self.take().unwrap_or(0),
            1 => self.enabled,
            2 => self.identify(),
            3 => self.line,
            4 => self.modem,
            5 => LINE_IDLE | if self.received.is_empty() { 0 } else { LINE_READY },
            6 => self.modem_status(),
            _ => self.scratch,
        }
    }

    /// Stores into a register. Returns the byte that leaves.
    pub(super) fn store(&mut self, register: u64, value: u8) -> Option<u8> {
        let divisor = self.line & DLAB != 0;
        match register {
            0 if divisor => self.divisor[0] = value,
            1 if divisor => self.divisor[1] = value,
            0 => return self.send(value),
            1 => {
                self.empty |= value & !self.enabled & EMPTY != 0;
                self.enabled = value & 0x0f;
            }
            2 => self.control_fifo(value),
            3 => self.line = value,
            4 => self.modem = value & 0x1f,
            7 => self.scratch = value,
            // LSR and MSR are read-only.
            _ => {}
        }
        None
    }

    /// Sends a byte; the transmitter is empty at once.
    fn send(&mut self, byte: u8) -> Option<u8> {
        self.empty = true;
        if self.modem & LOOPBACK == 0 {
            return Some(byte);
        }
        self.received.push_back(byte);
        None
    }

    /// Stores into `FCR`.
    fn control_fifo(&mut self, value: u8) {
        // A change of the mode clears the FIFOs too.
        if (value ^ self.fifo) & FIFO != 0 || value & FIFO_CLEAR != 0 {
            let cleared = self.received.len().min(DEPTH);
            self.received.drain(..cleared);
        }
        self.fifo = value;
    }

    /// Returns the identity of the pending interrupt with the highest priority.
    fn identity(&self) -> u8 {
        // Received bytes below the trigger level interrupt after a time, which has passed here.
        let trigger = match self.fifo >> 6 {
            _ if self.fifo & FIFO == 0 => 1,
            0 => 1,
            1 => 4,
            2 => 8,
            _ => 14,
        };
        match self.received.len() {
            count if self.enabled & RECEIVED != 0 && count >= trigger => ID_RECEIVED,
            count if self.enabled & RECEIVED != 0 && count != 0 => ID_TIMEOUT,
            _ if self.enabled & EMPTY != 0 && self.empty => ID_EMPTY,
            _ => ID_NONE,
        }
    }

    /// Loads `IIR`, which ends the interrupt of the empty transmitter.
    fn identify(&mut self) -> u8 {
        let identity = self.identity();
        if identity == ID_EMPTY {
            self.empty = false;
        }
        identity | if self.fifo & FIFO == 0 { 0 } else { ID_FIFO }
    }

    /// Loads `MSR`: with loopback, the outputs of `MCR`.
    fn modem_status(&self) -> u8 {
        if self.modem & LOOPBACK == 0 {
            return MODEM;
        }
        // DTR, RTS, OUT1 and OUT2 become DSR, CTS, RI and DCD.
        let output = |bit: u8, input: u8| (self.modem >> bit & 1) << input;
        output(0, 5) | output(1, 4) | output(2, 6) | output(3, 7)
    }
}

#[cfg(test)]
mod tests;
