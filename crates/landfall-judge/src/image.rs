//! A kernel by its ELF: segments, symbols, slots, and the instructions that write `satp`.
//!
//! ```
//! use landfall_judge::image::{Image, Use};
//!
//! /// Returns the bytes of code of a kernel.
//! fn code_size(elf: &[u8], flat: Vec<u8>) -> Result<u64, landfall_judge::Unreadable> {
//!     let image = Image::of(elf, flat)?;
//!     let code = image.segments.iter().filter(|segment| segment.use_for == Use::Text);
//!     Ok(code.map(|segment| segment.size).sum())
//! }
//! assert!(code_size(b"\x7fELF", Vec::new()).is_err());
//! ```

use std::collections::HashMap;
use std::path::Path;

use object::elf::{PF_W, PF_X, PT_LOAD};
use object::read::elf::{ElfFile64, ProgramHeader};
use object::{LittleEndian, Object, ObjectSection, ObjectSymbol};

use crate::instruction::{self, SatpWrite};
use crate::unreadable::Unreadable;

const PAGE: u64 = 4096;

/// The use of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Instructions: read and executed.
    Text,
    /// Read.
    Constants,
    /// Only the landing uses it; the kernel does not map it.
    Early,
    /// Read and written.
    Data,
}

/// A segment, whole pages, from the image's start.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    /// Its contents.
    pub use_for: Use,
    /// Bytes from the image's start.
    pub offset: u64,
    /// Bytes, whole pages.
    pub size: u64,
}

/// A function or object, from the image's start.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Bytes from the image's start.
    pub offset: u64,
    /// Bytes.
    pub size: u64,
}

/// A kernel.
#[derive(Clone, Debug)]
pub struct Image {
    /// The flat image, as it is loaded.
    pub flat: Vec<u8>,
    /// The address that it is linked for.
    pub link_base: u64,
    /// Bytes with `.bss`.
    pub size: u64,
    /// Its segments, ascending.
    pub segments: Vec<Segment>,
    symbols: HashMap<String, Place>,
    /// The places that `rebase` adds to, from the image's start.
    pub slots: Vec<u64>,
    /// Every instruction that can write something else than 0 to `satp`.
    pub satp_writes: Vec<SatpWrite>,
}

impl Image {
    /// Reads the ELF and the flat image that were built from one kernel.
    ///
    /// # Errors
    /// [`Unreadable`] names the input that cannot be read.
    pub fn read(elf: &Path, flat: &Path) -> Result<Self, Unreadable> {
        let read = |path: &Path| std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
        Self::of(&read(elf)?, read(flat)?)
    }

    /// Reads the bytes of an ELF, and takes those of its flat image.
    ///
    /// # Errors
    /// [`Unreadable`] names the part of the ELF that cannot be read.
    pub fn of(elf_bytes: &[u8], flat: Vec<u8>) -> Result<Self, Unreadable> {
        let elf = ElfFile64::<LittleEndian>::parse(elf_bytes).map_err(|error| error.to_string())?;
        let loaded = elf.elf_program_headers().iter().filter(|header| header.p_type(LittleEndian) == PT_LOAD);
        let loaded: Vec<_> = loaded.filter(|header| header.p_memsz(LittleEndian) != 0).collect();
        let link_base = loaded.iter().map(|header| header.p_vaddr(LittleEndian)).min().ok_or("no segment")?;
        let mut segments = Vec::new();
        for header in loaded {
            let (start, size) = (header.p_vaddr(LittleEndian), header.p_memsz(LittleEndian));
            let flags = header.p_flags(LittleEndian);
            // Of the two segments that can be written, the landing's own comes first (landfall.ld).
            let has_early = segments.iter().any(|segment: &Segment| segment.use_for == Use::Early);
            let use_for = match (flags & PF_X == PF_X, flags & PF_W == PF_W) {
                (true, true) => return Err("a segment is writable and executable".into()),
                (true, false) => Use::Text,
                (false, false) => Use::Constants,
                (false, true) if has_early => Use::Data,
                (false, true) => Use::Early,
            };
            segments.push(Segment { use_for, offset: start - link_base, size: size.next_multiple_of(PAGE) });
        }
        // A kernel with a way of its own up to `satp` has none for the landing.
        if let [.., Segment { use_for: last @ Use::Early, .. }] = segments.as_mut_slice() {
            *last = Use::Data;
        }
        let size = segments.iter().map(|segment| segment.offset + segment.size).max().unwrap_or_default();
        let symbols = elf.symbols().filter_map(|symbol| {
            let name = format!("{:#}", rustc_demangle::demangle(symbol.name().ok()?));
            let offset = symbol.address().checked_sub(link_base)?;
            (offset < size).then_some((name, Place { offset, size: symbol.size() }))
        });
        let relr = elf.section_by_name(".relr.dyn").ok_or("no section .relr.dyn")?;
        let relr = relr.data().map_err(|error| error.to_string())?;
        let text = segments.iter().find(|segment| segment.use_for == Use::Text).ok_or("no text")?;
        let text_bytes =
            flat.get(at(text.offset)..at(text.offset + text.size)).ok_or("the text is cut off")?;
        Ok(Self {
            link_base,
            size,
            symbols: symbols.collect(),
            slots: slots(relr)?.into_iter().map(|slot| slot.wrapping_sub(link_base)).collect(),
            satp_writes: instruction::satp_writes(text_bytes, text.offset),
            segments,
            flat,
        })
    }

