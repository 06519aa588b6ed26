//! The plan of a module: places of sections, entries of the PLT, slots of the GOT, and each
//! relocation with its value. It is a pure function of the file, of what is exported, and of the
//! addresses of the parts.

use landfall_paging::{VirtAddr, VirtRange};
use landfall_plan::sites::Constant;

use crate::error::LoadError;
use crate::field;
use crate::file::{File, Rela, Relocations};
use crate::layout::{self, SectionPlace, Sizes};
use crate::name::Name;
use crate::parameters;
use crate::part::Part;
use crate::relocation::{self, Field, Relocation, Value};
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

/// An entry of the PLT: it jumps to the address in a slot of the GOT.
const PLT_ENTRY: [u32; 4] = [
    0x0000_0e17, // auipc t3, hi
    0x000e_3e03, // ld t3, lo(t3)
    0x000e_0067, // jr t3
    0x0000_0013, // nop
];
const PLT_SIZE: u64 = 16;
const GOT_SIZE: u64 = 8;

/// A module that is planned, but for the addresses of its parts.
#[derive(Debug)]
pub(crate) struct Plan<'f, 'w> {
    pub(crate) file: &'f File<'f>,
    pub(crate) sections: &'w [SectionPlace],
    symbols: &'w [SymbolPlace],
    pub(crate) sizes: Sizes,
    /// The offset of the PLT in the text, in bytes.
    plt: u64,
    /// The offset of the GOT in the constants, in bytes.
    got: u64,
}

/// A section that is loaded.
#[derive(Clone, Copy, Debug)]
struct Place {
    index: usize,
    part: Part,
    start: u64,
}

/// The addresses of the parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bases(pub(crate) [VirtAddr; 3]);

impl Bases {
    pub(crate) const fn of(&self, part: Part) -> VirtAddr {
        self.0[part as usize]
    }
}

/// Bytes that change at a place of a part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<'f> {
    pub(crate) part: Part,
    /// Bytes from the start of the part.
    pub(crate) offset: u64,
    pub(crate) field: Field,
    pub(crate) value: u64,
    /// The instruction `addi` becomes `ld`: its operand is a slot of the GOT.
    pub(crate) loads: bool,
    /// The bytes in the file.
    pub(crate) contents: &'f [u8],
    number: u32,
    symbol: Name,
}

/// Records of exports, as the file has them, and the place of their section.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Records<'f> {
    pub(crate) bytes: &'f [u8],
    pub(crate) place: (Part, u64),
}

/// An entry of the PLT or a slot of the GOT, with its bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filled {
    pub(crate) part: Part,
    pub(crate) offset: u64,
    bytes: [u8; 16],
    size: u64,
}

impl Filled {
    pub(crate) fn bytes(&self) -> &[u8] {
        if self.size == GOT_SIZE { &self.bytes[..8] } else { &self.bytes }
    }
}

