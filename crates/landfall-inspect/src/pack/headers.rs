//! Section headers and symbols that describe the table, after it was packed.
//!
//! Tools read them, and no kernel does. So a part that a damaged file lacks is left alone.

use std::ops::Range;

use object::LittleEndian;
use object::elf::{SHF_ALLOC, SHT_PROGBITS, SHT_RELA, SHT_RELR};
use object::read::elf::{FileHeader, SectionHeader};

use crate::subject::Subject;
use crate::units::Address;

/// Offsets of fields of a section header, and its bytes (ELF gABI, "Section Header").
const TYPE: usize = 4;
const ADDRESS: usize = 0x10;
const OFFSET: usize = 0x18;
const SIZE: usize = 0x20;
const LINK_AND_INFO: usize = 0x28;
const ENTRY_SIZE: usize = 0x38;
const HEADER: usize = 0x40;

/// Bytes of a symbol, and the offset of its value (ELF gABI, "Symbol Table").
const SYMBOL: usize = 24;
const VALUE: usize = 8;

/// The names of both sections have the same length.
const RELA_NAME: &[u8] = b".rela.dyn\0";
const RELR_NAME: &[u8] = b".relr.dyn\0";

/// The number that the linker script computes for the table's bytes.
const SIZE_SYMBOL: &[u8] = b"__landfall_relr_size";

/// The packed table.
pub(super) struct Table {
    pub(super) start: Address,
    /// Its offset in the file.
    pub(super) offset: u64,
    /// Its bytes.
    pub(super) size: u64,
}

/// Changes the headers: one section is the RELR table, and no other is a relocation table.
pub(super) fn change(subject: &Subject<'_>, table: &Table, file: &mut [u8]) {
    let Some(elf) = subject.elf() else { return };
    let sections = elf.elf_section_table();
    let Ok(first) = usize::try_from(elf.elf_header().e_shoff(LittleEndian)) else { return };
    let tables: Vec<_> = sections
        .iter()
        .enumerate()
        .filter(|(_, header)| {
            let loaded = header.sh_flags(LittleEndian).0 & SHF_ALLOC.0 != 0;
            loaded && matches!(header.sh_type(LittleEndian), SHT_RELA | SHT_RELR)
        })
        .map(|(index, header)| (first + index * HEADER, header))
        .collect();
    let relr = tables.iter().find(|(_, header)| header.sh_type(LittleEndian) == SHT_RELR);
    let Some(&(chosen, header)) = relr.or(tables.first()) else { return };
    for &(other, _) in tables.iter().filter(|(at, _)| *at != chosen) {
        put(file, other + TYPE, &SHT_PROGBITS.0.to_le_bytes());
    }
    put(file, chosen + TYPE, &SHT_RELR.0.to_le_bytes());
    put(file, chosen + ADDRESS, &table.start.0.to_le_bytes());
    put(file, chosen + OFFSET, &table.offset.to_le_bytes());
    put(file, chosen + SIZE, &table.size.to_le_bytes());
    put(file, chosen + LINK_AND_INFO, &[0; 8]);
    put(file, chosen + ENTRY_SIZE, &8_u64.to_le_bytes());
    if let Some(name) = name(subject, header.sh_name(LittleEndian)) {
        put(file, name.start, RELR_NAME);
    }
    if let Some(value) = size_symbol(subject) {
        put(file, value, &table.size.to_le_bytes());
    }
}

fn put(file: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(place) = at.checked_add(bytes.len()).and_then(|end| file.get_mut(at..end)) {
        place.copy_from_slice(bytes);
    }
}

/// Returns the bytes of a section's name in the file, if it is `.rela.dyn` and no other section
/// shares them.
fn name(subject: &Subject<'_>, name: u32) -> Option<Range<usize>> {
    let elf = subject.elf()?;
    let header = elf.elf_header();
    let index = header.shstrndx(LittleEndian, elf.data()).ok()?;
    let index = object::SectionIndex(usize::try_from(index).ok()?);
    let strings = elf.elf_section_table().section(index).ok()?;
    let start =
        usize::try_from(strings.sh_offset(LittleEndian)).ok()?.checked_add(usize::try_from(name).ok()?)?;
    let place = start..start.checked_add(RELA_NAME.len())?;
    let shared = |other: u32| other != name && u64::from(other.wrapping_sub(name)) < RELA_NAME.len() as u64;
    let mut others = elf.elf_section_table().iter().map(|header| header.sh_name(LittleEndian));
    (elf.data().get(place.clone())? == RELA_NAME && !others.any(shared)).then_some(place)
}

/// Returns the place of the value of the linker's number.
fn size_symbol(subject: &Subject<'_>) -> Option<usize> {
    let elf = subject.elf()?;
    let symbols = elf.elf_symbol_table();
    let table = elf.elf_section_table().section(symbols.section()).ok()?;
    let is_it = |symbol: &object::elf::Sym64<LittleEndian>| {
        object::read::elf::Sym::name(symbol, LittleEndian, symbols.strings())
            .is_ok_and(|name| name == SIZE_SYMBOL)
    };
    let index = symbols.symbols().iter().position(is_it)?;
    usize::try_from(table.sh_offset(LittleEndian)).ok()?.checked_add(index * SYMBOL + VALUE)
}
