//! The kernel that a test boots: what its file permits, and what can be judged.

use std::path::PathBuf;

use landfall_image::header::BootHeader;
use landfall_image::record::RecordError;
use landfall_inspect::flat::{self, FlatError};
use landfall_judge::image::Image;
use landfall_predict::blueprint::Blueprint;
use landfall_predict::units::{Address, Size};

use super::TrialError;
use crate::elf;
use crate::image::{ImageError, flat_image};
use crate::kernel::KernelFile;
use crate::place;
use crate::prepared::Prepared;
use crate::symbols::Symbols;
use crate::user_file::{self, Limit};

/// A kernel under test.
#[derive(Debug)]
pub(super) struct Subject {
    /// The kernel's files.
    pub(super) prepared: Prepared,
    /// Bytes in memory.
    pub(super) size: Size,
    /// The addresses that its file permits.
    pub(super) permits: Permits,
    /// The boot protocols that its file offers.
    pub(super) protocols: Protocols,
    /// Its judges.
    pub(super) judged: Judged,
}

/// The physical addresses that a kernel's file permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Permits {
    /// Multiples of this size.
    Multiples(Size),
    /// The address that its segments name.
    Only(Address),
}

/// The boot protocols that a kernel's file offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocols {
    /// Segments of an ELF alone.
    Elf,
    /// The boot header of Linux.
    Linux,
    /// That header, and the header of an EFI application.
    LinuxAndEfi,
}

/// The judges of a kernel besides its verdict.
#[derive(Debug)]
pub(super) enum Judged {
    /// Its landing: the tables, the kernel's words and the report, against the plan.
    Landing(Box<Landing>),
    /// Its report. A flat image has no symbols, so the machine cannot be stopped at `main`.
    Report,
    /// Its tables, at the verdict.
    Tables,
}

/// A landfall kernel with its symbols.
#[derive(Debug)]
pub(super) struct Landing {
    /// The kernel's file as the planner reads it.
    pub(super) blueprint: Blueprint,
    /// The same as the judges read it.
    pub(super) image: Image,
    /// Names and addresses.
    pub(super) symbols: Symbols,
}

/// The alignment of Linux's images.
const LINUX: Size = Size::mib(2);
/// The alignment of landfall's.
const LANDFALL: Size = Size::kib(4);

impl Subject {
    /// Reads the files of a kernel that is ready to boot.
    pub(super) fn of(prepared: Prepared) -> Result<Self, TrialError> {
        let boots = prepared.boots().clone();
        let bytes = image_of(&boots)?;
        let header = BootHeader::read(&bytes).ok();
        let protocols = match &header {
            None => Protocols::Elf,
            Some(_) if bytes.starts_with(b"MZ") => Protocols::LinuxAndEfi,
            Some(_) => Protocols::Linux,
        };
        let length = bytes.len() as u64;
        let size = Size(header.as_ref().map_or(length, |header| header.image_size.max(length)));
        let (permits, judged) = match Blueprint::of_image(&bytes) {
            Ok(blueprint) => (Permits::Multiples(LANDFALL), landfall(&prepared, &bytes, blueprint)?),
            Err(_) if header.is_some() => (Permits::Multiples(LINUX), Judged::Tables),
            Err(_) => (Permits::Only(load_address(&boots)?), Judged::Tables),
        };
        Ok(Self { prepared, size, permits, protocols, judged })
    }
}

/// Returns the bytes of a kernel's image; of an ELF that is not landfall's, none.
fn image_of(file: &KernelFile) -> Result<Vec<u8>, TrialError> {
    match flat_image(file) {
        Err(ImageError::Flat { source, .. }) if is_foreign(&source) => Ok(Vec::new()),
        image => Ok(image?),
    }
}

/// Returns true if an ELF has no landfall record, or has an image that no boot loader takes.
const fn is_foreign(error: &FlatError) -> bool {
    matches!(
        error,
        FlatError::Large { .. } | FlatError::Record(RecordError::Magic { .. } | RecordError::TooShort { .. })
    )
}

/// Reads what is judged of a landfall kernel. A kernel whose landing is its own has other symbols.
fn landfall(prepared: &Prepared, flat: &[u8], blueprint: Blueprint) -> Result<Judged, TrialError> {
    let Some(path) = prepared.symbols() else { return Ok(Judged::Report) };
    let symbols = Symbols::read(path)?;
    if symbols.find(crate::measure::LANDED).is_none() {
        return Ok(Judged::Report);
    }
    let elf = user_file::read(path, Limit::KERNEL).map_err(|source| read(path.to_owned(), source))?;
    let image = Image::of(&elf, flat.to_vec())
        .map_err(|source| TrialError::Judge { path: path.to_owned(), source })?;
    Ok(Judged::Landing(Box::new(Landing { blueprint, image, symbols })))
}

/// Returns the address that an ELF's segments name.
fn load_address(file: &KernelFile) -> Result<Address, TrialError> {
    let path = file.path();
    let bytes = user_file::read(path, Limit::KERNEL).map_err(|source| read(path.to_owned(), source))?;
    let elf = elf::parse(path, &bytes).map_err(ImageError::from)?;
    Ok(flat::load_address(&elf).unwrap_or(place::DEFAULT))
}

fn read(path: PathBuf, source: std::io::Error) -> TrialError {
    TrialError::Image(ImageError::Read { path, source })
}
