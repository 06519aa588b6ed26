//! The flat image of an ELF: what lies in memory after loading, without the `.bss` behind it.

use std::borrow::Cow;
use std::ops::Range;

use landfall_image::header::BootHeader;
use landfall_image::record::{Record, RecordError, STATE_OFFSET};
use object::LittleEndian;
use object::elf::{EM_RISCV, PT_LOAD};
use object::read::elf::{ElfFile64, FileHeader, ProgramHeader};
use thiserror::Error;

use crate::units::{Address, Size};

/// No kernel is that large; a damaged ELF may say it is.
const LARGEST: Size = Size::gib(1);

/// An image may be that many times as large as its file, for the gaps between segments. A damaged
/// ELF shall not take all memory.
const GAPS: u64 = 16;

/// The most bytes of the image of an ELF.
fn largest(file: &[u8]) -> Size {
    Size((file.len() as u64).saturating_mul(GAPS).min(LARGEST.0))
}

/// Bytes of seal state and checksum, which lie side by side.
const SEAL_SIZE: usize = 16;

/// A flat image, and the address that its first byte was linked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flat {
    /// The image.
    pub bytes: Vec<u8>,
    /// Its link address.
    pub base: Address,
}

/// Why an ELF has no flat image.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FlatError {
    /// An ELF for other machines.
    #[error("an ELF for another machine: its e_machine is {found}, and a kernel's is {} (RISC-V)", EM_RISCV.0)]
    Machine {
        /// Its purpose.
        found: u16,
    },
    /// Nothing is loaded.
    #[error("no segment is loaded (PT_LOAD with bytes in the file), so there is no image to make")]
    Empty,
    /// A segment's bytes lie beyond the file's end.
    #[error("the segment at {address} takes bytes that the file does not have")]
    Truncated {
        /// The segment's link address.
        address: Address,
    },
    /// The segments lie too far apart.
    #[error(
        "the loaded segments reach from {base} to {end}, which is more than the {largest} that an image of this file may take"
    )]
    Large {
        /// The link address of the lowest segment.
        base: Address,
        /// The end of this one.
        end: Address,
        /// The possible values.
        largest: Size,
    },
    /// The record is not readable.
    #[error("{0}; a kernel begins with the boot header and the record that the crate `landfall` gives it")]
    Record(RecordError),
    /// The record and the segments do not agree.
    #[error(
        "the record says that the file has {recorded:#x} bytes and the segments hold {loaded:#x}: \
         a section of data lies behind the linker script's end of the file"
    )]
    Size {
        /// The value in the record.
        recorded: usize,
        /// The value in the segments.
        loaded: usize,
    },
    /// No segment holds what the record names.
    #[error("what was linked at {at} lies in no loaded segment's file bytes")]
    NotLoaded {
        /// Its link address.
        at: Address,
    },
}

impl From<RecordError> for FlatError {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}

/// A loaded segment: where it was linked, and which bytes of the file it takes.
struct Segment<'data> {
    address: Address,
    file_offset: u64,
    bytes: &'data [u8],
}

impl Segment<'_> {
    /// Returns the bytes from `base` to its end.
    fn last(&self, base: Address, file: &[u8]) -> Result<usize, FlatError> {
        let end = self.address.wrapping_add(self.bytes.len() as u64);
        let last = end.wrapping_offset_from(base);
        let largest = largest(file);
        let too_large = FlatError::Large { base, end, largest };
        // An end before the base has gone round the end of the address space.
        if last > largest.0 || end < base {
            return Err(too_large);
        }
        usize::try_from(last).map_err(|_| too_large)
    }
}

fn segments<'data>(elf: &ElfFile64<'data, LittleEndian>) -> Result<Vec<Segment<'data>>, FlatError> {
    let headers = elf.elf_program_headers().iter();
    let loaded =
        headers.filter(|header| header.p_type(LittleEndian) == PT_LOAD && header.p_filesz(LittleEndian) != 0);
    loaded
        .map(|header| {
            let address = Address(header.p_vaddr(LittleEndian));
            let bytes = header.data(LittleEndian, elf.data());
            let bytes = bytes.map_err(|()| FlatError::Truncated { address })?;
            Ok(Segment { address, file_offset: header.p_offset(LittleEndian), bytes })
        })
        .collect()
}

/// Returns the address at which an ELF loader puts its lowest byte.
#[must_use]
pub fn load_address(elf: &ElfFile64<'_, LittleEndian>) -> Option<Address> {
    let headers = elf.elf_program_headers().iter();
    let loaded =
        headers.filter(|header| header.p_type(LittleEndian) == PT_LOAD && header.p_filesz(LittleEndian) != 0);
    loaded.map(|header| Address(header.p_paddr(LittleEndian))).min()
}

