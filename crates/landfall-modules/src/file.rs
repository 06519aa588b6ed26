//! A module's file: a relocatable ELF, as far as a loader reads it. Everything in it is untrusted.

use elf::ElfBytes;
use elf::abi;
use elf::endian::LittleEndian;
use elf::relocation::RelaIterator;
use elf::section::{SectionHeader, SectionHeaderTable};
use elf::symbol::{Symbol, SymbolTable};

use crate::error::LoadError;
use crate::float_abi::FloatAbi;
use crate::name::Name;
use crate::texts;

/// The most bytes of a symbol's name. Longer ones cannot be looked up.
const MOST_NAME: usize = 1024;

/// A file whose header and tables lie within it.
#[derive(Debug)]
pub(crate) struct File<'a> {
    sections: SectionHeaderTable<'a, LittleEndian>,
    section_names: &'a [u8],
    symbols: SymbolTable<'a, LittleEndian>,
    symbol_names: &'a [u8],
    bytes: &'a [u8],
}

/// The sections and symbols of a file, which a [`Workspace`](crate::Workspace) must have room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// Sections.
    pub sections: usize,
    /// Symbols.
    pub symbols: usize,
}

impl<'a> File<'a> {
    pub(crate) fn new(bytes: &'a [u8], abi: FloatAbi) -> Result<Self, LoadError> {
        if !bytes.starts_with(&abi::ELFMAGIC) {
            return Err(LoadError::NotElf);
        }
        let elf = ElfBytes::<LittleEndian>::minimal_parse(bytes).map_err(|_| LoadError::Damaged("header"))?;
        let header = &elf.ehdr;
        if header.class != elf::file::Class::ELF64 || header.e_machine != abi::EM_RISCV {
            return Err(LoadError::Architecture { machine: header.e_machine });
        }
        if header.e_type != abi::ET_REL {
            return Err(LoadError::NotRelocatable { kind: header.e_type });
        }
        if header.e_flags & FloatAbi::FLAGS != abi.flags() {
            return Err(LoadError::Abi { flags: header.e_flags, expected: abi });
        }
        let damaged = |what| move |_| LoadError::Damaged(what);
        let (sections, names) = elf.section_headers_with_strtab().map_err(damaged("section headers"))?;
        let (Some(sections), Some(_)) = (sections, names) else {
            return Err(LoadError::Damaged("section headers"));
        };
        let data = |section: &SectionHeader| data(bytes, section);
        let names = usize::from(header.e_shstrndx);
        let names = sections.get(names).map_err(damaged("names of sections"))?;
        let section_names = data(&names).ok_or(LoadError::Damaged("names of sections"))?;
        let mut tables = sections.iter().filter(|section| section.sh_type == abi::SHT_SYMTAB);
        let table = tables.next().ok_or(LoadError::Damaged("symbol table"))?;
        if tables.next().is_some() || table.sh_entsize != SYMBOL_SIZE {
            return Err(LoadError::Damaged("symbol table"));
        }
        let symbols = data(&table).ok_or(LoadError::Damaged("symbol table"))?;
        let names = sections.get(table.sh_link as usize).map_err(damaged("names of symbols"))?;
        let symbol_names = data(&names).ok_or(LoadError::Damaged("names of symbols"))?;
        let symbols = SymbolTable::new(LittleEndian, elf::file::Class::ELF64, symbols);
        Ok(Self { sections, section_names, symbols, symbol_names, bytes })
    }

    pub(crate) fn needs(&self) -> Needs {
        Needs { sections: self.sections.len(), symbols: self.symbols.len() }
    }

