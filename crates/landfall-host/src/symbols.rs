//! Names and addresses in a kernel's ELF.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use object::LittleEndian;
use object::read::elf::ElfFile64;
use thiserror::Error;

use crate::elf::{self, NoElf};
use crate::kernel::Selection;
use crate::kernel_elf;
use crate::user_file::{self, Limit};
use landfall_inspect::Subject;
use landfall_predict::units::Address;

/// A function or object of the kernel, at the address that it was linked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// The name as its author wrote it: demangled, without the hash.
    pub name: String,
    /// The first address.
    pub address: Address,
    /// Bytes that it takes; 0 where the ELF does not say.
    pub size: u64,
}

/// The symbols of a kernel, in the order of their addresses.
#[derive(Clone, Debug)]
pub struct Symbols {
    symbols: Vec<Symbol>,
}

/// Why there are no symbols to be had.
#[derive(Debug, Error)]
pub enum SymbolError {
    /// The ELF is not there.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The file is no ELF for 64-bit RISC-V.
    #[error(transparent)]
    Elf(#[from] NoElf),
}

impl Symbols {
    /// Reads the symbols of the ELF at `path`.
    ///
    /// # Errors
    /// [`SymbolError`] where the file is not there or no ELF.
    pub fn read(path: &Path) -> Result<Self, SymbolError> {
        let bytes = user_file::read(path, Limit::KERNEL)
            .map_err(|source| SymbolError::Read { path: path.to_owned(), source })?;
        Ok(Self::of(&elf::parse(path, &bytes)?))
    }

    /// Returns the symbols of an ELF that has been parsed.
    #[must_use]
    pub fn of(elf: &ElfFile64<'_, LittleEndian>) -> Self {
        let symbols = landfall_inspect::subject::Symbols::of(elf);
        let own = |symbol: &landfall_inspect::subject::Symbol<'_>| Symbol {
            name: symbol.name(),
            address: symbol.address,
            size: symbol.size,
        };
        symbols.all().iter().map(own).collect()
    }

    /// Returns the symbol `name`: as its author wrote it, with or without the path of its module.
    ///
    /// The full path has precedence over a match of the last part. So `main` finds a function
    /// `main` of C if one exists, else `hello::main`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Symbol> {
        let whole = self.symbols.iter().find(|symbol| symbol.name == name);
        whole.or_else(|| {
            let last = |symbol: &&Symbol| {
                symbol.name.strip_suffix(name).is_some_and(|module| module.ends_with("::"))
            };
            self.symbols.iter().find(last)
        })
    }
}

/// The symbols of an image, and the addresses that it was linked for.
#[derive(Clone, Debug)]
pub struct Linked {
    symbols: Symbols,
    range: Range<Address>,
}

impl Linked {
    /// Returns the symbols of a landfall kernel; `None` for a flat image.
    #[must_use]
    pub fn of_kernel(selection: &Selection) -> Option<Self> {
        let path = kernel_elf::select(selection).ok()?;
        let bytes = user_file::read(&path, Limit::KERNEL).ok()?;
        let range = Subject::read(&bytes).ok()?.link_range();
        Some(Self { symbols: Symbols::of(&elf::parse(&path, &bytes).ok()?), range })
    }

    /// Returns the symbols of Linux, from `_start` to `_end`; `None` if the ELF has neither.
    #[must_use]
    pub fn of_linux(path: &Path) -> Option<Self> {
        let symbols = Symbols::read(path).ok()?;
        let address = |name| Some(symbols.find(name)?.address);
        let range = address("_start")?..address("_end")?;
        Some(Self { symbols, range })
    }

    /// Returns each symbol within the image, with its distance from the image's first byte.
    pub fn offsets(&self) -> impl Iterator<Item = (u64, &Symbol)> {
        let own = self.symbols.symbols.iter().filter(|symbol| self.range.contains(&symbol.address));
        own.map(|symbol| (symbol.address.wrapping_offset_from(self.range.start), symbol))
    }
}

impl FromIterator<Symbol> for Symbols {
    /// Symbols without the ELF that they come from.
    fn from_iter<T: IntoIterator<Item = Symbol>>(symbols: T) -> Self {
        let mut symbols: Vec<_> = symbols.into_iter().collect();
        symbols.sort_by_key(|symbol| symbol.address);
        Self { symbols }
    }
}

/// Returns a name as its author wrote it.
#[must_use]
pub fn demangle(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_is_found_by_its_whole_name_or_its_last_part() {
        let symbol = |name: &str, address| Symbol { name: name.into(), address: Address(address), size: 0 };
        let symbols: Symbols =
            [symbol("_start", 0x1000), symbol("hello::TABLE", 0x2000)].into_iter().collect();
        let table = symbols.find("TABLE").map(|symbol| symbol.address);
        assert_eq!(table, Some(Address(0x2000)));
        assert_eq!(symbols.find("hello::TABLE").map(|symbol| symbol.address), table);
        assert_eq!(symbols.find("ABLE"), None);
    }

    #[test]
    fn symbols_of_an_image_count_from_its_first_byte() {
        let symbol = |name: &str, address| Symbol { name: name.into(), address: Address(address), size: 0 };
        let all = [
            symbol("ABSOLUTE", 0x10),
            symbol("_start", 0x1000),
            symbol("main", 0x1800),
            symbol("_end", 0x2000),
        ];
        let linked = Linked { symbols: all.into_iter().collect(), range: Address(0x1000)..Address(0x2000) };
        let offsets: Vec<_> =
            linked.offsets().map(|(offset, symbol)| (offset, symbol.name.as_str())).collect();
        assert_eq!(offsets, [(0, "_start"), (0x800, "main")]);
    }
}
