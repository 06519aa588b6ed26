//! Which kind of file it is.

use landfall_image::header::{MAGIC, MAGIC2};
use landfall_image::record;
use object::read::elf::ElfFile64;

use super::{ReadError, Subject, elf, flat_image};

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
