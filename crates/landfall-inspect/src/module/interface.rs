//! The interface that a module binds to: a kernel's, or that of a module that is loaded before it.

use std::collections::BTreeMap;

use object::LittleEndian;
use object::read::elf::FileHeader;
use object::{Object, elf::FileFlags};
use thiserror::Error;

use super::about::BuildId;
use super::exports::{self, Export};
use crate::subject::{Kind, ReadError, Subject};
use crate::units::Address;

/// Exports, and the identity of the file that has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// The build ID of a kernel.
    pub build_id: Option<BuildId>,
    /// The ELF's `e_flags`, with the ABI of floating point.
    pub(super) flags: FileFlags,
    /// The signature of each exported symbol; empty for one that is not stable.
    exports: BTreeMap<String, String>,
}

/// Why a file has no interface for modules.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InterfaceError {
    /// The file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The file is of another kind.
    #[error("it is {}, and not {expected}", .found.text())]
    Kind {
        /// Its kind.
        found: Kind,
        /// The kind that has an interface.
        expected: &'static str,
    },
    /// The table of exports is damaged.
    #[error("its table of exports is damaged at {at}: {found}")]
    Exports {
        /// The place.
        at: Address,
        /// The content of the place.
        found: String,
    },
}

/// The linker's names for the ends of a kernel's table, if it has no section of its own.
const ENDS: [&str; 2] = ["__landfall_exports_start", "__landfall_exports_end"];

impl Interface {
    /// Reads the interface of a kernel's ELF. A kernel without exports has an empty one.
    ///
    /// # Errors
    /// [`InterfaceError`] if the file is no ELF of a kernel, or its table is damaged.
    pub fn of_kernel(file: &[u8]) -> Result<Self, InterfaceError> {
        let subject = Subject::read(file)?;
        match subject.kind() {
            Kind::LandfallElf | Kind::OtherElf => Self::of(&subject),
            found => Err(InterfaceError::Kind { found, expected: "a kernel's ELF" }),
        }
    }

    /// Reads the interface of a module.
    ///
    /// # Errors
    /// [`InterfaceError`] if the file is no module, or its table is damaged.
    pub fn of_module(file: &[u8]) -> Result<Self, InterfaceError> {
        let subject = Subject::read(file)?;
        match subject.kind() {
            Kind::Module => Self::of(&subject),
            found => Err(InterfaceError::Kind { found, expected: "a module" }),
        }
    }

    /// Returns the signature of an exported symbol; empty if it is not stable.
    #[must_use]
    pub fn signature(&self, symbol: &str) -> Option<&str> {
        self.exports.get(symbol).map(String::as_str)
    }

    fn of(subject: &Subject<'_>) -> Result<Self, InterfaceError> {
        let (bytes, start) = table(subject);
        let (records, fault) = exports::read(bytes, start);
        if let Some(fault) = fault {
            return Err(InterfaceError::Exports { at: fault.at, found: fault.found });
        }
        let elf = subject.elf();
        let pair = |export: Export<'_>| (export.symbol.to_owned(), export.signature.to_owned());
        Ok(Self {
            build_id: elf.and_then(|elf| elf.build_id().ok().flatten()).and_then(BuildId::of),
            flags: elf.map_or(FileFlags(0), |elf| elf.elf_header().e_flags(LittleEndian)),
            exports: records.into_iter().map(pair).collect(),
        })
    }
}

/// Returns the bytes of the table, and their address.
fn table<'data>(subject: &Subject<'data>) -> (&'data [u8], Address) {
    let [start, end] = ENDS.map(|name| subject.symbols().find(name).map(|symbol| symbol.address));
    let (start, size) = match (subject.section(exports::SECTION), start, end) {
        (Some(section), ..) => (section.address, section.size),
        (None, Some(start), Some(end)) => (start, end.0.saturating_sub(start.0)),
        (None, ..) => return (&[], Address(0)),
    };
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    (subject.bytes(start, size).unwrap_or_default(), start)
}
