//! Names, sorted by address.

use std::fmt::{self, Write};

use object::elf::SymbolSection;
use object::read::elf::{ElfFile64, SectionHeader, Sym};
use object::{LittleEndian, SectionIndex, elf};

use crate::units::Address;

/// Longer names are cut when they are shown: a damaged table may name all of its bytes.
const SHOWN: usize = 300;
/// Demangled names are cut there.
const LONGEST: usize = 2000;

/// Text of at most [`LONGEST`] bytes.
struct Limited(String);

impl Write for Limited {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.0.len() + text.len() > LONGEST {
            return Err(fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
}

/// The source of a symbol's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defined {
    /// It lies in a section and moves with it.
    Section,
    /// It is a number (`SHN_ABS`).
    Absolute,
    /// Nothing defines it, and nothing needs to (`STB_WEAK`).
    WeakUndefined,
    /// Nothing defines it.
    Undefined,
}

/// A name with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Symbol<'data> {
    /// The name as the linker knows it.
    pub mangled: &'data str,
    /// Its address or value.
    pub address: Address,
    /// Bytes that it takes; 0 where the ELF does not say.
    pub size: u64,
    /// The source of its value.
    pub defined: Defined,
    /// Its kind (`STT_FUNC` or another).
    pub function: Function,
}

/// The kind of a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// It is.
    Yes,
    /// It is an object.
    No,
    /// Its author does not state it, as in most assembly.
    Untold,
}

/// Which names a file has kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// All of them, with the assembler's own that mark data and code.
    All,
    /// Some: local ones are gone (`strip -x`), or were never made by an old assembler.
    Some,
    /// None (`strip`).
    None,
}

/// The kind of the bytes from an address on (psABI, "Mapping symbol").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mapping {
    /// Instructions: `$x`.
    Code,
    /// Data: `$d`.
    Data,
}

/// The symbols of a file, in the order of their addresses.
#[derive(Clone, Debug, Default)]
pub struct Symbols<'data> {
    defined: Vec<Symbol<'data>>,
    mapping: Vec<(Address, Mapping)>,
    undefined: Vec<Symbol<'data>>,
}

impl<'data> Symbols<'data> {
    /// The symbols of an ELF.
    #[must_use]
    pub fn of(elf: &ElfFile64<'data, LittleEndian>) -> Self {
        Self::placed(elf, |_| Some(Address(0)))
    }

    /// Returns the same for sections at other addresses than those that the symbols count from.
    /// Symbols of sections without an address are left out.
    pub(super) fn placed(
        elf: &ElfFile64<'data, LittleEndian>,
        section_address: impl Fn(SectionIndex) -> Option<Address>,
    ) -> Self {
        let table = elf.elf_symbol_table();
        let mut all = Self::default();
        for entry in table.iter().skip(1) {
            let kind = entry.st_type();
            let name = entry
                .name(LittleEndian, table.strings())
                .ok()
                .and_then(|name| std::str::from_utf8(name).ok());
            let Some(mangled) = name.filter(|name| !name.is_empty()) else { continue };
            if matches!(kind, elf::STT_FILE | elf::STT_SECTION | elf::STT_TLS) {
                continue;
            }
            let section = entry.st_shndx(LittleEndian);
            let start = if section.0 == 0 || section.0 >= elf::SHN_LORESERVE {
                Some(Address(0))
            } else {
                section_address(SectionIndex(section.0.into()))
            };
            let Some(start) = start else { continue };
            let address = start.wrapping_add(entry.st_value(LittleEndian));
            if let Some(mapping) = mapping(mangled) {
                all.mapping.push((address, mapping));
                continue;
            }
            if !is_loaded(elf, entry.st_shndx(LittleEndian)) {
                continue;
            }
            if is_label(elf, entry, mangled) {
                continue;
            }
            let weak = entry.st_bind() == elf::STB_WEAK;
            let defined = match entry.st_shndx(LittleEndian) {
                elf::SHN_UNDEF if weak => Defined::WeakUndefined,
                elf::SHN_UNDEF => Defined::Undefined,
                elf::SHN_ABS => Defined::Absolute,
                _ => Defined::Section,
            };
            let function = match kind {
                elf::STT_FUNC | elf::STT_GNU_IFUNC => Function::Yes,
                elf::STT_NOTYPE => Function::Untold,
                _ => Function::No,
            };
            let symbol = Symbol { mangled, address, size: entry.st_size(LittleEndian), defined, function };
            match defined {
                Defined::Section | Defined::Absolute => all.defined.push(symbol),
                Defined::WeakUndefined | Defined::Undefined => all.undefined.push(symbol),
            }
        }
        all.defined.sort_by_key(|symbol| symbol.address);
        all.mapping.sort_by_key(|(address, _)| *address);
        all.map_functions();
        all
    }