    /// Returns the sections, with their numbers.
    pub(crate) fn sections(&self) -> impl Iterator<Item = (usize, SectionHeader)> + 'a {
        self.sections.iter().enumerate()
    }

    pub(crate) fn section(&self, index: usize) -> Result<SectionHeader, LoadError> {
        self.sections.get(index).map_err(|_| LoadError::Damaged("section headers"))
    }

    /// Returns the name of a section, without what is behind its NUL.
    pub(crate) fn section_name(&self, section: &SectionHeader) -> &'a [u8] {
        text(self.section_names, section.sh_name)
    }

    /// Returns the contents of a section in the file: none for `.bss`.
    pub(crate) fn contents(&self, section: &SectionHeader) -> Result<&'a [u8], LoadError> {
        data(self.bytes, section)
            .ok_or_else(|| LoadError::SectionOutside(Name::new(self.section_name(section))))
    }

    /// Returns the contents of the first section with a name.
    pub(crate) fn named(&self, name: &[u8]) -> Result<&'a [u8], LoadError> {
        match self.sections.iter().find(|section| self.section_name(section) == name) {
            Some(section) => self.contents(&section),
            None => Ok(&[]),
        }
    }

    /// Returns the contents of a section of texts.
    pub(crate) fn texts(&self, name: &[u8]) -> Result<&'a [u8], LoadError> {
        /// Bytes: enough for hundreds of texts, and few enough to search for each symbol.
        const MOST: usize = 1 << 16;
        match self.named(name)? {
            texts if texts.len() <= MOST => Ok(texts),
            _ => Err(LoadError::TooLarge(Name::new(name))),
        }
    }

    pub(crate) fn symbol(&self, index: usize) -> Result<Symbol, LoadError> {
        self.symbols.get(index).map_err(|_| LoadError::NoSymbol(index))
    }

    pub(crate) fn symbols(&self) -> impl Iterator<Item = (usize, Symbol)> + 'a {
        self.symbols.iter().enumerate()
    }

    pub(crate) fn symbol_name(&self, symbol: &Symbol) -> &'a [u8] {
        text(self.symbol_names, symbol.st_name)
    }

    /// Returns the relocations of a section of relocations.
    pub(crate) fn relocations(&self, section: &SectionHeader) -> Result<Relocations<'a>, LoadError> {
        let name = || Name::new(self.section_name(section));
        let entries = self.contents(section)?;
        if section.sh_entsize != RELOCATION_SIZE as u64 || !entries.len().is_multiple_of(RELOCATION_SIZE) {
            return Err(LoadError::SectionOutside(name()));
        }
        Ok(Relocations(entries))
    }

    /// Returns the name in `.landfall.module`.
    pub(crate) fn module_name(&self) -> Result<&'a [u8], LoadError> {
        let name = texts::value(self.texts(texts::MODULE)?, b"name").ok_or(LoadError::NoName)?;
        let permitted = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
        if name.is_empty() || name.len() > crate::MOST_NAME || !name.iter().all(permitted) {
            return Err(LoadError::BadName(Name::new(name)));
        }
        Ok(name)
    }

    /// Returns the build ID of the kernel for which it was built, in lower-case hexadecimal.
    pub(crate) fn kernel(&self) -> Result<&'a [u8], LoadError> {
        Ok(texts::value(self.texts(texts::MODULE)?, b"kernel").unwrap_or_default())
    }
}

/// Bytes of an entry of a symbol table.
const SYMBOL_SIZE: u64 = 24;
/// Bytes of a relocation with an addend.
const RELOCATION_SIZE: usize = 24;

/// The relocations of one section.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Relocations<'a>(&'a [u8]);

/// A relocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rela {
    pub(crate) offset: u64,
    pub(crate) symbol: usize,
    pub(crate) number: u32,
    pub(crate) addend: u64,
}

impl<'a> Relocations<'a> {
    pub(crate) fn iter(self) -> impl Iterator<Item = Rela> + 'a {
        RelaIterator::new(LittleEndian, elf::file::Class::ELF64, self.0).map(|rela| Rela {
            offset: rela.r_offset,
            symbol: rela.r_sym as usize,
            number: rela.r_type,
            addend: rela.r_addend.cast_unsigned(),
        })
    }

    /// Returns the relocations at an offset. They are in ascending order of offsets.
    pub(crate) fn at(self, offset: u64) -> impl Iterator<Item = Rela> + 'a {
        let offset_of = |entry: usize| {
            let field = self.0.get(entry * RELOCATION_SIZE..).and_then(<[u8]>::first_chunk);
            field.map_or(u64::MAX, |bytes| u64::from_le_bytes(*bytes))
        };
        let (mut low, mut high) = (0, self.0.len() / RELOCATION_SIZE);
        while low < high {
            let middle = low.midpoint(high);
            if offset_of(middle) < offset { low = middle + 1 } else { high = middle }
        }
        let rest = Self(self.0.get(low * RELOCATION_SIZE..).unwrap_or_default());
        rest.iter().take_while(move |rela| rela.offset == offset)
    }
}

/// The contents of a section in the file.
fn data<'a>(bytes: &'a [u8], section: &SectionHeader) -> Option<&'a [u8]> {
    if section.sh_type == abi::SHT_NOBITS {
        return Some(&[]);
    }
    let start = usize::try_from(section.sh_offset).ok()?;
    let size = usize::try_from(section.sh_size).ok()?;
    bytes.get(start..start.checked_add(size)?)
}

/// The text at an offset of a table of strings, up to its NUL. Empty if no NUL is within
/// [`MOST_NAME`] bytes.
fn text(table: &[u8], offset: u32) -> &[u8] {
    let rest = table.get(offset as usize..).unwrap_or_default();
    let rest = &rest[..rest.len().min(MOST_NAME)];
    rest.iter().position(|byte| *byte == 0).map_or(&[], |end| &rest[..end])
}
