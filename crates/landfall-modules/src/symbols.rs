//! The symbols of a module, resolved.

use elf::abi;
use elf::symbol::Symbol;
use landfall_paging::{VirtAddr, VirtRange};

use crate::error::LoadError;
use crate::file::File;
use crate::layout::SectionPlace;
use crate::name::Name;
use crate::part::Part;
use crate::texts;

/// A symbol, resolved as far as its module's place is not needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SymbolPlace {
    pub(crate) target: Target,
    /// Two instructions do not reach it from everywhere in the region.
    pub(crate) beyond: bool,
    /// The number of its entry in the PLT, and 1. 0: it has none.
    pub(crate) plt: u32,
    /// The number of its slot in the GOT, and 1. 0: it has none.
    pub(crate) got: u32,
}

impl SymbolPlace {
    /// The place of a symbol that was not resolved.
    pub const NONE: Self = Self { target: Target::Nowhere, beyond: false, plt: 0, got: 0 };
}

/// The place of a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// In a part of the module, at an offset in bytes.
    Inside(Part, u64),
    /// At an address: an export, or an absolute symbol. A weak symbol that nothing exports is at 0.
    At(VirtAddr),
    /// In a section that is not loaded.
    Nowhere,
}

/// The exports that a module may import.
pub(crate) trait Lookup {
    /// Returns the address of a symbol that a module imports. `None` if nothing exports it.
    fn find(&mut self, import: &Import<'_>) -> Result<Option<VirtAddr>, LoadError>;
}

/// Returns true if `auipc` and 12 bits more do not reach `address` from some place in `region`.
fn is_beyond(address: VirtAddr, region: VirtRange) -> bool {
    /// Some bytes less than 2 GiB: the lower 12 bits are signed.
    const REACH: u64 = (1 << 31) - 0x1000;
    let near = |from: VirtAddr| address.wrapping_offset_from(from).wrapping_add(REACH) < 2 * REACH;
    !near(region.start()) || !near(region.end())
}

/// A symbol that a module imports.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Import<'a> {
    pub(crate) symbol: &'a [u8],
    /// The signature that the module states. `None` if it states none.
    pub(crate) signature: Option<&'a [u8]>,
}

/// Resolves all symbols of a file into `places`.
pub(crate) fn resolve(
    file: &File<'_>,
    sections: &[SectionPlace],
    places: &mut [SymbolPlace],
    region: VirtRange,
    exports: &mut impl Lookup,
) -> Result<(), LoadError> {
    let symbols = file.needs().symbols;
    let Some(places) = places.get_mut(..symbols) else {
        return Err(LoadError::TooManySymbols { symbols, room: places.len() });
    };
    let imports = file.texts(texts::IMPORTS)?;
    places.fill(SymbolPlace::NONE);
    for ((index, symbol), place) in file.symbols().zip(places) {
        if index != 0 {
            place.target = target(file, sections, imports, &symbol, exports)?;
            place.beyond = matches!(place.target, Target::At(address) if is_beyond(address, region));
        }
    }
    Ok(())
}

fn target(
    file: &File<'_>,
    sections: &[SectionPlace],
    imports: &[u8],
    symbol: &Symbol,
    exports: &mut impl Lookup,
) -> Result<Target, LoadError> {
    let name = file.symbol_name(symbol);
    if symbol.st_symtype() == abi::STT_GNU_IFUNC {
        return Err(LoadError::Indirect(Name::new(name)));
    }
    match symbol.st_shndx {
        abi::SHN_UNDEF => {
            let import = Import { symbol: name, signature: texts::value(imports, name) };
            match exports.find(&import)? {
                Some(address) => Ok(Target::At(address)),
                None if symbol.st_bind() == abi::STB_WEAK => Ok(Target::At(VirtAddr::new(0))),
                None => Err(LoadError::UnknownSymbol(Name::new(name))),
            }
        }
        abi::SHN_ABS => Ok(Target::At(VirtAddr::new(symbol.st_value))),
        abi::SHN_COMMON => Err(LoadError::Common(Name::new(name))),
        index => {
            // Numbers from SHN_LORESERVE on are in a table of their own, for more than 65,279
            // sections.
            let section = sections.get(usize::from(index)).filter(|_| index < abi::SHN_LORESERVE);
            let Some(place) = section.and_then(|section| section.place) else {
                return Ok(Target::Nowhere);
            };
            let size = file.section(usize::from(index))?.sh_size;
            if symbol.st_value > size {
                return Err(LoadError::SymbolOutside(Name::new(name)));
            }
            Ok(Target::Inside(place.0, place.1 + symbol.st_value))
        }
    }
}
