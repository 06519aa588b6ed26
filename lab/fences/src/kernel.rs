//! A kernel: its image, and where its instructions come from.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use addr2line::Context;
use addr2line::gimli::{EndianSlice, LittleEndian};
use landfall_host::build::{self, BuildError, Built, policy as record};
use object::{Object, ObjectSection, ObjectSymbol, SectionKind};
use thiserror::Error;

use crate::entry::Entries;
use crate::policy::{self, Policy};
use crate::site::{CALL, Site};
use crate::work::Work;

/// `lui a7, 0x52465`: the upper part of the SBI's extension RFENCE.
const RFENCE: u32 = 0x5246_58b7;
/// The most bytes of code between that instruction and the call.
const SETUP: u64 = 64;

/// A kernel.
#[derive(Clone, Debug)]
pub struct Kernel {
    /// Its package.
    pub name: String,
    /// The flat image, with each policy.
    pub image: Image,
    /// The instructions that order something, by their offset in the image.
    pub sites: Vec<Site>,
}

/// Why a kernel cannot be tried.
#[derive(Debug, Error)]
pub enum KernelError {
    /// It does not build.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// Its files cannot be read.
    #[error("cannot read the kernel's files: {0}")]
    Read(#[from] io::Error),
    /// Its ELF or its lines cannot be read.
    #[error("cannot read the kernel's ELF: {0}")]
    Elf(String),
    /// Its modules do not build.
    #[error("cannot build the kernel's modules: {0}")]
    Modules(String),
}

/// A flat image, once for each policy that a seed may draw.
#[derive(Clone, Debug)]
pub struct Image {
    /// The images.
    flats: Vec<Vec<u8>>,
    /// The work of the kernel.
    work: Work,
    /// The places at which a hart's state is known; `None` for a kernel without landfall's.
    pub entries: Option<Entries>,
}

impl Image {
    /// Returns an image with each policy.
    fn of(flat: &[u8], work: Work, entries: Option<Entries>) -> Result<Self, KernelError> {
        let changed = |policy: &Policy| {
            let mut image = flat.to_vec();
            let changes: Result<Vec<_>, _> = policy.changes.iter().map(|change| change.parse()).collect();
            let changes = changes.map_err(|error| KernelError::Elf(format!("{error}")))?;
            record::change_flat(&mut image, &changes).map_err(|error| KernelError::Elf(error.to_string()))?;
            Ok(image)
        };
        let flats = policy::ALL.iter().map(changed).collect::<Result<_, KernelError>>()?;
        Ok(Self { flats, work, entries })
    }

    /// Returns the image for a seed.
    #[must_use]
    pub fn of_seed(&self, seed: u64) -> &[u8] {
        &self.flats[self.index(seed)]
    }

    /// Returns the policy for a seed.
    pub(crate) fn policy(&self, seed: u64) -> &Policy {
        &policy::ALL[self.index(seed)]
    }

    /// Returns the work of the kernel.
    #[must_use]
    pub const fn work(&self) -> &Work {
        &self.work
    }

    /// Returns the same image with other work.
    #[must_use]
    pub fn with_work(self, work: Work) -> Self {
        Self { work, ..self }
    }

    /// Only a kernel that lands, and no more, has other policies than its own.
    fn index(&self, seed: u64) -> usize {
        if self.work.is_landing() { policy::of_seed(seed) } else { 0 }
    }
}

impl Kernel {
    /// Builds a kernel of this workspace.
    ///
    /// # Errors
    /// [`KernelError`] if it does not build, or cannot be read.
    pub fn build(name: &str) -> Result<Self, KernelError> {
        let Built { elf, flat } = build::named(name)?;
        Self::read(name, &elf, &flat)
    }

    /// Reads a kernel's ELF and flat image.
    ///
    /// # Errors
    /// [`KernelError`] if they cannot be read.
    pub fn read(name: &str, elf: &Path, flat: &Path) -> Result<Self, KernelError> {
        let bytes = fs::read(elf)?;
        let error = |error: Box<dyn std::error::Error>| KernelError::Elf(error.to_string());
        let sites = sites(&bytes).map_err(error)?;
        let entries = entries(&bytes).map_err(error)?;
        let image = Image::of(&fs::read(flat)?, Work::of(name, elf).map_err(KernelError::Modules)?, entries)?;
        Ok(Self { name: name.to_owned(), image, sites })
    }

