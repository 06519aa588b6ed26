//! Modules for debuggers: each file as an ELF with addresses, whose sections a debugger moves to
//! where the module is loaded.
//!
//! No debugger relocates the debug information of a module for RISC-V in every version. So the copy
//! for it is linked to the addresses of [`Part`], far from each other.

use std::path::PathBuf;

use landfall_inspect::Subject;
use landfall_inspect::subject::Part;
use object::build::elf::{Builder, SectionData};
use object::{SectionIndex, elf};

use super::DebugError;
use super::session::Folder;
use crate::modules::ModuleFile;
use crate::symbols::demangle;

/// A module that may be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Module {
    /// Its name.
    pub(super) name: String,
    /// The ELF for debuggers.
    pub(super) elf: PathBuf,
    /// Its sections: name, part, and offset in the part.
    pub(super) sections: Vec<(String, Part, u64)>,
}

/// Writes the files for debuggers into `folder`.
pub(super) fn write(files: &[ModuleFile], folder: &Folder) -> Result<Vec<Module>, DebugError> {
    let written = |file: &ModuleFile| {
        let unreadable = |source| DebugError::Rewrite { path: file.path.clone(), source };
        let Ok(subject) = Subject::read(&file.bytes) else { return Ok(None) };
        let elf = folder.write(&format!("{}.elf", file.name), &placed(&subject).map_err(unreadable)?)?;
        let sections = subject.sections().iter().filter_map(|section| {
            let part = Part::of_address(section.address)?;
            Some((section.name.to_owned(), part, section.address.wrapping_offset_from(part.base())))
        });
        Ok(Some(Module { name: file.name.clone(), elf, sections: sections.collect() }))
    };
    files.iter().filter_map(|file| written(file).transpose()).collect()
}

/// Returns a module as an ELF whose sections have the addresses of [`Part`].
fn placed(subject: &Subject<'_>) -> Result<Vec<u8>, object::build::Error> {
    let mut elf = Builder::read(subject.file())?;
    elf.header.e_type = elf::ET_EXEC;
    let mut starts = Vec::new();
    for (index, section) in (1..).map(SectionIndex).zip(&mut elf.sections) {
        if let Some(address) = subject.section_address(index) {
            section.sh_addr = address.0;
            starts.push((section.id(), address.0));
        }
        section.delete = matches!(section.data, SectionData::Relocation(_));
        let name = String::from_utf8_lossy(&section.name).into_owned();
        if let Some(bytes) = subject.relocated_debug_information(&name) {
            section.data = SectionData::Data(bytes.into());
        }
    }
    for symbol in &mut elf.symbols {
        let start = starts.iter().find(|(section, _)| symbol.section == Some(*section));
        symbol.st_value = symbol.st_value.wrapping_add(start.map_or(0, |(_, start)| *start));
        if let Ok(name) = std::str::from_utf8(&symbol.name) {
            symbol.name = demangle(name).into_bytes().into();
        }
    }
    let mut bytes = Vec::new();
    elf.write(&mut bytes)?;
    Ok(bytes)
}
