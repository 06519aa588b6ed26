//! Why a file cannot be checked.

use thiserror::Error;

use super::budget::Exceeded;

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
    #[error("the file is not a valid 64-bit little-endian ELF: {0}")]
    Elf(#[from] object::Error),
    /// An ELF for another machine.
    #[error("an ELF for another machine: its e_machine is {found}, and a kernel's is {} (RISC-V)", object::elf::EM_RISCV.0)]
    Machine {
        /// Its `e_machine`.
        found: u16,
    },
    /// An ELF that is no program.
    #[error(
        "an ELF of another kind: its e_type is {found}; a kernel's is 2 (EXEC) or 3 (DYN), and a module's is 1 (REL)"
    )]
    Type {
        /// Its `e_type`.
        found: u16,
    },
    /// Nothing is loaded.
    #[error("no segment is loaded (PT_LOAD), so there is no image to check")]
    Empty,
    /// Far more of something than kernels have.
    #[error("more than {most} {what}: the file's headers are damaged, or it is no kernel")]
    Many {
        /// The things.
        what: &'static str,
        /// The largest number of them.
        most: usize,
    },
    /// A module that no kernel's code reaches as a whole.
    #[error("its sections take more than {most:#x} bytes in memory; code reaches no farther")]
    Large {
        /// The largest size.
        most: u64,
    },
    /// Tables that take the file's bytes again and again.
    #[error(transparent)]
    Excessive(#[from] Exceeded),
}
