//! The PE header of an EFI application (Microsoft, "PE Format"; Linux,
//! `arch/riscv/kernel/efi-header.S`).

use super::Header;
use crate::subject::Subject;

/// Bytes in the COFF header, its signature included.
const COFF: usize = 24;
/// Bytes in an entry of the section table.
const SECTION: usize = 40;
/// RISC-V, 64-bit.
const MACHINE: u16 = 0x5064;
/// PE32+.
const MAGIC: u16 = 0x20b;

/// Checks the PE header that 0x3c names, if the image is an EFI application.
pub(super) fn check(header: &Header<'_>, subject: &Subject<'_>) -> Result<(), String> {
    let (offset, dos) = (header.half(0x3c), header.bytes.starts_with(b"MZ"));
    match (offset, dos) {
        (0, false) => return Ok(()),
        (0, true) => return Err("code0 begins with \"MZ\", and 0x3c names no PE header".to_owned()),
        (_, false) => {
            return Err(format!(
                "0x3c names a PE header at {offset:#x}, and code0 does not begin with \"MZ\""
            ));
        }
        (_, true) => {}
    }
    let image = subject.image().map_err(ToString::to_string)?;
    let pe = Bytes(image).from(offset as usize);
    if pe.0.get(..4) != Some(b"PE\0\0") {
        return Err(format!("0x3c names a PE header at {offset:#x}, and there is no \"PE\\0\\0\""));
    }
    let machine = pe.half(4)?;
    if machine != MACHINE {
        return Err(format!("the PE header is for machine {machine:#x}, and 64-bit RISC-V is {MACHINE:#x}"));
    }
    let (sections, optional_size) = (usize::from(pe.half(6)?), usize::from(pe.half(20)?));
    let optional = pe.from(COFF);
    let magic = optional.half(0)?;
    if magic != MAGIC {
        return Err(format!(
            "the PE header's optional header has magic {magic:#x}, and PE32+ has {MAGIC:#x}"
        ));
    }
    let (entry, size) = (optional.word(16)?, optional.word(56)?);
    let stated = header.word(0x10);
    if u64::from(entry) >= stated.max(u64::from(size)) {
        return Err(format!("the PE header's entry {entry:#x} lies outside of the image"));
    }
    let table = optional.from(optional_size);
    for index in 0..sections {
        let section = table.from(index * SECTION);
        let (size, at) = (section.word(16)?, section.word(20)?);
        let end = u64::from(size) + u64::from(at);
        if end > image.len() as u64 {
            return Err(format!(
                "section {index} of the PE header ends at {end:#x}, and the file has {:#x} bytes",
                image.len()
            ));
        }
    }
    Ok(())
}

/// Bytes that may end too early.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn from(&self, offset: usize) -> Bytes<'a> {
        Bytes(self.0.get(offset..).unwrap_or_default())
    }

    fn half(&self, offset: usize) -> Result<u16, String> {
        self.array(offset).map(u16::from_le_bytes)
    }

    fn word(&self, offset: usize) -> Result<u32, String> {
        self.array(offset).map(u32::from_le_bytes)
    }

    fn array<const N: usize>(&self, offset: usize) -> Result<[u8; N], String> {
        let bytes = self.0.get(offset..).and_then(<[u8]>::first_chunk);
        bytes.copied().ok_or_else(|| "the PE header reaches beyond the file's end".to_owned())
    }
}
