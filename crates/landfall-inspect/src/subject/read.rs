//! Which kind of file it is.

use landfall_image::header::{MAGIC, MAGIC2};
use landfall_image::record;
use object::read::elf::ElfFile64;
use thiserror::Error;

use super::{Subject, elf, flat_image};

/// Why a file is nothing that can be checked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// No bytes.
    #[error("no kernel: the file is empty")]
    NoBytes,
    /// Neither an ELF nor a flat image.
    #[error(
        "no kernel: it begins with \"{}\"; an ELF begins with \"\\x7fELF\", a flat image has \"RISCV\" at 0x30 or \"RSC\\x05\" at 0x38",
        .start.escape_ascii()
    )]
    Neither {
        /// Its first bytes.
        start: Vec<u8>,
    },
    /// An ELF of another kind.
    #[error("no 64-bit little-endian ELF: {0}")]
    Elf(#[from] object::Error),
    /// An ELF for another machine.
    #[error("an ELF for another machine: its e_machine is {found}, and a kernel's is {} (RISC-V)", object::elf::EM_RISCV.0)]
    Machine {
        /// What it is for.
        found: u16,
    },
    /// An ELF that is no program.
    #[error(
        "an ELF that is linked into no program yet: its e_type is {found}, and a kernel's is 2 (EXEC) or 3 (DYN)"
    )]
    Type {
        /// What it is.
        found: u16,
    },
    /// Nothing is loaded.
    #[error("no segment is loaded (PT_LOAD), so there is no image to check")]
    Empty,
    /// Far more of something than kernels have.
    #[error("more than {most} {what}: the file's headers are damaged, or it is no kernel")]
    Many {
        /// What.
        what: &'static str,
        /// How many there may be.
        most: usize,
    },
    /// Tables that take the file's bytes again and again.
    #[error("its segments or tables take more bytes than the {size} of the file: their headers are damaged")]
    Excessive {
        /// Bytes in the file.
        size: usize,
    },
}

/// What may still be taken of the file's bytes, so that a damaged header cannot have them read a thousand times over.
#[derive(Debug)]
pub(super) struct Budget {
    size: usize,
    left: usize,
}

impl Budget {
    pub(super) const fn of(file: &[u8]) -> Self {
        Self { size: file.len(), left: file.len() }
    }

    /// Takes `bytes`.
    pub(super) const fn take(&mut self, bytes: usize) -> Result<(), ReadError> {
        match self.left.checked_sub(bytes) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(ReadError::Excessive { size: self.size }),
        }
    }
}

impl<'data> Subject<'data> {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ReadError`] where it is nothing that can be checked.
    pub fn read(file: &'data [u8]) -> Result<Self, ReadError> {
        if file.is_empty() {
            return Err(ReadError::NoBytes);
        }
        if file.starts_with(b"\x7fELF") {
            return elf::read(file, ElfFile64::parse(file)?);
        }
        let holds =
            |offset: usize, magic: &[u8]| file.get(offset..).is_some_and(|rest| rest.starts_with(magic));
        let landfall = holds(record::OFFSET, &record::MAGIC.to_le_bytes());
        // Any of the magic numbers will do here: which one is missing is a finding.
        if landfall || holds(0x30, &MAGIC.to_le_bytes()) || holds(0x38, &MAGIC2.to_le_bytes()) {
            return Ok(flat_image::read(file, landfall));
        }
        Err(ReadError::Neither { start: file[..file.len().min(8)].to_vec() })
    }
}
