//! Lines of source, from debug information. It is read when the first line is asked for, and never
//! otherwise.
//!
//! Compressed sections are decompressed within a budget, so that a small file cannot take all
//! memory.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use addr2line::Context;
use gimli::{EndianRcSlice, EndianSlice, LittleEndian as Little, Reader, SectionId};
use object::read::elf::ElfFile64;
use object::{CompressionFormat, LittleEndian, Object, ObjectSection};

use super::frames::{self, Frame};
use super::module::Placed;
use super::relocated;
use crate::contain::contain;
use crate::units::Address;

/// Bytes of decompressed sections for each byte of the file, and those that any file may have.
/// Debug information shrinks to a third or a fifth.
const MULTIPLE: u64 = 16;
const ANY: u64 = 256 << 10;

/// Debug information, read when it is first needed.
#[derive(Default)]
pub(super) struct Source<'data> {
    lines: OnceCell<Option<Lines<'data>>>,
    failed: RefCell<Option<String>>,
    /// Lines from another process: then no others are searched.
    given: Option<BTreeMap<Address, String>>,
    /// The file is a module, whose debug information is not relocated yet.
    is_relocatable: bool,
}

/// Returns true if the file has lines of source.
pub(super) fn is_there(elf: &ElfFile64<'_, LittleEndian>) -> bool {
    IDS.iter().any(|id| elf.section_by_name(id.name()).is_some())
}

enum Lines<'data> {
    /// In the file's own bytes.
    Plain(Context<EndianSlice<'data, Little>>),
    /// In copies of them, since some were compressed.
    Copied(Context<EndianRcSlice<Little>>),
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Source")
    }
}

impl<'data> Source<'data> {
    /// These lines, and no others.
    pub(super) fn given(lines: BTreeMap<Address, String>) -> Self {
        Self { given: Some(lines), ..Self::default() }
    }

    /// The lines of a module.
    pub(super) fn of_module() -> Self {
        Self { is_relocatable: true, ..Self::default() }
    }

    /// File and line of the code at `address`.
    pub(super) fn line(
        &self,
        elf: Option<&ElfFile64<'data, LittleEndian>>,
        placed: &Placed,
        size: usize,
        address: Address,
    ) -> Option<String> {
        if let Some(given) = &self.given {
            return given.get(&address).cloned();
        }
        self.ask(|| match self.lines.get_or_init(|| self.load(elf?, placed, size)).as_ref()? {
            Lines::Plain(context) => line(context, address),
            Lines::Copied(context) => line(context, address),
        })
    }

    /// The functions whose code is at `address`, the innermost first: each but the last was inlined
    /// into the next.
    pub(super) fn frames(
        &self,
        elf: Option<&ElfFile64<'data, LittleEndian>>,
        placed: &Placed,
        size: usize,
        address: Address,
    ) -> Option<Vec<Frame>> {
        self.ask(|| match self.lines.get_or_init(|| self.load(elf?, placed, size)).as_ref()? {
            Lines::Plain(context) => frames::at(context, address),
            Lines::Copied(context) => frames::at(context, address),
        })
    }

    fn ask<T>(&self, question: impl FnOnce() -> Option<T>) -> Option<T> {
        // A reader that has failed once is not used again.
        if self.failed.borrow().is_some() {
            return None;
        }
        contain(question).unwrap_or_else(|panicked| {
            self.fail(&panicked.to_string());
            None
        })
    }

    /// Why there are no lines although there is debug information.
    pub(super) fn failure(&self) -> Option<String> {
        self.failed.borrow().clone()
    }

    fn fail(&self, why: &str) {
        self.failed.borrow_mut().get_or_insert_with(|| why.to_owned());
    }

    fn load(
        &self,
        elf: &ElfFile64<'data, LittleEndian>,
        placed: &Placed,
        size: usize,
    ) -> Option<Lines<'data>> {
        let mut left = (size as u64).saturating_mul(MULTIPLE).saturating_add(ANY);
        let mut is_copied = false;
        let mut sections = Vec::new();
        for id in IDS {
            let bytes = match elf.section_by_name(id.name()).map(|section| section.compressed_data()) {
                None => continue,
                Some(Ok(data)) => {
                    let is_plain = data.format == CompressionFormat::None;
                    is_copied |= !is_plain || self.is_relocatable;
                    let Some(rest) = left.checked_sub(if is_plain { 0 } else { data.uncompressed_size })
                    else {
                        self.fail("compressed sections are more than 16 times as large as the file");
                        return None;
                    };
                    left = rest;
                    data.decompress()
                }
                Some(Err(error)) => Err(error),
            };
            match bytes {
                Ok(bytes) if self.is_relocatable => {
                    sections.push((id, relocated::section(elf, placed, id.name(), bytes)));
                }
                Ok(bytes) => sections.push((id, bytes)),
                Err(error) => {
                    self.fail(&format!("section {}: {error}", id.name()));
                    return None;
                }
            }
        }
        if sections.is_empty() {
            return None;
        }
        let lines = if is_copied { copied(sections) } else { plain(&sections) };
        lines.map_err(|error| self.fail(&error.to_string())).ok()
    }
}

/// The sections that lines are found by.
const IDS: [SectionId; 11] = [
    SectionId::DebugAbbrev,
    SectionId::DebugAddr,
    SectionId::DebugAranges,
    SectionId::DebugInfo,
    SectionId::DebugLine,
    SectionId::DebugLineStr,
    SectionId::DebugRanges,
    SectionId::DebugRngLists,
    SectionId::DebugStr,
    SectionId::DebugStrOffsets,
    SectionId::DebugTypes,
];

type Sections<'data> = Vec<(SectionId, Cow<'data, [u8]>)>;

fn plain<'data>(sections: &Sections<'data>) -> Result<Lines<'data>, gimli::Error> {
    let section = |id| {
        let found = sections.iter().find(|(own, _)| *own == id);
        match found {
            Some((_, Cow::Borrowed(bytes))) => EndianSlice::new(bytes, Little),
            _ => EndianSlice::new(&[], Little),
        }
    };
    context(section).map(Lines::Plain)
}

fn copied<'data>(mut sections: Sections<'_>) -> Result<Lines<'data>, gimli::Error> {
    let mut section = |id| {
        let found = sections.iter_mut().find(|(own, _)| *own == id);
        let bytes = found.map(|(_, bytes)| std::mem::take(bytes)).unwrap_or_default();
        EndianRcSlice::new(Rc::from(bytes.as_ref()), Little)
    };
    context(&mut section).map(Lines::Copied)
}

fn context<R: Reader>(mut section: impl FnMut(SectionId) -> R) -> Result<Context<R>, gimli::Error> {
    Context::from_dwarf(gimli::Dwarf::load(|id| Ok::<_, gimli::Error>(section(id)))?)
}

fn line<R: Reader>(context: &Context<R>, address: Address) -> Option<String> {
    let location = context.find_location(address.0).ok()??;
    let (file, line) = (location.file?, location.line?);
    Some(format!("{file}:{line}"))
}
