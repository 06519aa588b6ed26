//! ELFs.

use std::borrow::Cow;

use landfall_image::{record, relr};
use object::LittleEndian;
use object::elf::{EM_RISCV, ET_DYN, ET_EXEC, PT_LOAD, R_RISCV_NONE, SHF_ALLOC};
use object::read::elf::{ElfFile64, FileHeader, ProgramHeader, SectionHeader};

use super::budget::Budget;
use super::error::ReadError;
use super::section::MOST_SECTIONS;
use super::segment::{Access, Segment};
use super::{Kind, Section, Slots, Source, Subject, Symbols, module, relocations};
use crate::flat;
use crate::units::Address;

/// More than any kernel has; a damaged header may state as many as fit into the file.
const MOST_SEGMENTS: usize = 64;

/// A section that only kernels have which land by landfall. Those that take its `rebase` alone have
/// none.
const OWN_SECTION: &str = ".landfall.policy";

/// Reads an ELF.
pub(super) fn read<'data>(
    file: &'data [u8],
    elf: ElfFile64<'data, LittleEndian>,
) -> Result<Subject<'data>, ReadError> {
    if module::is_one(&elf) {
        return module::read(file, elf);
    }
    let header = elf.elf_header();
    let machine = header.e_machine(LittleEndian);
    if machine != EM_RISCV {
        return Err(ReadError::Machine { found: machine.0 });
    }
    let kind = header.e_type(LittleEndian);
    if !matches!(kind, ET_EXEC | ET_DYN) {
        return Err(ReadError::Type { found: kind.0 });
    }
    let segments = segments(&elf, &mut Budget::of(file))?;
    let sections = sections(&elf)?;
    let symbols = Symbols::of(&elf);
    let tables = relocations::read(&elf, &mut Budget::of(file))?;
    let landfall = sections.iter().any(|section| section.name == OWN_SECTION) || starts_like_ours(&segments);
    // GNU's linker makes room for more entries than it needs, and leaves those at address 0 that
    // ask for nothing.
    let asks = tables.relocations.iter().filter(|relocation| relocation.kind.0 != R_RISCV_NONE);
    let places = asks.map(|relocation| relocation.place.0);
    let slots = Slots::of(relr::Slots::new(tables.relr.iter().copied()).chain(places));
    let image =
        if landfall { flat::of_record(&elf).map(|flat| Cow::Owned(flat.bytes)) } else { flat::image(&elf) };
    Ok(Subject {
        kind: if landfall { Kind::LandfallElf } else { Kind::OtherElf },
        file,
        entry: Some(Address(header.e_entry(LittleEndian))),
        segments,
        sections,
        symbols,
        relocations: tables.relocations,
        relr: tables.relr,
        broken_tables: tables.broken,
        slots,
        image,
        source: Source::default(),
        placed: module::Placed::default(),
        elf: Some(elf),
    })
}

fn starts_like_ours(segments: &[Segment<'_>]) -> bool {
    let first = segments.iter().min_by_key(|segment| segment.address);
    let magic = first.and_then(|segment| segment.bytes.get(record::OFFSET..));
    magic.is_some_and(|magic| magic.starts_with(&record::MAGIC.to_le_bytes()))
}

fn segments<'data>(
    elf: &ElfFile64<'data, LittleEndian>,
    budget: &mut Budget,
) -> Result<Vec<Segment<'data>>, ReadError> {
    let mut segments = Vec::new();
    for (index, header) in elf.elf_program_headers().iter().enumerate() {
        if header.p_type(LittleEndian) != PT_LOAD {
            continue;
        }
        let bytes = header.data(LittleEndian, elf.data()).unwrap_or_default();
        budget.take(bytes.len())?;
        if segments.len() == MOST_SEGMENTS {
            return Err(ReadError::Many { what: "loaded segments", most: MOST_SEGMENTS });
        }
        segments.push(Segment {
            index,
            address: Address(header.p_vaddr(LittleEndian)),
            load_address: Address(header.p_paddr(LittleEndian)),
            size: header.p_memsz(LittleEndian),
            file_offset: header.p_offset(LittleEndian),
            file_size: header.p_filesz(LittleEndian),
            bytes,
            access: Access::of_flags(header.p_flags(LittleEndian).0),
            flags: header.p_flags(LittleEndian).0,
            align: header.p_align(LittleEndian),
        });
    }
    if segments.is_empty() { Err(ReadError::Empty) } else { Ok(segments) }
}

fn sections<'data>(elf: &ElfFile64<'data, LittleEndian>) -> Result<Vec<Section<'data>>, ReadError> {
    let table = elf.elf_section_table();
    let loaded = table.iter().filter(|header| header.sh_flags(LittleEndian).0 & SHF_ALLOC.0 != 0);
    let mut sections: Vec<_> = loaded
        .map(|header| Section {
            name: table
                .section_name(LittleEndian, header)
                .ok()
                .and_then(|name| std::str::from_utf8(name).ok())
                .unwrap_or_default(),
            address: Address(header.sh_addr(LittleEndian)),
            size: header.sh_size(LittleEndian),
            kind: header.sh_type(LittleEndian).0,
            flags: header.sh_flags(LittleEndian).0,
            file_offset: header.sh_offset(LittleEndian),
            align: header.sh_addralign(LittleEndian),
        })
        .collect();
    if sections.len() > MOST_SECTIONS {
        return Err(ReadError::Many { what: "loaded sections", most: MOST_SECTIONS });
    }
    sections.sort_by_key(|section| section.address);
    Ok(sections)
}
