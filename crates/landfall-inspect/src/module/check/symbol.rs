//! A symbol of the file, by its number.

use object::elf::{self, SymbolBind};
use object::read::elf::{ElfFile, Sym};
use object::{LittleEndian, SectionIndex, SymbolIndex};

use crate::subject::{Section, Subject};
use crate::units::Address;

/// The source of a symbol's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// In a loaded section.
    At(Address),
    /// In a section that is not loaded.
    NotLoaded,
    /// A number.
    Absolute,
    /// No place yet.
    Common,
    /// Nothing defines it.
    Undefined,
}

/// A symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Symbol<'data> {
    /// Its name; empty if it has none, or none that is UTF-8.
    pub(super) name: &'data str,
    pub(super) bind: SymbolBind,
    pub(super) value: Value,
    pub(super) size: u64,
}

/// Returns the symbol of this number.
pub(super) fn find<'data>(subject: &Subject<'data>, index: SymbolIndex) -> Option<Symbol<'data>> {
    Some(read(subject, subject.elf()?.elf_symbol_table().symbol(index).ok()?))
}

/// Returns the section that holds `address`.
pub(super) fn section_at<'a, 'data>(
    subject: &'a Subject<'data>,
    address: Address,
) -> Option<&'a Section<'data>> {
    let sections = subject.sections();
    let before = sections.partition_point(|section| section.address <= address);
    sections[..before].last().filter(|section| section.holds(address))
}

/// Returns all symbols that other files can see.
pub(super) fn global<'a, 'data>(subject: &'a Subject<'data>) -> impl Iterator<Item = Symbol<'data>> + 'a {
    let table = subject.elf().map(ElfFile::elf_symbol_table);
    let symbols = table.into_iter().flat_map(|table| table.iter().skip(1));
    let is_global = |symbol: &&elf::Sym64<LittleEndian>| symbol.st_bind() != elf::STB_LOCAL;
    symbols.filter(is_global).map(|symbol| read(subject, symbol)).filter(|symbol| !symbol.name.is_empty())
}

fn read<'data>(subject: &Subject<'data>, symbol: &elf::Sym64<LittleEndian>) -> Symbol<'data> {
    let strings = subject.elf().map(|elf| elf.elf_symbol_table().strings());
    let name = strings.and_then(|strings| symbol.name(LittleEndian, strings).ok());
    let section = symbol.st_shndx(LittleEndian);
    let value = match section {
        elf::SHN_UNDEF => Value::Undefined,
        elf::SHN_ABS => Value::Absolute,
        elf::SHN_COMMON => Value::Common,
        section => match subject.section_address(SectionIndex(section.0.into())) {
            Some(start) => Value::At(start.wrapping_add(symbol.st_value(LittleEndian))),
            None => Value::NotLoaded,
        },
    };
    Symbol {
        name: name.and_then(|name| std::str::from_utf8(name).ok()).unwrap_or_default(),
        bind: symbol.st_bind(),
        value,
        size: symbol.st_size(LittleEndian),
    }
}