impl Change<'_> {
    /// Returns the bytes that it may change, at most [`MOST_LEB`](relocation::MOST_LEB).
    pub(crate) const fn size(&self) -> usize {
        self.contents.len()
    }

    pub(crate) const fn out_of_reach(&self) -> LoadError {
        LoadError::OutOfReach { number: self.number, symbol: self.symbol }
    }

    /// Changes the bytes.
    pub(crate) fn apply(&self, bytes: &mut [u8]) -> Result<(), field::DoesNotFit> {
        const OPERATION: u32 = 0x707f;
        const ADDI: u32 = 0x13;
        const LD: u32 = 0x3003;
        if self.loads {
            let word = bytes.first_chunk_mut().ok_or(field::DoesNotFit)?;
            let instruction = u32::from_le_bytes(*word);
            if instruction & OPERATION != ADDI {
                return Err(field::DoesNotFit);
            }
            *word = (instruction & !OPERATION | LD).to_le_bytes();
        }
        field::fill(self.field, bytes, self.value)
    }
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
        for (index, relocations, _) in loaded(file, sections) {
            let mut last = 0;
            for rela in relocations?.iter() {
                if rela.offset < last {
                    return Err(LoadError::Unsorted(Name::new(file.section_name(&file.section(index)?))));
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

    /// Returns each change of the parts' bytes that relocations make, for parts at `bases`.
    pub(crate) fn changes(&self, bases: Bases) -> impl Iterator<Item = Result<Change<'f>, LoadError>> {
        loaded(self.file, self.sections).flat_map(move |(index, relocations, (part, start))| {
            let (relocations, failed) = match relocations {
                Ok(relocations) => (Some(relocations), None),
                Err(error) => (None, Some(Err(error))),
            };
            let changes = relocations.into_iter().flat_map(move |relocations| {
                relocations.iter().filter_map(move |rela| {
                    let place = Place { index, part, start };
                    self.change(bases, place, &rela).transpose()
                })
            });
            failed.into_iter().chain(changes)
        })
    }

    /// Returns the entries of the PLT, and the contents of the GOT.
    pub(crate) fn entries(&self, bases: Bases) -> impl Iterator<Item = Result<Filled, LoadError>> {
        self.symbols.iter().enumerate().flat_map(move |(index, symbol)| {
            let plt = (symbol.plt != 0).then(|| {
                let offset = self.plt + u64::from(symbol.plt - 1) * PLT_SIZE;
                let from = bases.of(Part::Text).wrapping_add(offset);
                let bytes = plt_entry(self.slot(bases, symbol).wrapping_offset_from(from));
                let bytes = bytes.map_err(|_| LoadError::NoSymbol(index))?;
                Ok(Filled { part: Part::Text, offset, bytes, size: PLT_SIZE })
            });
            let got = (symbol.got != 0).then(|| {
                let offset = self.got + u64::from(symbol.got - 1) * GOT_SIZE;
                let address = address(symbol.target, bases).ok_or_else(|| self.is_nowhere(index))?;
                let mut bytes = [0; 16];
                bytes[..8].copy_from_slice(&address.get().to_le_bytes());
                Ok(Filled { part: Part::Constants, offset, bytes, size: GOT_SIZE })
            });
            plt.into_iter().chain(got)
        })
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

    /// Returns the error for a symbol that has no address.
    fn is_nowhere(&self, index: usize) -> LoadError {
        match self.file.symbol(index) {
            Ok(symbol) => LoadError::SymbolOutside(Name::new(self.file.symbol_name(&symbol))),
            Err(error) => error,
        }
    }

    fn slot(&self, bases: Bases, symbol: &SymbolPlace) -> VirtAddr {
        let offset = self.got + u64::from(symbol.got.saturating_sub(1)) * GOT_SIZE;
        bases.of(Part::Constants).wrapping_add(offset)
    }

    /// Returns the change that a relocation makes. `None`: none.
    fn change(&self, bases: Bases, place: Place, rela: &Rela) -> Result<Option<Change<'f>>, LoadError> {
        let section = self.file.section(place.index)?;
        let name = || Name::new(self.file.section_name(&section));
        let relocation = relocation::meaning(rela.number).map_err(|reason| LoadError::Unsupported {
            number: rela.number,
            section: name(),
            reason,
        })?;
        let outside = || LoadError::RelocationOutside { number: rela.number, section: name() };
        let from = usize::try_from(rela.offset).map_err(|_| outside())?;
        let contents = self.file.contents(&section)?.get(from..).ok_or_else(outside)?;
        let at = bases.of(place.part).wrapping_add(place.start + rela.offset);
        let change = |field: Field, value, loads| {
            let most = if field.may_be_short() { contents.len().min(field.size()) } else { field.size() };
            let contents = contents.get(..most).filter(|bytes| !bytes.is_empty()).ok_or_else(outside)?;
            let (offset, number) = (place.start + rela.offset, rela.number);
            let symbol = symbol_name(self.file, rela)?;
            Ok(Some(Change { part: place.part, offset, field, value, loads, contents, number, symbol }))
        };
        match relocation {
            Relocation::Nothing => Ok(None),
            Relocation::Align => {
                let align = rela.addend.saturating_add(1).checked_next_power_of_two().ok_or_else(outside)?;
                let end = at.wrapping_add(rela.addend);
                if end.get().is_multiple_of(align) {
                    return Ok(None);
                }
                Err(LoadError::Relaxed { section: name(), offset: rela.offset })
            }
            Relocation::Value(value, field) => {
                change(field, self.value(bases, value, field, at, rela)?, false)
            }
            Relocation::Minuend => {
                let other = self.other_half(place, rela, relocation::SUB_ULEB128)?;
                let minuend = self.address(bases, rela)?.wrapping_add(rela.addend);
                let subtrahend = self.address(bases, &other)?.wrapping_add(other.addend);
                change(Field::Leb, minuend.wrapping_offset_from(subtrahend), false)
            }
            Relocation::Subtrahend => {
                self.other_half(place, rela, relocation::SET_ULEB128)?;
                Ok(None)
            }
            Relocation::Lower(field) => {
                let (value, loads) = self.lower(bases, rela, &name)?;
                change(field, value, loads)
            }
        }
    }

    /// Returns the relocation of type `number` at the place of another.
    fn other_half(&self, place: Place, rela: &Rela, number: u32) -> Result<Rela, LoadError> {
        let relocations = self.file.section(self.sections[place.index].relocations as usize)?;
        let mut found = self.file.relocations(&relocations)?.at(rela.offset).take(MOST_AT_ONE_PLACE);
        found.find(|rela| rela.number == number).ok_or(LoadError::Damaged("relocations"))
    }

    fn value(
        &self,
        bases: Bases,
        value: Value,
        field: Field,
        at: VirtAddr,
        rela: &Rela,
    ) -> Result<u64, LoadError> {
        let symbol = self.symbol(rela)?;
        let target = match Entry::of(value, field, symbol) {
            None => self.address(bases, rela)?.wrapping_add(rela.addend),
            // The entry is of the symbol alone.
            Some(_) if rela.addend != 0 => {
                return Err(LoadError::OutOfReach {
                    number: rela.number,
                    symbol: symbol_name(self.file, rela)?,
                });
            }
            Some(Entry::Plt) => {
                let offset = self.plt + u64::from(symbol.plt.saturating_sub(1)) * PLT_SIZE;
                bases.of(Part::Text).wrapping_add(offset)
            }
            Some(Entry::Got) => self.slot(bases, symbol),
        };
        Ok(if value == Value::Absolute { target.get() } else { target.wrapping_offset_from(at) })
    }

    /// Returns the value whose upper half the symbol of a lower half names. The second is true if
    /// the instruction must load from a slot of the GOT instead.
    fn lower(&self, bases: Bases, rela: &Rela, name: &impl Fn() -> Name) -> Result<(u64, bool), LoadError> {
        let missing = || LoadError::NoUpperHalf { section: name(), offset: rela.offset };
        let symbol = self.file.symbol(rela.symbol)?;
        let section = Some(symbol.st_shndx).filter(|index| *index < elf::abi::SHN_LORESERVE);
        let place = section.and_then(|index| self.sections.get(usize::from(index))).ok_or_else(missing)?;
        let (part, start) = place.place.ok_or_else(missing)?;
        // The addend is that of the upper half.
        if place.relocations == 0 || rela.addend != 0 {
            return Err(missing());
        }
        let relocations = self.file.section(place.relocations as usize)?;
        let at = bases.of(part).wrapping_add(start + symbol.st_value);
        for upper in self.file.relocations(&relocations)?.at(symbol.st_value).take(MOST_AT_ONE_PLACE) {
            if let Ok(Relocation::Value(value @ (Value::Data | Value::Slot), Field::Upper)) =
                relocation::meaning(upper.number)
            {
                let by_slot = Entry::of(value, Field::Upper, self.symbol(&upper)?).is_some();
                let loads = value == Value::Data && by_slot;
                return Ok((self.value(bases, value, Field::Upper, at, &upper)?, loads));
            }
        }
        Err(missing())
    }

    fn symbol(&self, rela: &Rela) -> Result<&SymbolPlace, LoadError> {
        self.symbols.get(rela.symbol).ok_or(LoadError::NoSymbol(rela.symbol))
    }

    fn address(&self, bases: Bases, rela: &Rela) -> Result<VirtAddr, LoadError> {
        // Symbol 0 is no symbol: the value is the addend.
        if rela.symbol == 0 {
            return Ok(VirtAddr::new(0));
        }
        match address(self.symbol(rela)?.target, bases) {
            Some(address) => Ok(address),
            None => Err(LoadError::SymbolOutside(symbol_name(self.file, rela)?)),
        }
    }
}

/// The most relocations of one place that are looked at for another half: with it there are hints.
const MOST_AT_ONE_PLACE: usize = 4;

/// An entry by which a symbol is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    Plt,
    Got,
}

