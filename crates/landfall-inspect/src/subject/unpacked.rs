//! Relocations that the linker wrote as RELA, in a kernel that applies RELR alone.

use landfall_image::record::Record;
use object::elf::{R_RISCV_64, R_RISCV_RELATIVE, SHN_ABS, SHN_UNDEF};
use object::read::elf::Sym;
use object::{LittleEndian, SymbolIndex};

use super::{Defined, Relocation, Subject};
use crate::units::Address;

/// The word of the kernel's code from which it learns the bytes of its RELR table.
pub(crate) const SIZE_WORD: &str = "landfall_relr_size";

/// The symbol at the RELR table.
pub(crate) const TABLE: &str = "__landfall_relr_start";

/// An image lies more than 2 GiB from address 0 (decision 0014), and so does every address in it.
const NUMBERS: u64 = 1 << 31;

/// The meaning of a relocation for the word that it patches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The word is a slot, with this link address in it.
    Slot(Address),
    /// The word is a number: the value of an absolute symbol, or 0 for a weak one that nothing
    /// defines.
    Number(u64),
}

impl Subject<'_> {
    /// Returns the bytes of the linker's relocation tables if nothing packed them and the kernel
    /// applies RELR alone.
    #[must_use]
    pub fn unpacked(&self) -> Option<u64> {
        let word = if self.kind().is_landfall() {
            let record = Record::read(self.image().ok()?).ok()?;
            u64::from(record.relr.size)
        } else {
            self.word(self.size_word()?)?
        };
        (word & 1 != 0).then_some(word & !1)
    }

    /// Returns the address of the word from which the kernel's code learns the table's bytes.
    #[must_use]
    pub fn size_word(&self) -> Option<Address> {
        let exact = |symbol: &&super::Symbol<'_>| symbol.mangled == SIZE_WORD;
        let symbol = self.symbols().all().iter().find(exact)?;
        (symbol.defined == Defined::Section).then_some(symbol.address)
    }

    /// Returns the meaning of a relocation with an addend; `None` if RELR cannot express it.
    #[must_use]
    pub fn meaning(&self, relocation: &Relocation) -> Option<Meaning> {
        let base = match (relocation.kind.0, relocation.symbol) {
            (R_RISCV_RELATIVE, None) => 0,
            (R_RISCV_64, None) => return number(relocation.addend),
            (R_RISCV_64, Some(symbol)) => return number(self.fixed(symbol)?.wrapping_add(relocation.addend)),
            _ => return None,
        };
        let value = Address(relocation.addend.wrapping_add(base));
        let range = self.link_range();
        if range.start <= value && value <= range.end {
            return Some(Meaning::Slot(value));
        }
        number(value.0)
    }

    /// Returns the value of a dynamic symbol that does not move with the image.
    fn fixed(&self, index: SymbolIndex) -> Option<u64> {
        let symbol = self.elf()?.elf_dynamic_symbol_table().symbol(index).ok()?;
        match symbol.st_shndx(LittleEndian) {
            SHN_ABS => Some(symbol.st_value(LittleEndian)),
            SHN_UNDEF if symbol.st_bind() == object::elf::STB_WEAK => Some(0),
            _ => None,
        }
    }
}

/// Returns a number if it is too near to 0 for an address of the image.
fn number(value: u64) -> Option<Meaning> {
    (value.wrapping_add(NUMBERS) < 2 * NUMBERS).then_some(Meaning::Number(value))
}
