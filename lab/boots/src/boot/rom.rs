//! ROM in the middle of RAM, and what of an image lies in it.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use landfall_host::machine::Memory;
use landfall_host::place;
use landfall_predict::units::Size;

/// Makes the file of a ROM of zeros.
pub(super) fn make(path: &Path, size: Size) -> io::Result<()> {
    File::create(path)?.set_len(size.0)
}

/// Puts what lies in ROM of an image at `at` there, and returns what lies in front of it.
pub(super) fn put<'a>(memory: &Memory, image: &'a [u8], at: u64) -> io::Result<&'a [u8]> {
    let Memory::Rom { sizes, path } = memory else { return Ok(image) };
    let start = place::RAM.0 + sizes[0].0;
    let before = usize::try_from(start.saturating_sub(at)).map_or(image.len(), |size| size.min(image.len()));
    let (loaded, rest) = image.split_at(before);
    if !rest.is_empty() {
        let mut rom = OpenOptions::new().write(true).open(path)?;
        rom.seek(SeekFrom::Start(at.saturating_sub(start)))?;
        rom.write_all(rest)?;
    }
    Ok(loaded)
}