    /// Functions begin code. Some assemblers mark data alone (clang 14), and code of theirs may
    /// follow data of another object.
    fn map_functions(&mut self) {
        if self.mapping.is_empty() {
            return;
        }
        let is_marked = |at: &Address| self.mapping.binary_search_by_key(at, |(address, _)| *address).is_ok();
        let functions =
            self.defined.iter().filter(|symbol| symbol.function == Function::Yes && symbol.size > 0);
        let begins = functions.map(|symbol| symbol.address).filter(|at| !is_marked(at));
        let begins: Vec<_> = begins.map(|at| (at, Mapping::Code)).collect();
        self.mapping.extend(begins);
        self.mapping.sort_by_key(|(address, _)| *address);
    }

    /// Returns true if the set is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.defined.is_empty()
    }

    /// Which names the file has kept.
    #[must_use]
    pub const fn kept(&self) -> Kept {
        match (self.defined.is_empty(), self.mapping.is_empty()) {
            (true, _) => Kept::None,
            (false, true) => Kept::Some,
            (false, false) => Kept::All,
        }
    }

    /// All that are defined, by address.
    #[must_use]
    pub fn all(&self) -> &[Symbol<'data>] {
        &self.defined
    }

    /// Those that nothing defines.
    #[must_use]
    pub fn undefined(&self) -> &[Symbol<'data>] {
        &self.undefined
    }

    /// Returns the starts of code and data within sections of code, by address, as far as the
    /// assembler has marked them.
    #[must_use]
    pub fn mapping(&self) -> &[(Address, Mapping)] {
        &self.mapping
    }

    /// The symbol of this name: as the linker knows it, as its author wrote it, or the last part of
    /// that, in this order.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Symbol<'data>> {
        let whole = self.defined.iter().find(|symbol| symbol.mangled == name);
        whole.or_else(|| {
            // Demangling all is slow; a mangled name holds the last part as it is.
            let part = name.rsplit("::").next().unwrap_or(name);
            let last = |symbol: &&Symbol<'_>| {
                symbol.mangled.contains(part) && {
                    let own = symbol.name();
                    own == name || own.strip_suffix(name).is_some_and(|module| module.ends_with("::"))
                }
            };
            self.defined.iter().find(last)
        })
    }

    /// The symbol whose bytes hold `address`; the last one before it where that one does not say
    /// how long it is.
    #[must_use]
    pub fn at(&self, address: Address) -> Option<&Symbol<'data>> {
        let upto = self.defined.partition_point(|symbol| symbol.address <= address);
        // Symbols can lie within each other, but few do, so the search ends here.
        let before = self.defined[..upto].iter().rev().filter(|symbol| symbol.defined == Defined::Section);
        let mut before = before.take(64);
        let holds = |symbol: &&Symbol<'_>| {
            let offset = address.wrapping_offset_from(symbol.address);
            offset < symbol.size.max(1) || symbol.size == 0 && symbol.function != Function::No
        };
        before.find(holds)
    }

    /// Returns the address of the symbol that follows `address`.
    #[must_use]
    pub fn next_after(&self, address: Address) -> Option<Address> {
        let after = self.defined.partition_point(|symbol| symbol.address <= address);
        self.defined.get(after).map(|symbol| symbol.address)
    }

    /// Symbol and offset, for people: `hello::TABLE+0x3`.
    #[must_use]
    pub fn describe(&self, address: Address) -> Option<String> {
        let symbol = self.at(address)?;
        let name = symbol.name();
        Some(match address.wrapping_offset_from(symbol.address) {
            0 => name,
            offset => format!("{name}+{offset:#x}"),
        })
    }
}

impl Symbol<'_> {
    /// The name as its author wrote it: demangled, without the hash.
    #[must_use]
    pub fn name(&self) -> String {
        demangle(self.mangled)
    }
}

