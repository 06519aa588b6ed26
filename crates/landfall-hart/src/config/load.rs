//! A kernel file: a flat image with Linux's boot header, or an ELF.
//!
//! Sources: Linux, `Documentation/arch/riscv/boot-image-header.rst`; System V ABI, chapter 5.

use object::LittleEndian;
use object::elf::{self, FileHeader64, PT_LOAD, ProgramHeader64};
use object::read::elf::{FileHeader, ProgramHeader};

use super::span::Span;

/// The word at 0x38 of a flat image, "RSC\x05".
const MAGIC2: &[u8] = b"RSC\x05";
/// The distance from the start of RAM if the file states none.
const TEXT_OFFSET: u64 = 0x20_0000;
/// The largest kernel, in bytes.
const LARGEST: u64 = 1 << 30;

/// A kernel, as its file describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kernel {
    /// Its parts, in ascending order.
    pub segments: Vec<Segment>,
    /// Bytes of memory that it takes, `.bss` included.
    pub size: u64,
    /// The offset of the first instruction from its start.
    pub entry: u64,
    /// The place that it asks for.
    pub place: Place,
}

/// A part of a kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its offset from the kernel's start.
    pub offset: u64,
    /// Bytes from the file.
    pub bytes: Vec<u8>,
    /// Zeros behind them.
    pub zeros: u64,
}

/// The place that a kernel asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Anywhere; loaders put it at this distance from the start of RAM.
    Anywhere {
        /// The distance in bytes.
        text_offset: u64,
    },
    /// At this physical address.
    At(u64),
}

/// The reason why a file is no kernel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file is neither a flat image nor an ELF.
    #[error("the file has neither the boot header of a RISC-V image nor that of an ELF")]
    Format,
    /// The ELF is damaged.
    #[error("the ELF is damaged: {0}")]
    Elf(object::read::Error),
    /// The ELF is for another machine.
    #[error("the ELF is for machine {machine}; a RISC-V kernel has {}", elf::EM_RISCV.0)]
    Machine {
        /// The value of `e_machine`.
        machine: u16,
    },
    /// The ELF has nothing to load.
    #[error("the ELF has no loadable segment")]
    Empty,
    /// A segment is larger in the file than in memory, or reaches beyond the last address.
    #[error("the segment at {start:#x} has an invalid size")]
    Size {
        /// Its physical address.
        start: u64,
    },
    /// Two segments share addresses.
    #[error("the segment at {start:#x} overlaps the one before it")]
    Overlap {
        /// The physical address of the second one.
        start: u64,
    },
    /// The entry is in no segment.
    #[error("the entry {entry:#x} is in no segment")]
    Entry {
        /// The entry.
        entry: u64,
    },
    /// The kernel is too large.
    #[error("the kernel takes {size:#x} bytes of memory; the largest takes {LARGEST:#x}")]
    TooLarge {
        /// Bytes of memory that it takes.
        size: u64,
    },
}

impl Kernel {
    /// Reads a kernel file.
    ///
    /// # Errors
    /// [`LoadError`] names the first fault of the file.
    pub fn read(file: &[u8]) -> Result<Self, LoadError> {
        let kernel = if file.starts_with(&elf::ELFMAG) {
            read_elf(file)?
        } else {
            read_flat(file).ok_or(LoadError::Format)?
        };
        if kernel.size > LARGEST {
            return Err(LoadError::TooLarge { size: kernel.size });
        }
        Ok(kernel)
    }

    /// Returns a kernel of bytes without a header, which begins with its first instruction.
    #[must_use]
    pub fn raw(bytes: Vec<u8>) -> Self {
        Self::flat(bytes, TEXT_OFFSET, 0)
    }

    /// Returns a kernel of one segment.
    fn flat(bytes: Vec<u8>, text_offset: u64, image_size: u64) -> Self {
        Self {
            size: image_size.max(bytes.len() as u64),
            segments: vec![Segment { offset: 0, bytes, zeros: 0 }],
            entry: 0,
            place: Place::Anywhere { text_offset },
        }
    }
}

/// Reads a flat image; `None` is returned if it has no boot header.
fn read_flat(file: &[u8]) -> Option<Kernel> {
    let word = |at: usize| Some(u64::from_le_bytes(*file.get(at..)?.first_chunk()?));
    if file.get(0x38..0x40)?.get(..4)? != MAGIC2 {
        return None;
    }
    Some(Kernel::flat(file.to_vec(), word(0x08)?, word(0x10)?))
}

/// A segment of an ELF.
struct Load<'a> {
    physical: Span,
    virtual_start: u64,
    bytes: &'a [u8],
}

/// Reads an ELF.
fn read_elf(file: &[u8]) -> Result<Kernel, LoadError> {
    let little = LittleEndian;
    let header = FileHeader64::<LittleEndian>::parse(file).map_err(LoadError::Elf)?;
    header.endian().map_err(LoadError::Elf)?;
    let machine = header.e_machine(little);
    if machine != elf::EM_RISCV {
        return Err(LoadError::Machine { machine: machine.0 });
    }
    let segments = header.program_headers(little, file).map_err(LoadError::Elf)?;
    let mut loads = segments
        .iter()
        .filter(|segment| segment.p_type(little) == PT_LOAD && segment.p_memsz(little) != 0)
        .map(|segment| read_segment(segment, file))
        .collect::<Result<Vec<_>, _>>()?;
    loads.sort_by_key(|load| load.physical);
    if let Some(pair) = loads.windows(2).find(|pair| pair[0].physical.overlaps(pair[1].physical)) {
        return Err(LoadError::Overlap { start: pair[1].physical.start });
    }
    let (Some(first), Some(last)) = (loads.first(), loads.last()) else { return Err(LoadError::Empty) };
    let (start, size) = (first.physical.start, last.physical.end() - first.physical.start);
    let entry = physical_entry(&loads, header.e_entry(little))? - start;
    let segments = loads.iter().map(|load| Segment {
        offset: load.physical.start - start,
        bytes: load.bytes.to_vec(),
        zeros: load.physical.len - load.bytes.len() as u64,
    });
    Ok(Kernel { segments: segments.collect(), size, entry, place: Place::At(start) })
}

/// Reads a loadable segment.
fn read_segment<'a>(segment: &ProgramHeader64<LittleEndian>, file: &'a [u8]) -> Result<Load<'a>, LoadError> {
    let little = LittleEndian;
    let start = segment.p_paddr(little);
    let (len, virtual_start) = (segment.p_memsz(little), segment.p_vaddr(little));
    let bytes = segment.data(little, file).map_err(|()| LoadError::Size { start })?;
    let fits = start.checked_add(len).is_some() && virtual_start.checked_add(len - 1).is_some();
    if !fits || bytes.len() as u64 > len {
        return Err(LoadError::Size { start });
    }
    Ok(Load { physical: Span { start, len }, virtual_start, bytes })
}

/// Returns the physical address of the entry, which is virtual in most ELFs and physical in some.
fn physical_entry(loads: &[Load], entry: u64) -> Result<u64, LoadError> {
    let inside = |start: u64, len: u64| entry.checked_sub(start).filter(|&offset| offset < len);
    loads
        .iter()
        .find_map(|load| Some(load.physical.start + inside(load.virtual_start, load.physical.len)?))
        .or_else(|| {
            let mut found =
                loads.iter().filter(|load| inside(load.physical.start, load.physical.len).is_some());
            found.next().map(|_| entry)
        })
        .ok_or(LoadError::Entry { entry })
}

#[cfg(test)]
mod tests;
