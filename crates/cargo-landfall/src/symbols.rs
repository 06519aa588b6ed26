//! Names and addresses in a kernel's ELF.

use std::path::{Path, PathBuf};
use std::{fs, io};

use object::read::elf::ElfFile64;
use object::{LittleEndian, Object, ObjectSection, ObjectSymbol, SymbolKind};
use thiserror::Error;

use crate::elf::{self, NoElf};
use crate::units::Address;

/// A function or object of the kernel, at the address that it was linked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// The name as its author wrote it: demangled, without the hash.
    pub name: String,
    /// Where it begins.
    pub address: Address,
    /// Bytes that it takes; 0 where the ELF does not say.
    pub size: u64,
}

/// The symbols of a kernel, in the order of their addresses.
#[derive(Clone, Debug)]
pub struct Symbols {
    symbols: Vec<Symbol>,
    sections: Vec<Symbol>,
}

/// Why there are no symbols to be had.
#[derive(Debug, Error)]
pub enum SymbolError {
    /// The ELF is not there.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
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
        let bytes = fs::read(path).map_err(|source| SymbolError::Read { path: path.to_owned(), source })?;
        Ok(Self::of(&elf::parse(path, &bytes)?))
    }

    /// The symbols of an ELF that has been parsed.
    #[must_use]
    pub fn of(elf: &ElfFile64<'_, LittleEndian>) -> Self {
        let counts = |kind| matches!(kind, SymbolKind::Text | SymbolKind::Data | SymbolKind::Unknown);
        let symbols = elf.symbols().filter(|symbol| symbol.is_definition() && counts(symbol.kind()));
        let symbols = symbols.filter_map(|symbol| {
            let name = demangle(symbol.name().ok()?);
            // Names of the compiler's own, such as `.Lanon`, are of no use in a report.
            (!name.is_empty() && !name.starts_with(".L")).then(|| Symbol {
                name,
                address: Address(symbol.address()),
                size: symbol.size(),
            })
        });
        // Debug information has no address, and no place in a machine.
        let sections = elf.sections().filter(|section| section.address() != 0);
        let sections = sections.map(|section| Symbol {
            name: section.name().unwrap_or("?").to_owned(),
            address: Address(section.address()),
            size: section.size(),
        });
        Self { sections: sections.collect(), ..symbols.collect() }
    }

    /// The symbol `name`: as its author wrote it, with or without the path of its module.
    ///
    /// The full path wins over a match of the last part, so that `main` finds the function `main` of the C kind where
    /// there is one, else `hello::main`.
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

    /// All symbols.
    pub fn iter(&self) -> impl Iterator<Item = &Symbol> {
        self.symbols.iter()
    }

    /// The symbol whose bytes hold `address`.
    #[must_use]
    pub fn at(&self, address: Address) -> Option<&Symbol> {
        // The last that begins at or before it and reaches it: symbols can lie within each other.
        let upto = self.symbols.partition_point(|symbol| symbol.address <= address);
        self.symbols[..upto].iter().rev().find(|symbol| symbol.holds(address))
    }

    /// Where `address` lies, for people: `hello::TABLE+0x3 in .data`, or as much of it as is known.
    #[must_use]
    pub fn describe(&self, address: Address) -> String {
        let section = self.sections.iter().find(|section| section.holds(address));
        let section = section.map(|section| format!(" in {}", section.name)).unwrap_or_default();
        match self.at(address) {
            Some(symbol) => match address.wrapping_offset_from(symbol.address) {
                0 => format!("{}{section}", symbol.name),
                offset => format!("{}+{offset:#x}{section}", symbol.name),
            },
            None => format!("{address}{section}"),
        }
    }
}

impl FromIterator<Symbol> for Symbols {
    /// Symbols without the ELF that they come from.
    fn from_iter<T: IntoIterator<Item = Symbol>>(symbols: T) -> Self {
        let mut symbols: Vec<_> = symbols.into_iter().collect();
        symbols.sort_by_key(|symbol| symbol.address);
        Self { symbols, sections: Vec::new() }
    }
}

impl Symbol {
    fn holds(&self, address: Address) -> bool {
        address >= self.address && address.wrapping_offset_from(self.address) < self.size.max(1)
    }
}

/// A name as its author wrote it.
pub(crate) fn demangle(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbols() -> Symbols {
        let symbol =
            |name: &str, address, size| Symbol { name: name.into(), address: Address(address), size };
        Symbols {
            symbols: vec![
                symbol("_start", 0x1000, 0),
                symbol("hello::TABLE", 0x2000, 16),
                symbol("END", 0x2010, 0),
            ],
            sections: vec![symbol(".text", 0x1000, 0x800), symbol(".data", 0x2000, 0x800)],
        }
    }

    #[test]
    fn an_address_is_described_by_symbol_and_section() {
        assert_eq!(symbols().describe(Address(0x2003)), "hello::TABLE+0x3 in .data");
        assert_eq!(symbols().describe(Address(0x1000)), "_start in .text");
        assert_eq!(symbols().describe(Address(0x2011)), "0x2011 in .data");
        assert_eq!(symbols().describe(Address(u64::MAX)), "0xffffffffffffffff");
    }

    #[test]
    fn a_symbol_is_found_by_its_whole_name_or_its_last_part() {
        let table = symbols().find("TABLE").map(|symbol| symbol.address);
        assert_eq!(table, Some(Address(0x2000)));
        assert_eq!(symbols().find("hello::TABLE").map(|symbol| symbol.address), table);
        assert_eq!(symbols().find("ABLE"), None);
    }

    #[test]
    fn names_lose_their_hash() {
        assert_eq!(demangle("_ZN5hello4main17h0123456789abcdefE"), "hello::main");
        assert_eq!(demangle("_start"), "_start");
    }
}
