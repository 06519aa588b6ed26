//! Lines of source, from debug information. It is read when the first line is asked for, and never otherwise.

use std::cell::OnceCell;
use std::fmt;

use addr2line::Context;
use gimli::{EndianSlice, LittleEndian as Little, SectionId};
use object::read::elf::ElfFile64;
use object::{LittleEndian, Object, ObjectSection};

use crate::units::Address;

type Reader<'data> = EndianSlice<'data, Little>;

/// Debug information, read when it is first needed.
#[derive(Default)]
pub(super) struct Source<'data>(OnceCell<Option<Context<Reader<'data>>>>);

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Source")
    }
}

impl<'data> Source<'data> {
    /// File and line of the code at `address`.
    pub(super) fn line(
        &self,
        elf: Option<&ElfFile64<'data, LittleEndian>>,
        address: Address,
    ) -> Option<String> {
        let context = self.0.get_or_init(|| load(elf?)).as_ref()?;
        let location = context.find_location(address.0).ok()??;
        let (file, line) = (location.file?, location.line?);
        Some(format!("{file}:{line}"))
    }
}

fn load<'data>(elf: &ElfFile64<'data, LittleEndian>) -> Option<Context<Reader<'data>>> {
    let section = |id: SectionId| {
        // Compressed sections are left alone: they could be of any size.
        let data = elf.section_by_name(id.name()).and_then(|section| section.data().ok());
        Ok::<_, gimli::Error>(EndianSlice::new(data.unwrap_or_default(), Little))
    };
    Context::from_dwarf(gimli::Dwarf::load(section).ok()?).ok()
}