    /// Returns the image in which each of these sites is replaced by an instruction.
    #[must_use]
    pub fn with<'a>(&self, changes: impl IntoIterator<Item = (&'a Site, u32)>) -> Image {
        let mut image = self.image.clone();
        for (site, instruction) in changes {
            for bytes in &mut image.flats {
                bytes[site.offset..site.offset + 4].copy_from_slice(&instruction.to_le_bytes());
            }
        }
        image
    }
}

/// Finds the sites of an ELF whose image begins with its first section.
fn sites(bytes: &[u8]) -> Result<Vec<Site>, Box<dyn std::error::Error>> {
    let elf = object::File::parse(bytes)?;
    let load = |id: addr2line::gimli::SectionId| -> Result<_, addr2line::gimli::Error> {
        let section = elf.section_by_name(id.name()).and_then(|section| section.data().ok());
        Ok(EndianSlice::new(section.unwrap_or_default(), LittleEndian))
    };
    let lines = Context::from_dwarf(addr2line::gimli::Dwarf::load(load)?)?;
    let names = Names::of(&elf);
    let mut sites = Vec::new();
    let base = base(&elf);
    for section in elf.sections().filter(|section| section.kind() == SectionKind::Text) {
        let data = section.data()?;
        let mut at = 0;
        let mut remote = None;
        while at + 2 <= data.len() {
            let address = section.address() + at as u64;
            if names.is_data(address) {
                at += 2;
                continue;
            }
            let short = data[at] & 3 != 3;
            if !short && at + 4 <= data.len() {
                let instruction = u32::from_le_bytes([data[at], data[at + 1], data[at + 2], data[at + 3]]);
                let offset = usize::try_from(address - base)?;
                let place = || place(&lines, address).unwrap_or_else(|| names.at(address));
                if instruction == RFENCE {
                    remote = Some(address);
                }
                let is_near = |remote| address - remote <= SETUP;
                if instruction == CALL && remote.take().is_some_and(is_near) {
                    sites.push(Site::remote_fence(offset, place()));
                } else {
                    sites.extend(Site::of(instruction, offset, place));
                }
            }
            at += if short { 2 } else { 4 };
        }
    }
    Ok(sites)
}

/// Finds the places at which a hart's state is known.
fn entries(bytes: &[u8]) -> Result<Option<Entries>, Box<dyn std::error::Error>> {
    let elf = object::File::parse(bytes)?;
    let base = base(&elf);
    Ok(Entries::find(|name| Some(elf.symbol_by_name(name)?.address() - base)))
}

/// Returns the address of the first section of code, which the image begins with.
fn base(elf: &object::File<'_>) -> u64 {
    let text = elf.sections().filter(|section| section.kind() == SectionKind::Text);
    text.map(|section| section.address()).min().unwrap_or_default()
}

/// Returns the file and line of an address, the file from the root of the workspace.
fn place(lines: &Context<EndianSlice<'_, LittleEndian>>, address: u64) -> Option<String> {
    // The innermost frame of landfall's own: an atomic of `core` is inlined into it.
    let mut frames = lines.find_frames(address).skip_all_loads().ok()?;
    while let Ok(Some(frame)) = frames.next() {
        let Some(location) = frame.location else { continue };
        let file = location.file.unwrap_or_default();
        let start = ["crates/", "kernels/", "lab/"].iter().find_map(|root| file.find(root));
        if let Some(at) = start.filter(|_| !file.contains("registry")) {
            return Some(format!("{}:{}", &file[at..], location.line.unwrap_or_default()));
        }
    }
    None
}

/// The names of assembly, which has no lines, and the places of its data.
struct Names {
    /// By address: a name.
    names: BTreeMap<u64, String>,
    /// By address: whether data begins there, or code.
    data: BTreeMap<u64, bool>,
}

impl Names {
    fn of(elf: &object::File<'_>) -> Self {
        let mut names = BTreeMap::new();
        let mut data = BTreeMap::new();
        for symbol in elf.symbols() {
            let name = symbol.name().unwrap_or_default();
            if name.starts_with("$d") || name.starts_with("$x") {
                data.insert(symbol.address(), name.starts_with("$d"));
            } else if !name.is_empty() && !name.starts_with(".L") {
                names.insert(symbol.address(), name.to_owned());
            }
        }
        Self { names, data }
    }

    fn at(&self, address: u64) -> String {
        self.names.range(..=address).next_back().map_or_else(String::new, |(_, name)| name.clone())
    }

    fn is_data(&self, address: u64) -> bool {
        self.data.range(..=address).next_back().is_some_and(|(_, &is_data)| is_data)
    }
}
