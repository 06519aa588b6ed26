//! The ELF of a core: its segments and notes. Its data stay in the file, which may be large.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use landfall_predict::units::Size;
use object::LittleEndian;
use object::elf::{EM_RISCV, ET_CORE, FileHeader64, NT_PRSTATUS, PT_LOAD, PT_NOTE};
use object::read::ReadCache;
use object::read::elf::{FileHeader as _, ProgramHeader as _};
use thiserror::Error;

/// The name of landfall's own note.
const LANDFALL: &[u8] = b"landfall";

/// The offset of a physical address in the notes: more than any file has.
const LARGEST_NOTES: u64 = 16 << 20;

/// A file that is no core of a landfall kernel.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CoreError {
    /// The file cannot be read.
    #[error("{0}")]
    Read(#[from] io::Error),
    /// It is no core at all.
    #[error("it is not an ELF core of 64-bit RISC-V; name a copy of /proc/vmcore")]
    NoCore,
    /// Its end is missing.
    #[error(
        "it is truncated: a segment ends at byte {end:#x}, but the file has {size}; copy /proc/vmcore again"
    )]
    CutOff {
        /// The end of the segment, in the file.
        end: u64,
        /// The size of the file.
        size: Size,
    },
    /// No segment begins with a landfall image.
    #[error("no segment begins with a landfall image; the kernel that crashed was another kind of kernel")]
    NoKernel,
    /// A segment begins with another landfall image.
    #[error(
        "it is the core of another kernel, or of another build of this one; name the ELF of the kernel that crashed"
    )]
    OtherKernel,
}

/// A segment with memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Load {
    pub(super) at_virtual: u64,
    pub(super) physical: u64,
    pub(super) size: u64,
    offset: u64,
}

/// A core.
#[derive(Debug)]
pub(super) struct CoreFile {
    file: RefCell<File>,
    pub(super) loads: Vec<Load>,
    stopped: usize,
    /// The lines of landfall's own note.
    lines: String,
}

impl CoreFile {
    pub(super) fn open(path: &Path) -> Result<Self, CoreError> {
        // A pipe would block for ever.
        if !fs::metadata(path)?.is_file() {
            return Err(CoreError::NoCore);
        }
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let cache = ReadCache::new(file.try_clone()?);
        let data = &cache;
        let no_core = |_| CoreError::NoCore;
        let header = FileHeader64::<LittleEndian>::parse(data).map_err(no_core)?;
        let endian = header.endian().map_err(no_core)?;
        if header.e_type(endian) != ET_CORE || header.e_machine(endian) != EM_RISCV {
            return Err(CoreError::NoCore);
        }
        let mut core = Self { file: RefCell::new(file), loads: Vec::new(), stopped: 0, lines: String::new() };
        for segment in header.program_headers(endian, data).map_err(no_core)? {
            let (offset, bytes) = segment.file_range(endian);
            let end = offset.saturating_add(bytes);
            if end > size {
                return Err(CoreError::CutOff { end, size: Size(size) });
            }
            match segment.p_type(endian) {
                PT_LOAD => core.loads.push(Load {
                    at_virtual: segment.p_vaddr(endian),
                    physical: segment.p_paddr(endian),
                    size: bytes,
                    offset,
                }),
                PT_NOTE if bytes <= LARGEST_NOTES => {
                    let notes = segment.notes(endian, data).map_err(no_core)?;
                    core.take_notes(endian, notes)?;
                }
                _ => {}
            }
        }
        Ok(core)
    }

    fn take_notes(
        &mut self,
        endian: LittleEndian,
        notes: Option<object::read::elf::NoteIterator<'_, FileHeader64<LittleEndian>>>,
    ) -> Result<(), CoreError> {
        let Some(mut notes) = notes else { return Ok(()) };
        // A save area of a hart that did not stop is empty, and ends the notes.
        while let Some(note) = notes.next().map_err(|_| CoreError::NoCore)? {
            if note.name() == b"CORE" && note.n_type(endian) == NT_PRSTATUS {
                self.stopped += 1;
            } else if note.name() == LANDFALL {
                self.lines.push_str(&String::from_utf8_lossy(note.desc()));
                self.lines.push('\n');
            }
        }
        Ok(())
    }

    /// Returns the harts that stopped, and saved their registers.
    pub(super) const fn stopped(&self) -> usize {
        self.stopped
    }

    /// Returns the number of harts that landfall's note states, or 0.
    pub(super) fn harts(&self) -> usize {
        self.value("harts").and_then(|value| value.parse().ok()).unwrap_or(0)
    }

    /// Returns a value of landfall's note.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        let lines = self.lines.lines().map(|line| line.trim_end_matches('\0'));
        lines.filter_map(|line| line.split_once('=')).find(|(own, _)| *own == key).map(|(_, value)| value)
    }

    /// Reads the beginning of a segment, up to `size` bytes.
    pub(super) fn beginning(&self, load: &Load, size: u64) -> Result<Vec<u8>, CoreError> {
        self.read_file(load.offset, size.min(load.size))
    }

    /// Reads physical memory; `None` if the core does not have it.
    pub(super) fn read(&self, at: u64, size: u64) -> Option<Vec<u8>> {
        let load = self.loads.iter().find(|load| {
            at.checked_sub(load.physical).is_some_and(|from| from.saturating_add(size) <= load.size)
        })?;
        self.read_file(load.offset + (at - load.physical), size).ok()
    }

    fn read_file(&self, offset: u64, size: u64) -> Result<Vec<u8>, CoreError> {
        let mut bytes = vec![0; usize::try_from(size).map_err(|_| CoreError::NoCore)?];
        let mut file = self.file.borrow_mut();
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}