/// The image that the loaded segments of `elf` make, with zeros between them.
///
/// # Errors
/// [`FlatError`] where nothing is loaded, or far too much, or for another machine.
pub fn flatten(elf: &ElfFile64<'_, LittleEndian>) -> Result<Flat, FlatError> {
    let machine = elf.elf_header().e_machine(LittleEndian);
    if machine != EM_RISCV {
        return Err(FlatError::Machine { found: machine.0 });
    }
    let segments = segments(elf)?;
    let base = segments.iter().map(|segment| segment.address).min().ok_or(FlatError::Empty)?;
    let mut bytes = Vec::new();
    for segment in &segments {
        let last = segment.last(base, elf.data())?;
        if last > bytes.len() {
            bytes.resize(last, 0);
        }
        bytes[last - segment.bytes.len()..last].copy_from_slice(segment.bytes);
    }
    Ok(Flat { bytes, base })
}

/// Returns the bytes of that image, which are the file's own if it has one segment.
///
/// # Errors
/// As [`flatten`].
pub(crate) fn image<'data>(elf: &ElfFile64<'data, LittleEndian>) -> Result<Cow<'data, [u8]>, FlatError> {
    match &*segments(elf)? {
        [segment] if elf.elf_header().e_machine(LittleEndian) == EM_RISCV => {
            segment.last(segment.address, elf.data())?;
            Ok(Cow::Borrowed(segment.bytes))
        }
        _ => flatten(elf).map(|flat| Cow::Owned(flat.bytes)),
    }
}

/// The image of a landfall kernel, with the zeros that its record counts where it has a sound
/// record.
///
/// # Errors
/// As [`flatten`].
pub(crate) fn of_record(elf: &ElfFile64<'_, LittleEndian>) -> Result<Flat, FlatError> {
    let mut flat = flatten(elf)?;
    // The checks report faults of the record.
    let _ = flat.fit_to_record();
    Ok(flat)
}

/// Whose way an image takes up to its kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Landfall's: it has a record, or should have one.
    Landing,
    /// The kernel's own, behind a boot header of its own.
    Own,
}

impl Flat {
    /// Whose way it takes.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match (Record::read(&self.bytes), BootHeader::read(&self.bytes)) {
            (Err(RecordError::Magic { .. } | RecordError::TooShort { .. }), Ok(_)) => Kind::Own,
            _ => Kind::Landing,
        }
    }

    /// Appends the zeros that the record counts to the file and no segment holds.
    ///
    /// # Errors
    /// [`FlatError::Record`], or [`FlatError::Size`] where the segments hold more than the record
    /// counts.
    pub fn fit_to_record(&mut self) -> Result<(), FlatError> {
        let loaded = self.bytes.len();
        // The record's file_size stands at a fixed place; its other fields may only be checked once
        // the zeros are there.
        let recorded = match Record::read(&self.bytes) {
            Ok(record) => record.file_size,
            Err(RecordError::Outside { .. }) => self.file_size_word(),
            Err(error) => return Err(error.into()),
        };
        let recorded = usize::try_from(recorded).unwrap_or(usize::MAX);
        if recorded < loaded || recorded as u64 > largest(&self.bytes).0 {
            return Err(FlatError::Size { recorded, loaded });
        }
        self.bytes.resize(recorded, 0);
        Record::read(&self.bytes)?;
        Ok(())
    }

    fn file_size_word(&self) -> u32 {
        let word = self.bytes.get(0x4c..).and_then(<[u8]>::first_chunk);
        word.map_or(0, |word| u32::from_le_bytes(*word))
    }

    /// The seal of a sealed image: state and checksum. The image has been fitted to its record.
    #[must_use]
    pub fn seal(&self) -> &[u8] {
        &self.bytes[STATE_OFFSET..STATE_OFFSET + SEAL_SIZE]
    }

    /// Returns the offset of the same seal in the file of `elf`.
    ///
    /// # Errors
    /// [`FlatError::NotLoaded`] where no segment holds that place.
    pub fn seal_in_elf(&self, elf: &ElfFile64<'_, LittleEndian>) -> Result<Range<usize>, FlatError> {
        self.place_in_elf(elf, STATE_OFFSET, SEAL_SIZE)
    }

    /// Returns the offset in the file of `elf` of the `size` bytes from `offset` of the image on.
    ///
    /// # Errors
    /// [`FlatError::NotLoaded`] where no segment holds them all.
    pub fn place_in_elf(
        &self,
        elf: &ElfFile64<'_, LittleEndian>,
        offset: usize,
        size: usize,
    ) -> Result<Range<usize>, FlatError> {
        let at = self.base.wrapping_add(offset as u64);
        let holder = segments(elf)?.into_iter().find_map(|segment| {
            let within = usize::try_from(at.wrapping_offset_from(segment.address)).ok()?;
            segment.bytes.get(within..)?.get(..size)?;
            let start = usize::try_from(segment.file_offset).ok()? + within;
            Some(start..start + size)
        });
        holder.ok_or(FlatError::NotLoaded { at })
    }
}
