//! Counts the instructions of the image's own loader, without those of the firmware that it calls.
//!
//! The image can call what firmware has handed to it, and nothing else: the boot services, its
//! console, and the interfaces that it asks for. Each of these functions has a breakpoint while the
//! image runs, and none while firmware answers. An interrupt of the firmware's own between two
//! calls counts for the image; EDK2's timer has one in ten million instructions.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Instant;

use super::tables::word;
use super::{bytes, go_to};
use crate::gdb::{Client, Ended, GdbError};
use landfall_predict::units::Address;

/// The first function of the boot services, and the end of the last (UEFI 2.10, 4.4).
const SERVICES: Range<u64> = 24..376;
/// `HandleProtocol`, `OpenProtocol`, `LocateProtocol`: each writes an interface's address to where
/// its third argument says.
const HAND_OUT: [u64; 3] = [152, 280, 320];
/// Functions of `EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL` (UEFI 2.10, 12.4), and more than any other
/// interface has that the image calls.
const FUNCTIONS: usize = 9;

/// Calls of firmware.
#[derive(Debug)]
pub(super) struct Calls {
    image: Range<u64>,
    functions: BTreeSet<Address>,
    hand_out: BTreeSet<Address>,
    /// `instret` at the image's EFI entry.
    from: u64,
    firmware: u64,
}

impl Calls {
    /// Begins at the image's EFI entry, where `a1` is the system table.
    pub(super) fn from_entry(gdb: &mut Client, image: Range<u64>) -> Result<Self, GdbError> {
        let from = gdb.register("instret")?;
        let table = Address(gdb.register("a1")?);
        let (console, services) = (word(gdb, table.wrapping_add(64))?, word(gdb, table.wrapping_add(96))?);
        let service =
            |gdb: &mut Client, offset| word(gdb, Address(services).wrapping_add(offset)).map(Address);
        let hand_out = HAND_OUT.into_iter().map(|offset| service(gdb, offset)).collect::<Result<_, _>>()?;
        let functions = SERVICES.step_by(8).map(|offset| service(gdb, offset)).collect::<Result<_, _>>()?;
        let mut calls = Self { image, functions, hand_out, from, firmware: 0 };
        calls.add_interface(gdb, Address(console));
        calls.functions.iter().try_for_each(|&function| gdb.set_breakpoint(function))?;
        Ok(calls)
    }

    /// Words of an interface are its functions, or lead nowhere that a hart ever goes.
    fn add_interface(&mut self, gdb: &mut Client, interface: Address) {
        let words = bytes(gdb, interface, FUNCTIONS * 8).unwrap_or_default();
        let words = words.chunks_exact(8).filter_map(|word| word.first_chunk());
        self.functions
            .extend(words.map(|word| Address(u64::from_le_bytes(*word))).filter(|word| word.0 != 0));
    }

    /// The machine stands at one of the functions, at `pc`: it goes on until firmware has answered,
    /// if the image has called it.
    pub(super) fn answer(
        &mut self,
        gdb: &mut Client,
        pc: Address,
        until: Instant,
    ) -> Result<Option<Ended>, GdbError> {
        let caller = Address(gdb.register("ra")?);
        if !self.image.contains(&caller.0) {
            return Ok(None);
        }
        let (asked, interface) = (gdb.register("instret")?, Address(gdb.register("a2")?));
        self.functions.iter().try_for_each(|&function| gdb.remove_breakpoint(function))?;
        if let Some(ended) = go_to(gdb, caller, until)? {
            return Ok(Some(ended));
        }
        self.firmware += gdb.register("instret")?.wrapping_sub(asked);
        if self.hand_out.contains(&pc) && gdb.register("a0")? == 0 {
            let interface = Address(word(gdb, interface)?);
            self.add_interface(gdb, interface);
        }
        self.functions.iter().try_for_each(|&function| gdb.set_breakpoint(function))?;
        Ok(None)
    }

    /// Instructions of the image's own, up to where the machine stands. It takes the breakpoints
    /// away.
    pub(super) fn own(self, gdb: &mut Client) -> Result<u64, GdbError> {
        self.functions.iter().try_for_each(|&function| gdb.remove_breakpoint(function))?;
        Ok(gdb.register("instret")?.wrapping_sub(self.from).wrapping_sub(self.firmware))
    }
}
