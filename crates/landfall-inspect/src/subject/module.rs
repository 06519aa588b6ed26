//! Modules: relocatable ELFs (`ET_REL`), which a kernel loads while it runs.
//!
//! Their sections have no addresses. They get those of [`Part`], so that a place in a module is one
//! number, as in a kernel. Each loaded section is a segment of its own.

use object::elf::{self, SHF_EXECINSTR, SHF_WRITE};
use object::read::elf::{ElfFile64, FileHeader, Rela, SectionHeader};
use object::{LittleEndian, SectionIndex};

use super::budget::Budget;
use super::error::ReadError;
use super::part::{MOST, Part, Places};
use super::section::MOST_SECTIONS;
use super::segment::{Access, Segment};
use super::{Kind, Relocation, RelocationKind, Section, Slots, Source, Subject, Symbols};
use crate::flat::FlatError;
use crate::units::Address;

type Elf<'data> = ElfFile64<'data, LittleEndian>;
type Header = elf::SectionHeader64<LittleEndian>;

/// The addresses of a module's sections.
#[derive(Clone, Debug, Default)]
pub(super) struct Placed {
    /// By the section's number in the file; none if it is not loaded.
    addresses: Vec<Option<Address>>,
    sizes: [u64; Part::ALL.len()],
}

impl Placed {
    /// Returns the address of a loaded section.
    pub(super) fn section(&self, index: SectionIndex) -> Option<Address> {
        self.addresses.get(index.0).copied().flatten()
    }

    /// Returns the bytes of a part.
    pub(super) const fn size(&self, part: Part) -> u64 {
        self.sizes[part as usize]
    }

    fn of(elf: &Elf<'_>) -> Result<Self, ReadError> {
        let mut places = Places::default();
        let table = elf.elf_section_table();
        let headers = table.iter();
        let address = |header: &Header| {
            // Tables for unwinding are allocated, and no loader loads them.
            if table.section_name(LittleEndian, header) == Ok(b".eh_frame") {
                return Ok(None);
            }
            let (size, alignment) = (header.sh_size(LittleEndian), header.sh_addralign(LittleEndian));
            let Some(part) = Part::of_flags(header.sh_flags(LittleEndian).0).filter(|_| size != 0) else {
                return Ok(None);
            };
            places.next(part, size, alignment).map(Some).ok_or(ReadError::Large { most: MOST })
        };
        let addresses = headers.map(address).collect::<Result<_, _>>()?;
        Ok(Self { addresses, sizes: places.sizes() })
    }
}

/// Reads a module.
pub(super) fn read<'data>(file: &'data [u8], elf: Elf<'data>) -> Result<Subject<'data>, ReadError> {
    let placed = Placed::of(&elf)?;
    let (segments, sections) = sections(&elf, &placed, &mut Budget::of(file))?;
    let symbols = Symbols::placed(&elf, |section| placed.section(section));
    let (relocations, broken_tables) = relocations(&elf, &placed, &mut Budget::of(file))?;
    Ok(Subject {
        kind: Kind::Module,
        file,
        entry: None,
        segments,
        sections,
        symbols,
        relocations,
        relr: Vec::new(),
        broken_tables,
        slots: Slots::of([]),
        image: Err(FlatError::Empty),
        source: Source::of_module(),
        placed,
        elf: Some(elf),
    })
}

fn loaded<'a>(
    elf: &'a Elf<'_>,
    placed: &'a Placed,
) -> impl Iterator<Item = (SectionIndex, &'a Header, Address)> {
    let headers = elf.elf_section_table().enumerate();
    headers.filter_map(|(index, header)| Some((index, header, placed.section(index)?)))
}

type Parts<'data> = (Vec<Segment<'data>>, Vec<Section<'data>>);

