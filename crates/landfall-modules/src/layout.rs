//! The places of sections in a module's three parts. They follow from the file alone, so tools that
//! know the address of each part know that of each section.
//!
//! ```text
//! text       R-X   sections that are executable, then the PLT
//! constants  R--   sections that are neither executable nor writable, then the GOT
//! data       RW-   sections that are writable, .bss among them
//! ```

use elf::abi;
use elf::section::SectionHeader;
use landfall_paging::PAGE_SIZE;

use crate::error::LoadError;
use crate::file::{File, Needs};
use crate::float_abi::FloatAbi;
use crate::name::Name;
use crate::part::Part;

/// The place of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SectionPlace {
    /// The part, and the offset in it in bytes. `None` if the section is not loaded.
    pub place: Option<(Part, u64)>,
    /// The number of the section that holds its relocations. 0: none.
    pub(crate) relocations: u32,
}

impl SectionPlace {
    /// The place of a section that is not loaded.
    pub const NONE: Self = Self { place: None, relocations: 0 };
}

/// The bytes of each part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes([u64; 3]);

impl Sizes {
    /// Returns the bytes of a part.
    #[must_use]
    pub const fn of(&self, part: Part) -> u64 {
        self.0[part as usize]
    }

    /// Returns the pages of a part.
    #[must_use]
    pub const fn pages(&self, part: Part) -> u64 {
        self.of(part).div_ceil(PAGE_SIZE)
    }

    /// Adds bytes to a part, from a multiple of `align` on. Returns their offset.
    pub(crate) fn add(&mut self, part: Part, size: u64, align: u64) -> Option<u64> {
        let end = &mut self.0[part as usize];
        let offset = end.checked_next_multiple_of(align.max(1))?;
        *end = offset.checked_add(size).filter(|end| *end <= MOST_SIZE)?;
        Some(offset)
    }
}

/// The most bytes of a part: no region is as large.
const MOST_SIZE: u64 = 1 << 31;

/// Returns the sections and the symbols of a module, for which memory is needed to load it.
///
/// # Errors
/// [`LoadError`] if the file is no module for `abi`.
pub fn needs(file: &[u8], abi: FloatAbi) -> Result<Needs, LoadError> {
    File::new(file, abi).map(|file| file.needs())
}

/// Writes the places of all sections into `places`, by their numbers.
///
/// # Errors
/// [`LoadError`] if the file is no module for `abi`, or has sections that no module may have.
pub fn layout(file: &[u8], abi: FloatAbi, places: &mut [SectionPlace]) -> Result<Sizes, LoadError> {
    place(&File::new(file, abi)?, places)
}

pub(crate) fn place(file: &File<'_>, places: &mut [SectionPlace]) -> Result<Sizes, LoadError> {
    let sections = file.needs().sections;
    let Some(places) = places.get_mut(..sections) else {
        return Err(LoadError::TooManySections { sections, room: places.len() });
    };
    places.fill(SectionPlace::NONE);
    let mut sizes = Sizes::default();
    for (index, section) in file.sections() {
        if let Some(part) = part_of(file, &section)? {
            let name = || Name::new(file.section_name(&section));
            let align = section.sh_addralign.max(1);
            if !align.is_power_of_two() || align > PAGE_SIZE {
                return Err(LoadError::Alignment { section: name(), align });
            }
            let offset =
                sizes.add(part, section.sh_size, align).ok_or_else(|| LoadError::TooLarge(name()))?;
            places[index].place = Some((part, offset));
        }
    }
    for (index, section) in file.sections().filter(|(_, section)| is_relocations(section)) {
        let Some(target) = places.get_mut(section.sh_info as usize) else {
            return Err(LoadError::Damaged("section headers"));
        };
        if target.place.is_some() {
            if target.relocations != 0 || section.sh_type != abi::SHT_RELA {
                return Err(LoadError::Damaged("relocations"));
            }
            target.relocations = u32::try_from(index).map_err(|_| LoadError::Damaged("section headers"))?;
        }
    }
    Ok(sizes)
}

/// Tables for unwinding, which no kernel reads.
const EH_FRAME: &[u8] = b".eh_frame";

/// Compressed relocations.
const SHT_CREL: u32 = 0x4000_0014;

const fn is_relocations(section: &SectionHeader) -> bool {
    matches!(section.sh_type, abi::SHT_RELA | abi::SHT_REL | SHT_CREL)
}

fn part_of(file: &File<'_>, section: &SectionHeader) -> Result<Option<Part>, LoadError> {
    const EXCLUDE: u64 = 1 << 31;
    let has = |flag: u32| section.sh_flags & u64::from(flag) != 0;
    let name = || Name::new(file.section_name(section));
    let is_unused = file.section_name(section) == EH_FRAME;
    if !has(abi::SHF_ALLOC) || section.sh_flags & EXCLUDE != 0 || section.sh_size == 0 || is_unused {
        return Ok(None);
    }
    if has(abi::SHF_TLS) {
        return Err(LoadError::ThreadLocal(name()));
    }
    if has(abi::SHF_COMPRESSED) {
        return Err(LoadError::Compressed(name()));
    }
    if matches!(section.sh_type, abi::SHT_INIT_ARRAY | abi::SHT_FINI_ARRAY | abi::SHT_PREINIT_ARRAY) {
        return Err(LoadError::Constructors(name()));
    }
    let part = match (has(abi::SHF_WRITE), has(abi::SHF_EXECINSTR)) {
        (true, true) => return Err(LoadError::WritableAndExecutable(name())),
        (false, true) => Part::Text,
        (false, false) => Part::Constants,
        (true, false) => Part::Data,
    };
    // Only data may have no bytes in the file: of other parts, zeros would be no contents.
    if part != Part::Data && section.sh_type == abi::SHT_NOBITS {
        return Err(LoadError::SectionOutside(name()));
    }
    file.contents(section)?;
    Ok(Some(part))
}
