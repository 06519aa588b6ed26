//! A kernel as its ELF describes it, read by the tests' own code: segments, symbols, slots, and the instructions that write `satp`.

use std::collections::HashMap;
use std::path::Path;

use landfall_plan::Policy;
use object::elf::{PF_W, PF_X, PT_LOAD};
use object::read::elf::{ElfFile64, ProgramHeader};
use object::{LittleEndian, Object, ObjectSection, ObjectSymbol};

use super::instruction::{self, SatpWrite};

const PAGE: u64 = 4096;

/// What a segment may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Text,
    Constants,
    /// Only the landing uses it; the kernel does not map it.
    Early,
    Data,
}

/// A segment, whole pages, from the image's start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) use_for: Use,
    pub(super) offset: u64,
    pub(super) size: u64,
}

/// A function or object, from the image's start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) offset: u64,
    pub(super) size: u64,
}

/// A kernel.
#[derive(Clone, Debug)]
pub(super) struct Image {
    /// The flat image, as it is loaded.
    pub(super) flat: Vec<u8>,
    /// Where it is linked.
    pub(super) link_base: u64,
    /// Bytes with `.bss`.
    pub(super) size: u64,
    pub(super) segments: Vec<Segment>,
    symbols: HashMap<String, Place>,
    /// The places that `rebase` adds to, from the image's start.
    pub(super) slots: Vec<u64>,
    /// Every instruction that can write something else than 0 to `satp`.
    pub(super) satp_writes: Vec<SatpWrite>,
}

impl Image {
    /// Reads the ELF and the flat image that were built from one kernel.
    pub(super) fn read(elf: &Path, flat: &Path) -> Result<Self, String> {
        let read = |path: &Path| std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
        let (elf_bytes, flat) = (read(elf)?, read(flat)?);
        let elf = ElfFile64::<LittleEndian>::parse(&*elf_bytes).map_err(|error| error.to_string())?;
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
                (true, true) => return Err("a segment is writable and executable".to_owned()),
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
    pub(super) fn symbol(&self, name: &str) -> Result<Place, String> {
        let last = || self.symbols.iter().find(|(symbol, _)| symbol.ends_with(&format!("::{name}")));
        let place = self.symbols.get(name).or_else(|| last().map(|(_, place)| place));
        place.copied().ok_or_else(|| format!("the kernel has no symbol {name}"))
    }

    /// The bytes of a function.
    pub(super) fn code(&self, name: &str) -> Result<&[u8], String> {
        let Place { offset, size } = self.symbol(name)?;
        self.flat.get(at(offset)..at(offset + size)).ok_or_else(|| format!("{name} lies outside the file"))
    }

    /// Bytes of text and constants, which come first.
    pub(super) fn read_only(&self) -> u64 {
        let read_only =
            self.segments.iter().filter(|segment| matches!(segment.use_for, Use::Text | Use::Constants));
        read_only.map(|segment| segment.offset + segment.size).max().unwrap_or_default()
    }

    /// The 64-bit word at `offset` of the file; 0 behind its end, as in `.bss`.
    pub(super) fn word(&self, offset: u64) -> u64 {
        let word = self.flat.get(at(offset)..).and_then(<[u8]>::first_chunk);
        word.map_or(0, |word| u64::from_le_bytes(*word))
    }

    /// The offset of the RELR table, and its size (record, offset 0x68).
    pub(super) fn relr(&self) -> (usize, usize) {
        let word = self.word(0x68);
        (at(word & 0xffff_ffff), at(word >> 32))
    }

    /// The offset of the policy's record (record, offset 0x70).
    pub(super) fn policy(&self) -> usize {
        at(self.word(0x70) & 0xffff_ffff)
    }

    /// The same kernel with another policy, sealed anew. What the kernel itself decides stays: whether it has a function for other harts.
    pub(super) fn with_policy(&self, policy: &Policy) -> Result<Self, String> {
        let place = self.policy();
        let own = self.flat.get(place..).and_then(<[u8]>::first_chunk).ok_or("there is no policy record")?;
        let own = Policy::from_record(own).map_err(|error| error.to_string())?;
        let policy = policy.with_starting(own.starting()).with_disclosure(own.disclosure());
        policy.check().map_err(|impossible| impossible.to_string())?;
        let record = policy.record();
        let mut image = self.clone();
        image.flat[place..place + record.len()].copy_from_slice(&record);
        landfall_image::seal::seal(&mut image.flat).map_err(|error| error.to_string())?;
        Ok(image)
    }

    /// The same kernel's ELF, with this image's bytes.
    pub(super) fn elf(&self, elf: &Path) -> Result<Vec<u8>, String> {
        let mut bytes = std::fs::read(elf).map_err(|error| format!("{}: {error}", elf.display()))?;
        let parsed = ElfFile64::<LittleEndian>::parse(&*bytes).map_err(|error| error.to_string())?;
        let headers = parsed.elf_program_headers().iter();
        let loaded = headers.filter(|header| header.p_type(LittleEndian) == PT_LOAD).map(|header| {
            let offset = header.p_vaddr(LittleEndian).wrapping_sub(self.link_base);
            (at(header.p_offset(LittleEndian)), at(offset), at(header.p_filesz(LittleEndian)))
        });
        let loaded: Vec<_> = loaded.filter(|(_, _, size)| *size != 0).collect();
        for (in_file, offset, size) in loaded {
            // The file of the flat image may end before the last segment does.
            let part = self.flat.get(offset..).unwrap_or_default();
            let part = part.get(..size).unwrap_or(part);
            bytes[in_file..in_file + part.len()].copy_from_slice(part);
        }
        Ok(bytes)
    }

    /// The instructions that landing patches, from the image's start: where each site begins, and its bytes. Each record of a site is the distance
    /// from itself (link.ld).
    pub(super) fn sites(&self) -> Result<Vec<Place>, String> {
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

    /// The same image as it was before `cargo landfall build` sealed it.
    pub(super) fn unsealed(&self) -> Vec<u8> {
        let mut flat = self.flat.clone();
        if let Some(seal) = flat.get_mut(0x50..0x60) {
            seal.copy_from_slice(b"unsealed\0\0\0\0\0\0\0\0");
        }
        flat
    }
}

/// An offset as an index. Kernels are smaller than any address space.
pub(super) fn at(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

/// The slots of a RELR table: an even word is a slot's address; an odd one is a bitmap of the 63 words that follow (gABI, "Relative Relocation
/// Table").
fn slots(table: &[u8]) -> Result<Vec<u64>, String> {
    let (words, rest) = table.as_chunks::<8>();
    if !rest.is_empty() {
        return Err("the RELR table does not consist of whole words".to_owned());
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
