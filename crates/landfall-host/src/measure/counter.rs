//! A machine that is stopped wherever a phase of the landing begins or ends. The stops follow the
//! image: where it moves and where it leaps, a register says how far.

use std::collections::BTreeSet;
use std::time::Instant;

use super::{End, Instructions, MeasureError, Part, Phase};
use crate::gdb::{Ended, GdbError};
use crate::landmarks::{IMAGE_START, LEAP, MOVE};
use crate::stopped::StoppedMachine;
use crate::symbols::Symbols;
use landfall_predict::units::Address;

/// A phase by its offsets in the image.
struct Place {
    begin: u64,
    end: Option<u64>,
    part: Part,
}

/// A phase that has begun and not ended.
struct Open {
    part: Part,
    from: u64,
    end: Address,
}

/// A machine while it is counted.
pub(super) struct Counter<'a> {
    stopped: &'a mut StoppedMachine,
    /// The address of the image's first byte, as the hart sees it.
    base: Address,
    places: Vec<Place>,
    /// From here on it is elsewhere: `s10` says how far.
    moves: Option<u64>,
    /// Likewise `a0`.
    leaps: Option<u64>,
    last: u64,
    /// All offsets with a breakpoint.
    stops: BTreeSet<u64>,
    until: Instant,
}

impl<'a> Counter<'a> {
    pub(super) fn new(
        stopped: &'a mut StoppedMachine,
        symbols: &Symbols,
        phases: &[Phase],
        last: &'static str,
        until: Instant,
    ) -> Result<Self, MeasureError> {
        let offset = |name| offset_of(symbols, name);
        let mut places = Vec::new();
        for phase in phases {
            let end = match phase.ends {
                End::Return => None,
                End::Symbol(name) => Some(offset(name)?),
            };
            places.push(Place { begin: offset(phase.begins)?, end, part: phase.part });
        }
        // A kernel that never moves has no such place.
        let (moves, leaps, last) = (offset(MOVE).ok(), offset(LEAP).ok(), offset(last)?);
        let begins = places.iter().map(|place| place.begin);
        let stops = begins.chain([last]).chain(moves).chain(leaps).collect();
        let base = stopped.base;
        Ok(Self { stopped, base, places, moves, leaps, last, stops, until })
    }

    pub(super) fn count(mut self) -> Result<Option<Instructions>, MeasureError> {
        let first = self.stopped.gdb.register("instret")?;
        let efi_loader = self.stopped.efi_loader;
        let loader = first.saturating_sub(efi_loader);
        let mut counted = Instructions { loader, efi_loader, ..Instructions::default() };
        let mut open: Option<Open> = None;
        let (mut pc, mut now) = (self.base, first);
        self.set_stops()?;
        loop {
            if let Some(phase) = open.take_if(|phase| phase.end == pc) {
                counted.parts[phase.part as usize] += now.wrapping_sub(phase.from);
                if !self.is_stop(pc) {
                    self.stopped.gdb.remove_breakpoint(pc)?;
                }
            }
            let here = pc.wrapping_offset_from(self.base);
            if here == self.last {
                counted.total = now.wrapping_sub(first);
                self.remove_stops()?;
                return Ok(Some(counted));
            }
            if self.moves == Some(here) {
                self.follow("s10")?;
            } else if self.leaps == Some(here) {
                self.follow("a0")?;
            } else if open.is_none()
                && let Some(place) = self.places.iter().find(|place| place.begin == here)
            {
                let part = place.part;
                let end = match place.end {
                    Some(end) => self.base.wrapping_add(end),
                    None => Address(self.stopped.gdb.register("ra")?),
                };
                if !self.is_stop(end) {
                    self.stopped.gdb.set_breakpoint(end)?;
                }
                open = Some(Open { part, from: now, end });
            }
            let Ended::Stopped(_) = self.stopped.resume(self.until)? else { return Ok(None) };
            pc = Address(self.stopped.gdb.register("pc")?);
            now = self.stopped.gdb.register("instret")?;
        }
    }

    /// The image goes on as far from here as a register says.
    fn follow(&mut self, register: &str) -> Result<(), GdbError> {
        let distance = self.stopped.gdb.register(register)?;
        self.remove_stops()?;
        self.base = self.base.wrapping_add(distance);
        self.set_stops()
    }

    fn is_stop(&self, at: Address) -> bool {
        self.stops.contains(&at.wrapping_offset_from(self.base))
    }

    fn set_stops(&mut self) -> Result<(), GdbError> {
        let base = self.base;
        self.stops.iter().try_for_each(|&stop| self.stopped.gdb.set_breakpoint(base.wrapping_add(stop)))
    }

    fn remove_stops(&mut self) -> Result<(), GdbError> {
        let base = self.base;
        self.stops.iter().try_for_each(|&stop| self.stopped.gdb.remove_breakpoint(base.wrapping_add(stop)))
    }
}

/// Returns the offset of a symbol in the image, in bytes.
fn offset_of(symbols: &Symbols, name: &'static str) -> Result<u64, MeasureError> {
    let address =
        |name| symbols.find(name).map(|symbol| symbol.address).ok_or(MeasureError::NoSymbol { name });
    Ok(address(name)?.wrapping_offset_from(address(IMAGE_START)?))
}
