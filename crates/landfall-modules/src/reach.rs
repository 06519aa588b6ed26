//! The way in which a relocation reaches its symbol: directly, or by an entry of PLT or GOT.

use crate::error::LoadError;
use crate::file::Rela;
use crate::relocation::{self, Field, Relocation, Value};
use crate::symbols::{SymbolPlace, Target};

/// Bytes of an entry of the PLT.
pub(crate) const PLT_SIZE: u64 = 16;
/// Bytes of a slot of the GOT.
pub(crate) const GOT_SIZE: u64 = 8;

/// An entry by which a symbol is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    Plt,
    Got,
}

impl Entry {
    /// Returns the entry by which a relocation reaches its symbol. `None` if it does so directly.
    pub(crate) const fn of(value: Value, field: Field, symbol: &SymbolPlace) -> Option<Self> {
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
pub(crate) struct Entries<'w> {
    pub(crate) symbols: &'w mut [SymbolPlace],
    pub(crate) plt: u32,
    pub(crate) got: u32,
}

impl Entries<'_> {
    pub(crate) fn add(&mut self, rela: &Rela) -> Result<(), LoadError> {
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
