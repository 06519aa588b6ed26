//! ELF cores: QEMU's `dump-guest-memory`, and copies of `/proc/vmcore`.
//!
//! Each `PT_LOAD` has the memory from `p_paddr` on. Segments may overlap, as those of
//! `/proc/vmcore` do; then they hold the same bytes.

use std::io::{Read, Seek, SeekFrom};

use object::LittleEndian;
use object::elf::{EM_RISCV, ET_CORE, FileHeader64, PT_LOAD};
use object::read::ReadCache;
use object::read::elf::{FileHeader as _, ProgramHeader as _};
use thiserror::Error;

use crate::address::{PAGE, Phys, Span};

use super::raw::read_at;
use super::{Memory, Missing, Page};

/// A file that is no core of a RISC-V 64 machine.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CoreFileError {
    /// It is not an ELF file that can be read.
    #[error("it is not an ELF file: {0}")]
    NotElf(String),
    /// It is an ELF file of another kind.
    #[error("it is not an ELF core of 64-bit RISC-V")]
    NotCore,
    /// No segment has memory.
    #[error("no segment of the core has memory")]
    Empty,
    /// Segments share bytes of the file, as no core's do: a search would read them again and again.
    #[error(
        "the segments of the core have {claimed} bytes, more than twice as many as the file, which has {size}"
    )]
    Overlap {
        /// The bytes of all segments in the file.
        claimed: u64,
        /// The size of the file.
        size: u64,
    },
}

/// Memory of one segment.
#[derive(Clone, Copy, Debug)]
struct Load {
    span: Span<Phys>,
    offset: u64,
    /// Bytes that the file has of it.
    held: u64,
}

/// The memory of an ELF core.
#[derive(Debug)]
pub struct CoreFile<R> {
    bytes: R,
    /// In ascending order of their addresses.
    loads: Vec<Load>,
}

impl<R: Read + Seek> CoreFile<R> {
    /// Reads the headers of a core. A segment that the file cuts off is kept: its missing pages are
    /// reported where they are read.
    ///
    /// # Errors
    /// [`CoreFileError`] if the bytes are no core of a RISC-V 64 machine, or have no memory.
    pub fn new(mut bytes: R) -> Result<Self, CoreFileError> {
        let size = bytes.seek(SeekFrom::End(0)).map_err(|error| CoreFileError::NotElf(error.to_string()))?;
        let mut loads = loads(&mut bytes, size)?;
        loads.sort_by_key(|load| load.span);
        let claimed = loads.iter().fold(0_u64, |sum, load| sum.saturating_add(load.held));
        if claimed > size.saturating_mul(2) {
            return Err(CoreFileError::Overlap { claimed, size });
        }
        if loads.is_empty() {
            return Err(CoreFileError::Empty);
        }
        Ok(Self { bytes, loads })
    }
}

fn loads(bytes: &mut (impl Read + Seek), file: u64) -> Result<Vec<Load>, CoreFileError> {
    let not_elf = |error: object::read::Error| CoreFileError::NotElf(error.to_string());
    let cache = ReadCache::new(bytes);
    let header = FileHeader64::<LittleEndian>::parse(&cache).map_err(not_elf)?;
    let endian = header.endian().map_err(not_elf)?;
    if header.e_type(endian) != ET_CORE || header.e_machine(endian) != EM_RISCV {
        return Err(CoreFileError::NotCore);
    }
    let segments = header.program_headers(endian, &cache).map_err(not_elf)?;
    let load = |segment: &object::elf::ProgramHeader64<LittleEndian>| {
        let (offset, size) = segment.file_range(endian);
        let start = segment.p_paddr(endian);
        // A segment may claim more than there are addresses.
        let size = size.min(u64::MAX - start).min(u64::MAX - offset);
        Load { span: Span::new(Phys(start), size), offset, held: size.min(file.saturating_sub(offset)) }
    };
    let is_memory = |segment: &&object::elf::ProgramHeader64<LittleEndian>| {
        segment.p_type(endian) == PT_LOAD && segment.p_filesz(endian) != 0
    };
    Ok(segments.iter().filter(is_memory).map(load).collect())
}

impl<R: Read + Seek> Memory for CoreFile<R> {
    fn read(&mut self, at: Phys, page: &mut Page) -> Result<(), Missing> {
        let holding = self.loads.iter().filter(|load| load.span.contains(at));
        // Of segments that overlap, one may end within the page.
        let load = holding.max_by_key(|load| load.span.end()).ok_or(Missing::Hole)?;
        if load.span.end() < u128::from(at.0) + u128::from(PAGE) {
            return Err(Missing::Short);
        }
        let offset = load.offset + (at.0 - load.span.start.0);
        read_at(&mut self.bytes, offset, page)
    }

    fn spans(&self) -> Vec<Span<Phys>> {
        self.loads.iter().map(|load| Span::new(load.span.start, load.held)).collect()
    }
}
