//! The changes that relocations make to the bytes of a module.

use landfall_paging::VirtAddr;

use crate::entries::address;
use crate::error::LoadError;
use crate::field;
use crate::file::{File, Rela};
use crate::name::Name;
use crate::part::{Bases, Part};
use crate::plan::{Place, Plan, loaded};
use crate::reach::{Entry, PLT_SIZE};
use crate::relocation::{self, Field, Relocation, Value};
use crate::symbols::SymbolPlace;

/// The most relocations of one place that are looked at for another half: with it there are hints.
const MOST_AT_ONE_PLACE: usize = 4;

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

impl<'f> Plan<'f, '_> {
    /// Returns each change of the parts' bytes that relocations make, for parts at `bases`.
    pub(crate) fn changes(&self, bases: Bases) -> impl Iterator<Item = Result<Change<'f>, LoadError>> {
        loaded(self.file, self.sections).flat_map(move |place| {
            let (place, failed) = match place {
                Ok(place) => (Some(place), None),
                Err(error) => (None, Some(Err(error))),
            };
            let changes = place.into_iter().flat_map(move |place| {
                let relocations = place.relocations.iter();
                relocations.filter_map(move |rela| self.change(bases, place, &rela).transpose())
            });
            failed.into_iter().chain(changes)
        })
    }

    /// Returns the change that a relocation makes. `None`: none.
    fn change(&self, bases: Bases, place: Place<'f>, rela: &Rela) -> Result<Option<Change<'f>>, LoadError> {
        let name = || Name::new(place.name);
        let relocation = relocation::meaning(rela.number).map_err(|reason| LoadError::Unsupported {
            number: rela.number,
            section: name(),
            reason,
        })?;
        let outside = || LoadError::RelocationOutside { number: rela.number, section: name() };
        let from = usize::try_from(rela.offset).map_err(|_| outside())?;
        let contents = place.contents.get(from..).ok_or_else(outside)?;
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
                let other = Self::other_half(place, rela, relocation::SUB_ULEB128)?;
                let minuend = self.address(bases, rela)?.wrapping_add(rela.addend);
                let subtrahend = self.address(bases, &other)?.wrapping_add(other.addend);
                change(Field::Leb, minuend.wrapping_offset_from(subtrahend), false)
            }
            Relocation::Subtrahend => {
                Self::other_half(place, rela, relocation::SET_ULEB128)?;
                Ok(None)
            }
            Relocation::Lower(field) => {
                let (value, loads) = self.lower(bases, &place, rela)?;
                change(field, value, loads)
            }
        }
    }

    /// Returns the relocation of type `number` at the place of another.
    fn other_half(place: Place<'f>, rela: &Rela, number: u32) -> Result<Rela, LoadError> {
        let mut found = place.relocations.at(rela.offset).take(MOST_AT_ONE_PLACE);
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
    fn lower(&self, bases: Bases, place: &Place<'_>, rela: &Rela) -> Result<(u64, bool), LoadError> {
        let missing = || LoadError::NoUpperHalf { section: Name::new(place.name), offset: rela.offset };
        let symbol = self.file.symbol(rela.symbol)?;
        let index = Some(symbol.st_shndx).filter(|index| *index < elf::abi::SHN_LORESERVE);
        let index = usize::from(index.ok_or_else(missing)?);
        let section = self.sections.get(index).ok_or_else(missing)?;
        let (part, start) = section.place.ok_or_else(missing)?;
        // The addend is that of the upper half.
        if section.relocations == 0 || rela.addend != 0 {
            return Err(missing());
        }
        let relocations = if index == place.index {
            place.relocations
        } else {
            self.file.relocations(&self.file.section(section.relocations as usize)?)?
        };
        let at = bases.of(part).wrapping_add(start + symbol.st_value);
        for upper in relocations.at(symbol.st_value).take(MOST_AT_ONE_PLACE) {
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

fn symbol_name(file: &File<'_>, rela: &Rela) -> Result<Name, LoadError> {
    file.symbol(rela.symbol).map(|symbol| Name::new(file.symbol_name(&symbol)))
}
