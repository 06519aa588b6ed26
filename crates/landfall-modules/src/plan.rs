//! The plan of a module: places of sections, entries of the PLT, slots of the GOT, and each
//! relocation with its value. It is a pure function of the file, of what is exported, and of the
//! addresses of the parts.

use landfall_paging::VirtRange;
use landfall_plan::sites::Constant;

use crate::error::LoadError;
use crate::file::{File, Relocations};
use crate::layout::{self, SectionPlace, Sizes};
use crate::name::Name;
use crate::parameters;
use crate::part::Part;
use crate::reach::{Entries, GOT_SIZE, PLT_SIZE};
use crate::symbols::{self, Lookup, SymbolPlace, Target};
use crate::texts;

/// Room for the sections and the symbols of a module, while it is loaded.
///
/// [`needs`](crate::needs) returns how many a file has.
#[derive(Debug)]
pub struct Workspace<'w> {
    /// Room for sections.
    pub sections: &'w mut [SectionPlace],
    /// Room for symbols.
    pub symbols: &'w mut [SymbolPlace],
}

/// A module that is planned, but for the addresses of its parts.
#[derive(Debug)]
pub(crate) struct Plan<'f, 'w> {
    pub(crate) file: &'f File<'f>,
    pub(crate) sections: &'w [SectionPlace],
    pub(crate) symbols: &'w [SymbolPlace],
    pub(crate) sizes: Sizes,
    /// The offset of the PLT in the text, in bytes.
    pub(crate) plt: u64,
    /// The offset of the GOT in the constants, in bytes.
    pub(crate) got: u64,
}

/// A section that is loaded and has relocations.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'f> {
    pub(crate) index: usize,
    pub(crate) part: Part,
    /// The offset in the part, in bytes.
    pub(crate) start: u64,
    /// The bytes in the file.
    pub(crate) contents: &'f [u8],
    pub(crate) name: &'f [u8],
    pub(crate) relocations: Relocations<'f>,
}

/// Records of exports, as the file has them, and the place of their section.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Records<'f> {
    pub(crate) bytes: &'f [u8],
    pub(crate) place: (Part, u64),
}

impl<'f, 'w> Plan<'f, 'w> {
    /// Plans a module that will lie in `region`.
    pub(crate) fn new(
        file: &'f File<'f>,
        workspace: &'w mut Workspace<'_>,
        region: VirtRange,
        exports: &mut impl Lookup,
    ) -> Result<Self, LoadError> {
        let Workspace { sections, symbols } = workspace;
        let mut sizes = layout::place(file, sections)?;
        symbols::resolve(file, sections, symbols, region, exports)?;
        // Behind those of this file are those of another.
        let needs = file.needs();
        let (sections, symbols) = (&mut sections[..needs.sections], &mut symbols[..needs.symbols]);
        let mut entries = Entries { symbols, plt: 0, got: 0 };
        for place in loaded(file, sections) {
            let place = place?;
            let mut last = 0;
            for rela in place.relocations.iter() {
                if rela.offset < last {
                    return Err(LoadError::Unsorted(Name::new(place.name)));
                }
                last = rela.offset;
                entries.add(&rela)?;
            }
        }
        let Entries { plt, got, .. } = entries;
        let mut table = |part, entries: u32, size| {
            let added = if entries == 0 { Some(0) } else { sizes.add(part, u64::from(entries) * size, size) };
            added.ok_or_else(|| LoadError::TooLarge(Name::new(b"PLT or GOT")))
        };
        let plt = table(Part::Text, plt, PLT_SIZE)?;
        let got = table(Part::Constants, got, GOT_SIZE)?;
        Ok(Self { file, sections, symbols, sizes, plt, got })
    }

    /// Returns the place and the size of a global symbol of the module.
    pub(crate) fn find(&self, name: &[u8]) -> Option<(Part, u64, u64)> {
        self.find_by(|symbol| symbol == name)
    }

    fn find_by(&self, is_wanted: impl Fn(&[u8]) -> bool) -> Option<(Part, u64, u64)> {
        self.file.symbols().zip(self.symbols).find_map(|((_, symbol), place)| match place.target {
            Target::Inside(part, offset)
                if symbol.st_bind() != elf::abi::STB_LOCAL && is_wanted(self.file.symbol_name(&symbol)) =>
            {
                Some((part, offset, symbol.st_size))
            }
            _ => None,
        })
    }

    /// Returns the place and the size of a parameter.
    pub(crate) fn find_parameter(&self, name: &[u8]) -> Option<(Part, u64, u64)> {
        let is_wanted = |symbol: &[u8]| symbol.strip_prefix(parameters::SYMBOL) == Some(name);
        self.find_by(is_wanted)
    }

    /// Returns the sections of records of sites, with their places and their bytes.
    pub(crate) fn sites(&self) -> impl Iterator<Item = (Constant, (Part, u64), u64)> {
        self.file.sections().zip(self.sections).filter_map(|((_, section), place)| {
            let name = self.file.section_name(&section);
            let constant =
                Constant::ALL.into_iter().find(|constant| constant.section().as_bytes() == name)?;
            // A word that is not whole is no record.
            Some((constant, place.place?, section.sh_size / 4 * 4))
        })
    }

    /// Returns the records of exports, as the file has them, and their place.
    pub(crate) fn exports(&self) -> Result<Option<Records<'f>>, LoadError> {
        for ((_, section), place) in self.file.sections().zip(self.sections) {
            if let (Some(place), texts::EXPORTS) = (place.place, self.file.section_name(&section)) {
                return Ok(Some(Records { bytes: self.file.contents(&section)?, place }));
            }
        }
        Ok(None)
    }
}

/// Returns the sections that are loaded and have relocations.
pub(crate) fn loaded<'f>(
    file: &'f File<'f>,
    sections: &[SectionPlace],
) -> impl Iterator<Item = Result<Place<'f>, LoadError>> {
    let with_relocations = sections.iter().enumerate().filter(|(_, section)| section.relocations != 0);
    with_relocations.filter_map(|(index, section)| {
        let (part, start) = section.place?;
        Some(place(file, index, (part, start), section.relocations as usize))
    })
}

fn place<'f>(
    file: &'f File<'f>,
    index: usize,
    (part, start): (Part, u64),
    relocations: usize,
) -> Result<Place<'f>, LoadError> {
    let section = file.section(index)?;
    let relocations = file.relocations(&file.section(relocations)?)?;
    let (contents, name) = (file.contents(&section)?, file.section_name(&section));
    Ok(Place { index, part, start, contents, name, relocations })
}