fn sections<'data>(
    elf: &Elf<'data>,
    placed: &Placed,
    budget: &mut Budget,
) -> Result<Parts<'data>, ReadError> {
    let (mut segments, mut sections) = (Vec::new(), Vec::new());
    for (index, header, address) in loaded(elf, placed) {
        let bytes = header.data(LittleEndian, elf.data()).unwrap_or_default();
        budget.take(bytes.len())?;
        if sections.len() == MOST_SECTIONS {
            return Err(ReadError::Many { what: "loaded sections", most: MOST_SECTIONS });
        }
        let size = header.sh_size(LittleEndian);
        let (flags, file_offset) = (header.sh_flags(LittleEndian).0, header.sh_offset(LittleEndian));
        sections.push(Section {
            name: name(elf, header),
            address,
            size,
            kind: header.sh_type(LittleEndian).0,
            flags,
            file_offset,
            align: header.sh_addralign(LittleEndian),
        });
        segments.push(Segment {
            index: index.0,
            address,
            load_address: address,
            size,
            file_offset,
            file_size: bytes.len() as u64,
            bytes,
            access: access(flags),
            flags: 0,
            align: header.sh_addralign(LittleEndian),
        });
    }
    sections.sort_by_key(|section| section.address);
    Ok((segments, sections))
}

fn name<'data>(elf: &Elf<'data>, header: &Header) -> &'data str {
    let name = elf.elf_section_table().section_name(LittleEndian, header).ok();
    name.and_then(|name| std::str::from_utf8(name).ok()).unwrap_or_default()
}

const fn access(flags: u64) -> Access {
    let writes = if flags & SHF_WRITE.0 == 0 { 0 } else { 2 };
    let executes = if flags & SHF_EXECINSTR.0 == 0 { 0 } else { 1 };
    Access::of_flags(4 | writes | executes)
}

type Relocations = (Vec<Relocation>, Vec<(String, String)>);

/// Reads the tables that belong to loaded sections. Those of debug information are read when a line
/// is searched.
fn relocations(elf: &Elf<'_>, placed: &Placed, budget: &mut Budget) -> Result<Relocations, ReadError> {
    let (mut relocations, mut broken) = (Vec::new(), Vec::new());
    let table = elf.elf_section_table();
    for (index, header) in table.enumerate() {
        let kind = header.sh_type(LittleEndian);
        if !matches!(kind, elf::SHT_RELA | elf::SHT_REL) {
            continue;
        }
        let target = SectionIndex(usize::try_from(header.sh_info(LittleEndian)).unwrap_or(usize::MAX));
        let (Some(base), Ok(section)) = (placed.section(target), table.section(target)) else { continue };
        let name = || name(elf, header).to_owned();
        if kind == elf::SHT_REL {
            broken.push((name(), "it has entries without addends (SHT_REL), which RV64 does not use".into()));
            continue;
        }
        let Ok(Some((entries, _))) = header.rela(LittleEndian, elf.data()) else {
            broken.push((name(), "its entries are not in the file".into()));
            continue;
        };
        budget.take(size_of_val(entries))?;
        let in_file = section.sh_type(LittleEndian) != elf::SHT_NOBITS;
        let size = if in_file { section.sh_size(LittleEndian) } else { 0 };
        if !entries.is_sorted_by_key(|entry| entry.r_offset(LittleEndian)) {
            broken.push((name(), "its entries are not in the order of their places".into()));
        }
        let before = relocations.len();
        let inside = entries.iter().filter(|entry| entry.r_offset(LittleEndian) < size);
        relocations.extend(inside.map(|entry| Relocation {
            section: index.0,
            kind: RelocationKind(entry.r_type(LittleEndian, false)),
            place: base.wrapping_add(entry.r_offset(LittleEndian)),
            symbol: entry.symbol(LittleEndian, false),
            addend: entry.r_addend(LittleEndian).cast_unsigned(),
        }));
        let outside = entries.len() - (relocations.len() - before);
        if outside != 0 {
            broken.push((
                name(),
                format!("{outside} of its entries are outside of the section's bytes in the file"),
            ));
        }
    }
    Ok((relocations, broken))
}

/// Returns true if the file is a relocatable ELF.
pub(super) fn is_one(elf: &Elf<'_>) -> bool {
    elf.elf_header().e_type(LittleEndian) == elf::ET_REL
}
