//! OpenSBI as Debian builds it, for Spike.
//!
//! Spike finds its console and its power switch by the symbols `tohost` and `fromhost`. Debian's
//! OpenSBI has them in the section `.htif`, but its symbol table is stripped.

use object::read::elf::{ElfFile64, ProgramHeader as _};
use object::{LittleEndian, Object, ObjectSection, elf};
use thiserror::Error;

/// The file of Debian's and Ubuntu's package `opensbi`.
pub const FILE: &str = "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.elf";

/// The start of Spike's RAM, and the place of firmware in it.
pub const RAM: u64 = 0x8000_0000;

/// The address that this firmware jumps to.
pub const TARGET: u64 = 0x8020_0000;

/// The address to which this firmware moves the device tree.
pub const TREE: u64 = 0x8220_0000;

/// The offsets of `fromhost` and `tohost` in `.htif`, by OpenSBI's `lib/utils/sys/htif.c`.
const FROMHOST: u64 = 0;
const TOHOST: u64 = 8;

/// A reason why a file is not firmware for Spike.
#[derive(Debug, Error)]
pub enum FirmwareError {
    /// It is not an ELF for 64-bit RISC-V.
    #[error("{FILE} is not an ELF: {0}; install the package opensbi again")]
    Elf(#[from] object::Error),
    /// It has no `.htif`.
    #[error(
        "{FILE} has no section .htif, so Spike cannot find its console; use an OpenSBI built for the generic platform"
    )]
    NoHtif,
}

/// Bytes that lie at an address when the machine starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The first address.
    pub at: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The bytes with the zeros that follow them.
    pub memory: u64,
}

/// Firmware.
#[derive(Clone, Debug)]
pub struct Firmware {
    /// The parts that are loaded.
    pub segments: Vec<Segment>,
    /// The address of `fromhost`.
    pub fromhost: u64,
    /// The address of `tohost`.
    pub tohost: u64,
}

impl Firmware {
    /// Reads an ELF.
    ///
    /// # Errors
    /// [`FirmwareError`] names the part that is missing.
    pub fn read(file: &[u8]) -> Result<Self, FirmwareError> {
        let elf = ElfFile64::<LittleEndian>::parse(file)?;
        let headers = elf.elf_program_headers().iter();
        let loads: Vec<_> = headers.filter(|header| header.p_type(LittleEndian) == elf::PT_LOAD).collect();
        let lowest = loads.iter().map(|load| load.p_paddr(LittleEndian)).min().unwrap_or_default();
        // A position-independent one is linked at 0.
        let base = RAM.saturating_sub(lowest);
        let segment = |load: &&elf::ProgramHeader64<LittleEndian>| Segment {
            at: base + load.p_paddr(LittleEndian),
            bytes: load.data(LittleEndian, file).unwrap_or_default().to_vec(),
            memory: load.p_memsz(LittleEndian),
        };
        let segments = loads.iter().map(segment).collect();
        let htif = elf.section_by_name(".htif").ok_or(FirmwareError::NoHtif)?.address();
        Ok(Self { segments, fromhost: base + htif + FROMHOST, tohost: base + htif + TOHOST })
    }
}
