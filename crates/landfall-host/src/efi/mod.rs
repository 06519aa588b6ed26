//! From EFI firmware to an image of ours, and through the image's own loader to its first
//! instruction as a kernel, seen from outside.
//!
//! ```text
//! firmware --StartImage (tables)--> the image's EFI entry --its loader (calls)--> _start
//! ```
//!
//! Firmware chooses the address of an image, and reports it to debuggers (UEFI 2.10, 18.4). So it
//! need not be known before the machine runs.

mod calls;
mod tables;

use std::time::Instant;

use landfall_image::pe;

use crate::gdb::{Client, Ended, GdbError, Space};
use crate::landmarks::is_image;
use crate::machine::Machine;
use calls::Calls;
use landfall_predict::units::Address;
use tables::Firmware;

/// `AddressOfEntryPoint` and `SizeOfImage` (Microsoft, "PE Format", optional header).
const ENTRY: u64 = pe::OFFSET as u64 + 24 + 16;
const SIZE_OF_IMAGE: u64 = pe::OFFSET as u64 + 24 + 56;

/// An image begins at a page, and none is longer than this.
const PAGE: u64 = 4096;
const LONGEST: u64 = 64 << 20;

/// The state of a machine on its way to `_start`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// It stands there.
    ToStart {
        /// The address of the image's first byte.
        base: Address,
        /// Instructions of the image's own loader, without those of the firmware that it called;
        /// where they can be counted.
        loader: Option<u64>,
    },
    /// It stands where the image has returned to firmware: there is no landing, and the console
    /// says why.
    Back,
    /// It did not come that far.
    Not(Ended),
}

/// Goes on to `_start` of the first image of ours that firmware starts.
///
/// # Errors
/// [`GdbError`] if the connection breaks.
pub fn reach(gdb: &mut Client, machine: &Machine, until: Instant) -> Result<Came, GdbError> {
    let base = match locate(gdb, machine, until)? {
        Ok(base) => base,
        Err(ended) => return Ok(Came::Not(ended)),
    };
    let entry = half(gdb, base.wrapping_add(ENTRY))?;
    follow(gdb, machine, base, base.wrapping_add(entry), until)
}

/// Goes on until firmware is about to start an image of ours, and says where that is.
///
/// # Errors
/// [`GdbError`] if the connection breaks.
pub fn locate(
    gdb: &mut Client,
    machine: &Machine,
    until: Instant,
) -> Result<Result<Address, Ended>, GdbError> {
    let firmware = match Firmware::wait_for(gdb, machine.memory.total(), until)? {
        Ok(firmware) => firmware,
        Err(ended) => return Ok(Err(ended)),
    };
    loop {
        match firmware.go_to_start_of_image(gdb, until)? {
            Ok(Some(base)) if is_image(gdb, base)? => return Ok(Ok(base)),
            Ok(_) => {}
            Err(ended) => return Ok(Err(ended)),
        }
    }
}

/// Continues until an image exits boot services. This finds an image that firmware does not know,
/// because a boot manager has loaded and started it. Returns `None` for another image.
///
/// # Errors
/// [`GdbError`] if the connection breaks.
pub fn locate_leaving(
    gdb: &mut Client,
    machine: &Machine,
    until: Instant,
) -> Result<Result<Option<Address>, Ended>, GdbError> {
    let leaver = match Firmware::wait_for(gdb, machine.memory.total(), until)? {
        Ok(firmware) => firmware.go_to_exit(gdb, until)?,
        Err(ended) => Err(ended),
    };
    let Ok(leaver) = leaver else { return Ok(leaver.map(Some)) };
    let page = leaver.0 - leaver.0 % PAGE;
    for base in (0..LONGEST / PAGE).map_while(|index| page.checked_sub(index * PAGE)).map(Address) {
        if is_image(gdb, base)? {
            return Ok(Ok(Some(base)));
        }
    }
    Ok(Ok(None))
}

/// Goes on to `_start` of the image at `base` that firmware enters at `entry`.
///
/// # Errors
/// [`GdbError`] if the connection breaks.
pub fn follow(
    gdb: &mut Client,
    machine: &Machine,
    base: Address,
    entry: Address,
    until: Instant,
) -> Result<Came, GdbError> {
    if let Some(ended) = go_to(gdb, entry, until)? {
        return Ok(Came::Not(ended));
    }
    let size = half(gdb, base.wrapping_add(SIZE_OF_IMAGE))?;
    let back = Address(gdb.register("ra")?);
    let image = base.0..base.0.saturating_add(size);
    let counts = machine.counts_instructions().then(|| Calls::from_entry(gdb, image));
    let mut calls = counts.transpose()?;
    for place in [base, back] {
        gdb.set_breakpoint(place)?;
    }
    loop {
        match gdb.resume(left(until))? {
            Ended::Stopped(_) => {}
            ended => return Ok(Came::Not(ended)),
        }
        let pc = Address(gdb.register("pc")?);
        if pc != base && pc != back {
            if let Some(ended) =
                calls.as_mut().map(|calls| calls.answer(gdb, pc, until)).transpose()?.flatten()
            {
                return Ok(Came::Not(ended));
            }
            continue;
        }
        for place in [base, back] {
            gdb.remove_breakpoint(place)?;
        }
        let loader = calls.map(|calls| calls.own(gdb)).transpose()?;
        return Ok(if pc == base { Came::ToStart { base, loader } } else { Came::Back });
    }
}

/// Goes on to the instruction at `place`; says how the machine ended up elsewhere.
fn go_to(gdb: &mut Client, place: Address, until: Instant) -> Result<Option<Ended>, GdbError> {
    gdb.set_breakpoint(place)?;
    match gdb.resume(left(until))? {
        Ended::Stopped(_) => {
            gdb.remove_breakpoint(place)?;
            Ok(None)
        }
        ended => Ok(Some(ended)),
    }
}

fn left(until: Instant) -> std::time::Duration {
    until.saturating_duration_since(Instant::now())
}

/// Four bytes of memory.
fn half(gdb: &mut Client, at: Address) -> Result<u64, GdbError> {
    Ok(tables::word(gdb, at)? & 0xffff_ffff)
}

/// Bytes by physical addresses, which are the firmware's own: it maps memory where it is (UEFI
/// 2.10, 2.3.7).
fn bytes(gdb: &mut Client, at: Address, size: usize) -> Result<Vec<u8>, GdbError> {
    gdb.read_memory(Space::Physical, at, size)
}
