//! Entries of the PLT and slots of the GOT.

use landfall_paging::VirtAddr;

use crate::error::LoadError;
use crate::field;
use crate::name::Name;
use crate::part::{Bases, Part};
use crate::plan::Plan;
use crate::reach::{GOT_SIZE, PLT_SIZE};
use crate::relocation::Field;
use crate::symbols::{SymbolPlace, Target};

/// An entry of the PLT: it jumps to the address in a slot of the GOT.
const PLT_ENTRY: [u32; 4] = [
    0x0000_0e17, // auipc t3, hi
    0x000e_3e03, // ld t3, lo(t3)
    0x000e_0067, // jr t3
    0x0000_0013, // nop
];

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

impl Plan<'_, '_> {
    /// Returns the entries of the PLT, and the contents of the GOT.
    pub(crate) fn entries(&self, bases: Bases) -> impl Iterator<Item = Result<Filled, LoadError>> {
        let with_slot = self.symbols.iter().enumerate().filter(|(_, symbol)| symbol.got != 0);
        with_slot.flat_map(move |(index, symbol)| {
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

    /// Returns the error for a symbol that has no address.
    fn is_nowhere(&self, index: usize) -> LoadError {
        match self.file.symbol(index) {
            Ok(symbol) => LoadError::SymbolOutside(Name::new(self.file.symbol_name(&symbol))),
            Err(error) => error,
        }
    }

    pub(crate) fn slot(&self, bases: Bases, symbol: &SymbolPlace) -> VirtAddr {
        let offset = self.got + u64::from(symbol.got.saturating_sub(1)) * GOT_SIZE;
        bases.of(Part::Constants).wrapping_add(offset)
    }
}

pub(crate) fn address(target: Target, bases: Bases) -> Option<VirtAddr> {
    match target {
        Target::Inside(part, offset) => Some(bases.of(part).wrapping_add(offset)),
        Target::At(address) => Some(address),
        Target::Nowhere => None,
    }
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