/// A name as its author wrote it, cut where it is too long to show.
pub(crate) fn demangle(mut name: &str) -> String {
    if name.len() > SHOWN {
        name = &name[..(0..=SHOWN).rev().find(|&end| name.is_char_boundary(end)).unwrap_or_default()];
    }
    let mut shown = Limited(String::new());
    // It ends early where a short mangled name stands for a long one, by references to its own
    // parts.
    let _ = write!(shown, "{:#}", rustc_demangle::demangle(name));
    shown.0
}

/// Returns true if a symbol of this section is in memory. Debug information has symbols too, at
/// addresses without meaning.
fn is_loaded(elf: &ElfFile64<'_, LittleEndian>, section: SymbolSection) -> bool {
    let header = elf.elf_section_table().section(SectionIndex(section.0.into()));
    section == elf::SHN_UNDEF
        || header.map_or(true, |header| header.sh_flags(LittleEndian).0 & elf::SHF_ALLOC.0 != 0)
}

/// Returns true for compiler-generated local labels. The compiler's own constants and tables have
/// such names too.
fn is_label(elf: &ElfFile64<'_, LittleEndian>, entry: &elf::Sym64<LittleEndian>, name: &str) -> bool {
    let section = SectionIndex(usize::from(entry.st_shndx(LittleEndian).0));
    let code =
        |section: &elf::SectionHeader64<_>| section.sh_flags(LittleEndian).0 & elf::SHF_EXECINSTR.0 != 0;
    name.starts_with(".L") && elf.elf_section_table().section(section).is_ok_and(code)
}

/// Returns the meaning of a mapping symbol. The ISA may follow `$x`.
fn mapping(name: &str) -> Option<Mapping> {
    let kind = name.strip_prefix('$')?;
    match kind {
        "d" => Some(Mapping::Data),
        _ if kind.starts_with("d.") => Some(Mapping::Data),
        _ if kind.starts_with('x') => Some(Mapping::Code),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbols() -> Symbols<'static> {
        let symbol = |mangled, address, size| Symbol {
            mangled,
            address: Address(address),
            size,
            defined: Defined::Section,
            function: Function::Untold,
        };
        Symbols {
            defined: vec![
                symbol("_start", 0x1000, 0x10),
                symbol("_ZN5hello5TABLE17h0123456789abcdefE", 0x2000, 16),
            ],
            ..Symbols::default()
        }
    }

    #[test]
    fn an_address_is_described_by_symbol_and_offset() {
        assert_eq!(symbols().describe(Address(0x2003)).as_deref(), Some("hello::TABLE+0x3"));
        assert_eq!(symbols().describe(Address(0x1000)).as_deref(), Some("_start"));
        assert_eq!(symbols().describe(Address(0x2011)), None);
        assert_eq!(symbols().describe(Address(0xfff)), None);
    }

    #[test]
    fn a_symbol_is_found_by_its_whole_name_or_its_last_part() {
        let table = symbols().find("TABLE").map(|symbol| symbol.address);
        assert_eq!(table, Some(Address(0x2000)));
        assert_eq!(symbols().find("hello::TABLE").map(|symbol| symbol.address), table);
        assert_eq!(symbols().find("ABLE"), None);
    }

    #[test]
    fn a_function_begins_code_behind_data_of_another_object() {
        let mut symbols = symbols();
        symbols.mapping = vec![(Address(0x1008), Mapping::Data), (Address(0x2000), Mapping::Data)];
        for symbol in &mut symbols.defined {
            symbol.function = Function::Yes;
        }
        symbols.map_functions();
        // The marks of an assembler stay.
        let expected = [(0x1000, Mapping::Code), (0x1008, Mapping::Data), (0x2000, Mapping::Data)];
        assert_eq!(symbols.mapping(), expected.map(|(at, mapping)| (Address(at), mapping)));
    }

    #[test]
    fn mapping_symbols_are_no_names() {
        assert_eq!(mapping("$x"), Some(Mapping::Code));
        assert_eq!(mapping("$xrv64gc"), Some(Mapping::Code));
        assert_eq!(mapping("$d"), Some(Mapping::Data));
        assert_eq!((mapping("$done"), mapping("x")), (None, None));
    }
}