    /// The symbol `name`, from the image's start.
    ///
    /// # Errors
    /// [`Unreadable`] names the input that cannot be read.
    pub fn symbol(&self, name: &str) -> Result<Place, Unreadable> {
        let last = || self.symbols.iter().find(|(symbol, _)| symbol.ends_with(&format!("::{name}")));
        let place = self.symbols.get(name).or_else(|| last().map(|(_, place)| place));
        place.copied().ok_or_else(|| Unreadable::new(format!("the kernel has no symbol {name}")))
    }

    /// The bytes of a function.
    ///
    /// # Errors
    /// [`Unreadable`] names the input that cannot be read.
    pub fn code(&self, name: &str) -> Result<&[u8], Unreadable> {
        let Place { offset, size } = self.symbol(name)?;
        self.flat
            .get(at(offset)..at(offset + size))
            .ok_or_else(|| Unreadable::new(format!("{name} lies outside the file")))
    }

    /// Bytes of text and constants, which come first.
    #[must_use]
    pub fn read_only(&self) -> u64 {
        let read_only =
            self.segments.iter().filter(|segment| matches!(segment.use_for, Use::Text | Use::Constants));
        read_only.map(|segment| segment.offset + segment.size).max().unwrap_or_default()
    }

    /// The 64-bit word at `offset` of the file; 0 behind its end, as in `.bss`.
    pub fn word(&self, offset: u64) -> u64 {
        let word = self.flat.get(at(offset)..).and_then(<[u8]>::first_chunk);
        word.map_or(0, |word| u64::from_le_bytes(*word))
    }

    /// The offset of the RELR table, and its size (record, offset 0x68).
    #[must_use]
    pub fn relr(&self) -> (usize, usize) {
        let word = self.word(0x68);
        (at(word & 0xffff_ffff), at(word >> 32))
    }

    /// The offset of the policy's record (record, offset 0x70).
    #[must_use]
    pub fn policy_offset(&self) -> usize {
        at(self.word(0x70) & 0xffff_ffff)
    }

    /// Returns the instructions that the landing patches: each site's offset and size.
    ///
    /// Each record of a site is the distance from itself (link.ld).
    ///
    /// # Errors
    /// [`Unreadable`] names the input that cannot be read.
    pub fn sites(&self) -> Result<Vec<Place>, Unreadable> {
        let table = |name| Ok::<_, String>(self.symbol(name)?.offset);
        let (linear, image) = (table("__landfall_linear_sites")?, table("__landfall_image_sites")?);
        let (border, end) = (table("__landfall_border_sites")?, table("__landfall_sites_end")?);
        let mut sites = Vec::new();
        for (start, end, size) in [(linear, image, 8), (image, border, 20), (border, end, 8)] {
            for record in (start..end).step_by(4) {
                let distance = self.flat.get(at(record)..).and_then(<[u8]>::first_chunk);
                let distance = i32::from_le_bytes(*distance.ok_or("a site's record is cut off")?);
                sites.push(Place { offset: record.wrapping_add_signed(i64::from(distance)), size });
            }
        }
        Ok(sites)
    }
}

/// An offset as an index. Kernels are smaller than any address space.
#[must_use]
pub fn at(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

/// Returns the slots of a RELR table (gABI, "Relative Relocation Table").
///
/// An even word is a slot's address. An odd word is a bitmap of the 63 words that follow.
fn slots(table: &[u8]) -> Result<Vec<u64>, Unreadable> {
    let (words, rest) = table.as_chunks::<8>();
    if !rest.is_empty() {
        return Err("the RELR table does not consist of whole words".into());
    }
    let (mut slots, mut next) = (Vec::new(), None);
    for word in words.iter().map(|word| u64::from_le_bytes(*word)) {
        if word & 1 == 0 {
            slots.push(word);
            next = Some(word + 8);
        } else {
            let base = next.ok_or("the RELR table begins with a bitmap")?;
            slots.extend((1..64_u64).filter(|bit| word >> bit & 1 != 0).map(|bit| base + (bit - 1) * 8));
            next = Some(base + 63 * 8);
        }
    }
    Ok(slots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_told_by_addresses_and_bitmaps() {
        let table: Vec<u8> = [0x1000, 1 | 1 << 1 | 1 << 63, 1 | 1 << 1].map(u64::to_le_bytes).concat();
        assert_eq!(slots(&table), Ok(vec![0x1000, 0x1008, 0x1008 + 62 * 8, 0x1008 + 63 * 8]));
        assert!(slots(&1_u64.to_le_bytes()).is_err() && slots(&[0]).is_err());
    }
}
