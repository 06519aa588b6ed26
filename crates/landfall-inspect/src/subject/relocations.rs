//! The content of relocation tables.

use std::fmt;

use object::elf::{self, RelocationType};
use object::read::elf::{ElfFile64, Rela, SectionHeader, Sym};
use object::{LittleEndian, SymbolIndex};

use super::Subject;
use super::budget::{Budget, Exceeded};
use crate::units::Address;

/// The type of a relocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelocationKind(pub RelocationType);

impl fmt::Display for RelocationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match elf::NAMES_R_RISCV.name(self.0) {
            Some(name) => f.write_str(name),
            None => write!(f, "relocation type {}", self.0.0),
        }
    }
}

/// Which table a slot stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// RELR.
    Relr,
    /// A table with addends.
    Rela,
}

/// An entry of a table with addends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relocation {
    /// Which section holds it, by number.
    pub section: usize,
    /// Its type.
    pub kind: RelocationKind,
    /// The address that it patches.
    pub place: Address,
    /// The dynamic symbol that it names.
    pub symbol: Option<SymbolIndex>,
    /// Its addend.
    pub addend: u64,
}

/// The tables of a file.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) relocations: Vec<Relocation>,
    /// The words of RELR tables. Those of several tables follow each other.
    pub(super) relr: Vec<u64>,
    pub(super) broken: Vec<(String, String)>,
}

impl Subject<'_> {
    /// Returns the target of a relocation: its symbol, or the address in its addend.
    #[must_use]
    pub fn target(&self, relocation: &Relocation) -> String {
        let addend = Address(relocation.addend);
        let Some(index) = relocation.symbol else {
            return self.symbols().describe(addend).unwrap_or_else(|| addend.to_string());
        };
        let named = self.dynamic_name(index).unwrap_or_else(|| format!("dynamic symbol {}", index.0));
        if addend.0 == 0 { named } else { format!("{named}+{addend}") }
    }

    fn dynamic_name(&self, index: SymbolIndex) -> Option<String> {
        let table = self.elf()?.elf_dynamic_symbol_table();
        let name = table.symbol(index).ok()?.name(LittleEndian, table.strings()).ok()?;
        let name = name.get(..300).unwrap_or(name);
        Some(format!("{:#}", rustc_demangle::demangle(std::str::from_utf8(name).ok()?)))
    }
}

/// Reads the tables that are loaded. Others (`--emit-relocs`) say how the linker worked and ask
/// nothing of the kernel.
pub(super) fn read(elf: &ElfFile64<'_, LittleEndian>, budget: &mut Budget) -> Result<Tables, Exceeded> {
    let sections = elf.elf_section_table();
    let mut tables = Tables::default();
    for (index, header) in sections.iter().enumerate() {
        let loaded = header.sh_flags(LittleEndian).0 & elf::SHF_ALLOC.0 != 0;
        let kind = header.sh_type(LittleEndian);
        if !loaded || !matches!(kind, elf::SHT_RELA | elf::SHT_RELR | elf::SHT_REL) {
            continue;
        }
        let name = || {
            let name = sections.section_name(LittleEndian, header).unwrap_or_default();
            String::from_utf8_lossy(name).into_owned()
        };
        let entry = if kind == elf::SHT_RELA {
            24
        } else if kind == elf::SHT_REL {
            16
        } else {
            8
        };
        let mut broken = |what: String| tables.broken.push((name(), what));
        let Ok(data) = header.data(LittleEndian, elf.data()) else {
            broken("it reaches beyond the file's end".to_owned());
            continue;
        };
        budget.take(data.len())?;
        if !data.len().is_multiple_of(entry) {
            broken(format!(
                "it takes {} bytes, which is no multiple of {entry}, an entry's size",
                data.len()
            ));
        }
        if kind == elf::SHT_REL && !data.is_empty() {
            broken("it has entries without addends (SHT_REL), which RV64 does not use".to_owned());
        } else if kind == elf::SHT_RELR {
            tables.relr.extend(data.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)));
        } else if let Ok(Some((entries, _))) = header.rela(LittleEndian, elf.data()) {
            tables.relocations.extend(entries.iter().map(|entry| Relocation {
                section: index,
                kind: RelocationKind(entry.r_type(LittleEndian, false)),
                place: Address(entry.r_offset(LittleEndian)),
                symbol: entry.symbol(LittleEndian, false),
                addend: entry.r_addend(LittleEndian).cast_unsigned(),
            }));
        }
    }
    Ok(tables)
}