impl Entry {
    /// Returns the entry by which a relocation reaches its symbol. `None` if it does so directly.
    const fn of(value: Value, field: Field, symbol: &SymbolPlace) -> Option<Self> {
        // A jump reaches 1 MiB: only what is in the module is surely within.
        let is_outside = matches!(symbol.target, Target::At(_));
        let is_beyond = symbol.beyond || is_outside && matches!(field, Field::Jump);
        match value {
            Value::Slot => Some(Self::Got),
            Value::Call if is_beyond => Some(Self::Plt),
            Value::Data if is_beyond => Some(Self::Got),
            _ => None,
        }
    }
}

/// Counts the entries of PLT and GOT.
struct Entries<'w> {
    symbols: &'w mut [SymbolPlace],
    plt: u32,
    got: u32,
}

impl Entries<'_> {
    fn add(&mut self, rela: &Rela) -> Result<(), LoadError> {
        let Ok(Relocation::Value(value, field)) = relocation::meaning(rela.number) else {
            // A type that is not supported is refused with its section, as all changes are
            // computed.
            return Ok(());
        };
        let symbol = self.symbols.get_mut(rela.symbol).ok_or(LoadError::NoSymbol(rela.symbol))?;
        let entry = Entry::of(value, field, symbol);
        if entry == Some(Entry::Plt) && symbol.plt == 0 {
            self.plt += 1;
            symbol.plt = self.plt;
        }
        // An entry of the PLT loads from a slot.
        if entry.is_some() && symbol.got == 0 {
            self.got += 1;
            symbol.got = self.got;
        }
        Ok(())
    }
}

