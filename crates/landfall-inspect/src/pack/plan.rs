//! The changes that packing makes, computed before anything is written.

use std::collections::BTreeMap;

use landfall_image::relr::{Slots, Words};
use object::elf::R_RISCV_NONE;

use super::PackError;
use crate::finding::Place;
use crate::subject::{Meaning, Relocation, Subject, TABLE};
use crate::units::Address;

/// The changes.
pub(super) struct Plan {
    /// The words that relocations name, with their values in the file.
    pub(super) words: BTreeMap<u64, u64>,
    /// The RELR table.
    pub(super) table: Vec<u64>,
    /// The table's place, and the bytes up to the end of its room.
    pub(super) start: Address,
    pub(super) room: u64,
    /// The word of the code that has the table's bytes.
    pub(super) size_word: Address,
}

/// Plans the changes; returns `None` if there is nothing to pack.
pub(super) fn of(subject: &Subject<'_>) -> Result<Option<Plan>, PackError> {
    let Some(room) = subject.unpacked() else { return Ok(None) };
    let stripped = |missing| PackError::Stripped { missing };
    if subject.elf().is_none() || subject.sections().is_empty() {
        return Err(stripped("sections"));
    }
    let symbols = subject.symbols().all();
    let start = symbols.iter().find(|symbol| symbol.mangled == TABLE).ok_or(stripped("symbols"))?.address;
    let size_word = subject.size_word().ok_or(stripped("symbols"))?;
    encloses(subject, start, room)?;

    let mut words = BTreeMap::new();
    let mut slots = Vec::new();
    let mut add = |place: Address, meaning| {
        let value = match meaning {
            Meaning::Slot(value) => {
                slots.push(place.0);
                value.0
            }
            Meaning::Number(value) => value,
        };
        match words.insert(place.0, value) {
            None => Ok(()),
            Some(_) => Err(PackError::Twice { place: named(subject, place).into() }),
        }
    };
    for place in Slots::new(subject.relr().iter().copied()).map(Address) {
        let value = checked(subject, place, start, room)?;
        add(place, Meaning::Slot(Address(value)))?;
    }
    let asking = subject.relocations().iter().filter(|relocation| relocation.kind.0 != R_RISCV_NONE);
    for relocation in asking {
        let meaning = meaning(subject, relocation)?;
        checked(subject, relocation.place, start, room)?;
        add(relocation.place, meaning)?;
    }
    slots.sort_unstable();
    let table: Vec<u64> = Words::of(slots.into_iter()).collect();
    let needed = table.len() as u64 * 8;
    let held = usize::try_from(room).ok().and_then(|room| subject.bytes(start, room));
    if needed > room || held.is_none() || !start.0.is_multiple_of(8) {
        return Err(PackError::Room { start, room, needed });
    }
    Ok(Some(Plan { words, table, start, room, size_word }))
}

/// Checks that the tables with addends lie in the room for RELR.
fn encloses(subject: &Subject<'_>, start: Address, room: u64) -> Result<(), PackError> {
    let end = start.wrapping_add(room);
    let tables = subject.sections().iter().filter(|section| section.is_relocation() && section.size != 0);
    for section in tables {
        let offset = section.address.wrapping_offset_from(start);
        if offset.checked_add(section.size).is_none_or(|last| last > room) {
            let name = section.name.to_owned();
            return Err(PackError::Scattered { section: name, found: section.address, start, end });
        }
    }
    Ok(())
}

/// Returns the word at a place that may be a slot.
fn checked(subject: &Subject<'_>, place: Address, start: Address, room: u64) -> Result<u64, PackError> {
    if !place.0.is_multiple_of(8) {
        return Err(PackError::Misaligned { place: named(subject, place).into() });
    }
    let within = place.wrapping_offset_from(start) < room;
    let Some(word) = subject.word(place).filter(|_| !within) else {
        return Err(PackError::Outside { place: named(subject, place).into() });
    };
    let is_code = |segment: &&crate::subject::Segment<'_>| segment.access.executes() && segment.holds(place);
    match subject.segments().iter().find(is_code) {
        None => Ok(word),
        Some(_) => Err(PackError::Code { place: named(subject, place).into() }),
    }
}

fn meaning(subject: &Subject<'_>, relocation: &Relocation) -> Result<Meaning, PackError> {
    if let Some(meaning) = subject.meaning(relocation) {
        return Ok(meaning);
    }
    let place = named(subject, relocation.place).into();
    Err(match (relocation.kind.0, relocation.symbol) {
        (object::elf::R_RISCV_RELATIVE, None) => {
            PackError::Target { value: Address(relocation.addend), place }
        }
        _ => PackError::Kind { kind: relocation.kind, target: subject.target(relocation), place },
    })
}

fn named(subject: &Subject<'_>, place: Address) -> Place {
    subject.place_without_source(place)
}
