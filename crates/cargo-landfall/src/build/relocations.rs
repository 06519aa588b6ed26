//! Relocations that a kernel must not have.
//!
//! A kernel relocates itself by RELR, which holds addresses of aligned 8-byte slots and nothing else. The linker puts
//! whatever does not fit into `.rela.dyn`, which nobody reads at boot: the pointer would keep its link address. So such a
//! kernel is not built, and the message names the place.

use std::fmt::Write;
use std::path::Path;

use object::elf::{self, RelocationType};
use object::read::elf::{ElfFile64, Rela, SectionHeader, Sym};
use object::{LittleEndian, SymbolIndex};

use crate::symbols::Symbols;
use crate::units::Address;

/// A relocation that `rebase` cannot do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relocation {
    /// The section that holds it.
    pub section: String,
    /// Its type, as the ABI names it.
    pub kind: Kind,
    /// The address that it patches.
    pub place: Address,
    /// What lies there: `hello::TABLE+0x3 in .data`.
    pub place_name: String,
    /// What it makes that place point to.
    pub target: String,
}

/// The type of a relocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind(RelocationType);

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match elf::NAMES_R_RISCV.name(self.0) {
            Some(name) => f.write_str(name),
            None => write!(f, "relocation type {}", self.0.0),
        }
    }
}

/// All relocations in the loaded sections of `elf` besides RELR.
///
/// Sections that are not loaded (`--emit-relocs`) say how the linker worked and ask nothing of the kernel.
#[must_use]
pub fn find(elf: &ElfFile64<'_, LittleEndian>) -> Vec<Relocation> {
    let symbols = Symbols::of(elf);
    let sections = elf.elf_section_table();
    let loaded = sections.iter().filter(|header| header.sh_flags(LittleEndian).0 & elf::SHF_ALLOC.0 != 0);
    let mut found = Vec::new();
    for header in loaded {
        let Ok(Some((entries, _))) = header.rela(LittleEndian, elf.data()) else { continue };
        let name = sections.section_name(LittleEndian, header).unwrap_or_default();
        let name = String::from_utf8_lossy(name);
        found.extend(entries.iter().map(|entry| {
            let place = Address(entry.r_offset(LittleEndian));
            Relocation {
                section: name.clone().into_owned(),
                kind: Kind(entry.r_type(LittleEndian, false)),
                place,
                place_name: symbols.describe(place),
                target: target(elf, entry, &symbols),
            }
        }));
    }
    found
}

/// What a relocation points to: a symbol of its own, or the address in its addend.
fn target(elf: &ElfFile64<'_, LittleEndian>, entry: &elf::Rela64<LittleEndian>, symbols: &Symbols) -> String {
    let addend = entry.r_addend(LittleEndian).cast_unsigned();
    let Some(index) = entry.symbol(LittleEndian, false) else {
        return symbols.describe(Address(addend));
    };
    let named = symbol_name(elf, index).unwrap_or_else(|| format!("dynamic symbol {}", index.0));
    if addend == 0 { named } else { format!("{named}+{addend:#x}") }
}

fn symbol_name(elf: &ElfFile64<'_, LittleEndian>, index: SymbolIndex) -> Option<String> {
    let table = elf.elf_dynamic_symbol_table();
    let symbol = table.symbol(index).ok()?;
    let name = symbol.name(LittleEndian, table.strings()).ok()?;
    Some(format!("{:#}", rustc_demangle::demangle(std::str::from_utf8(name).ok()?)))
}

/// More than these are not told one by one.
const TOLD: usize = 8;

/// The message for a kernel that has such relocations.
pub(super) fn explain(path: &Path, found: &[Relocation]) -> String {
    let mut text = format!(
        "{} has {} that landing cannot do: only RELR, which holds aligned 8-byte pointers, is applied at boot",
        path.display(),
        match found.len() {
            1 => "a relocation".to_owned(),
            count => format!("{count} relocations"),
        }
    );
    for Relocation { section, kind, place, place_name, target } in found.iter().take(TOLD) {
        let why = why(*kind, *place);
        let _ =
            write!(text, "\n  {kind} ({section}) at {place}, {place_name}, points to {target}\n    {why}");
    }
    if found.len() > TOLD {
        let _ = write!(text, "\n  and {} more", found.len() - TOLD);
    }
    text
}

/// Why the linker made such a relocation, and what to do about it.
fn why(kind: Kind, place: Address) -> &'static str {
    match kind.0 {
        elf::R_RISCV_RELATIVE if !place.0.is_multiple_of(8) => {
            "RELR cannot hold a pointer at an address that is no multiple of 8: is it in a `#[repr(packed)]` static? \
             Align it, or compute it at run time"
        }
        elf::R_RISCV_RELATIVE => {
            "its place is aligned by chance only, so the linker did not use RELR: is it in a `#[repr(packed)]` static? \
             Align it, or compute it at run time. If every pointer is listed, link with `-zpack-relative-relocs`, as the \
             crate `landfall-build` does"
        }
        elf::R_RISCV_IRELATIVE => "a function chosen at load time (ifunc) needs a loader: choose at run time",
        elf::R_RISCV_32 => {
            "a 32-bit word cannot hold an address of the kernel: store an offset from another symbol"
        }
        _ => "the symbol is left to another program: define it in the kernel, or do not export it",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relocation(kind: RelocationType, place: u64) -> Relocation {
        Relocation {
            section: ".rela.dyn".into(),
            kind: Kind(kind),
            place: Address(place),
            place_name: "hello::PACKED+0x1 in .data".into(),
            target: "hello::main".into(),
        }
    }

    #[test]
    fn the_message_names_type_place_and_target() {
        let text = explain(Path::new("hello"), &[relocation(elf::R_RISCV_RELATIVE, 0x1001)]);
        for part in ["R_RISCV_RELATIVE", ".rela.dyn", "0x1001", "hello::PACKED+0x1", "hello::main", "packed"]
        {
            assert!(text.contains(part), "{part} is missing in: {text}");
        }
    }

    #[test]
    fn many_are_counted_and_unknown_types_numbered() {
        let many = vec![relocation(RelocationType(250), 0x1000); 20];
        let text = explain(Path::new("hello"), &many);
        assert!(text.contains("20 relocations") && text.contains("and 12 more"), "{text}");
        assert!(text.contains("relocation type 250"), "{text}");
    }
}