/// Returns the sections that are loaded and have relocations.
fn loaded<'f>(
    file: &'f File<'f>,
    sections: &[SectionPlace],
) -> impl Iterator<Item = (usize, Result<Relocations<'f>, LoadError>, (Part, u64))> {
    sections.iter().enumerate().filter(|(_, section)| section.relocations != 0).filter_map(
        |(index, section)| {
            let relocations = file
                .section(section.relocations as usize)
                .and_then(|relocations| file.relocations(&relocations));
            Some((index, relocations, section.place?))
        },
    )
}

fn address(target: Target, bases: Bases) -> Option<VirtAddr> {
    match target {
        Target::Inside(part, offset) => Some(bases.of(part).wrapping_add(offset)),
        Target::At(address) => Some(address),
        Target::Nowhere => None,
    }
}

fn symbol_name(file: &File<'_>, rela: &Rela) -> Result<Name, LoadError> {
    file.symbol(rela.symbol).map(|symbol| Name::new(file.symbol_name(&symbol)))
}

/// Returns the entry of the PLT whose slot is `distance` bytes from its first instruction. The
/// parts of a module lie in one region, so the distance fits.
fn plt_entry(distance: u64) -> Result<[u8; 16], field::DoesNotFit> {
    let mut bytes = [0; 16];
    for (word, instruction) in bytes.as_chunks_mut().0.iter_mut().zip(PLT_ENTRY) {
        *word = instruction.to_le_bytes();
    }
    // `auipc` and `ld` have the fields of `auipc` and `jalr`.
    field::fill(Field::Pair, &mut bytes[..8], distance)?;
    Ok(bytes)
}
