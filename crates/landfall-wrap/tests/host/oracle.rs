//! The kernel in memory, by the crate `object` and the plainest loops.

use object::LittleEndian;
use object::elf::FileHeader64;
use object::read::elf::{Dyn, FileHeader, ProgramHeader};

const LE: LittleEndian = LittleEndian;
const PAGE: u64 = 4096;

/// Pages with one permission, or bytes before they are pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) flags: u32,
}

/// A file as `object` reads it.
pub(crate) struct Oracle<'a> {
    file: &'a [u8],
    header: &'a FileHeader64<LittleEndian>,
}

impl<'a> Oracle<'a> {
    pub(crate) fn read(file: &'a [u8]) -> Self {
        Self { file, header: FileHeader64::parse(file).expect("an ELF") }
    }

    fn loaded(&self) -> impl Iterator<Item = &'a object::elf::ProgramHeader64<LittleEndian>> + use<'a> {
        let headers = self.header.program_headers(LE, self.file).expect("program headers");
        headers.iter().filter(|header| header.p_type(LE) == object::elf::PT_LOAD && header.p_memsz(LE) != 0)
    }

    /// Returns the segments, in bytes.
    pub(crate) fn segments(&self) -> Vec<Piece> {
        let piece = |header: &object::elf::ProgramHeader64<LittleEndian>| {
            let start = header.p_vaddr(LE);
            Piece { start, end: start + header.p_memsz(LE), flags: header.p_flags(LE).0 & 7 }
        };
        self.loaded().map(piece).collect()
    }

    /// Returns the first and the last address in whole pages.
    pub(crate) fn span(&self) -> (u64, u64) {
        let segments = self.segments();
        let start = segments.iter().map(|piece| piece.start).min().expect("a segment") / PAGE * PAGE;
        let end = segments.iter().map(|piece| piece.end).max().expect("a segment").div_ceil(PAGE) * PAGE;
        (start, end)
    }

    /// Returns the memory of the kernel whose span starts at `to`.
    pub(crate) fn load(&self, to: u64) -> Vec<u8> {
        let (start, end) = self.span();
        let apart = to.wrapping_sub(start);
        let mut memory = vec![0; usize::try_from(end - start).expect("it fits")];
        for header in self.loaded() {
            let bytes = header.data(LE, self.file).expect("its bytes");
            let at = usize::try_from(header.p_vaddr(LE) - start).expect("it fits");
            memory[at..at + bytes.len()].copy_from_slice(bytes);
        }
        // Tables as linked: relocation of one slot must not change the list of the others.
        let linked = memory.clone();
        let word = |memory: &[u8], address: u64| {
            let at = usize::try_from(address - start).expect("in the kernel");
            u64::from_le_bytes(memory[at..at + 8].try_into().expect("8 bytes"))
        };
        let mut put = |address: u64, value: u64| {
            let at = usize::try_from(address - start).expect("in the kernel");
            memory[at..at + 8].copy_from_slice(&value.to_le_bytes());
        };
        let (at, size) = (self.tag(36).unwrap_or(0), self.tag(35).unwrap_or(0));
        for slot in relr((0..size / 8).map(|index| word(&linked, at + index * 8))) {
            put(slot, word(&linked, slot).wrapping_add(apart));
        }
        let (at, size) = (self.tag(7).unwrap_or(0), self.tag(8).unwrap_or(0));
        for index in 0..size / 24 {
            let [slot, info, addend] = [0, 8, 16].map(|field| word(&linked, at + index * 24 + field));
            match info & 0xffff_ffff {
                3 => put(slot, addend.wrapping_add(apart)),
                2 => {
                    let symbols = self.tag(6).expect("a table of symbols");
                    let value = word(&linked, symbols + (info >> 32) * 24 + 8);
                    put(slot, value.wrapping_add(addend).wrapping_add(apart));
                }
                _ => {}
            }
        }
        memory
    }

    /// Returns the value of a tag of the dynamic section.
    fn tag(&self, wanted: i64) -> Option<u64> {
        let headers = self.header.program_headers(LE, self.file).expect("program headers");
        let is_empty = |header: &&object::elf::ProgramHeader64<LittleEndian>| {
            (header.p_memsz(LE), header.p_filesz(LE)) == (0, 0)
        };
        let headers = headers.iter().filter(|header| !is_empty(header));
        let mut tables = headers.filter_map(|header| header.dynamic(LE, self.file).expect("a table"));
        let tags = tables.next()?.iter().take_while(|entry| entry.d_tag(LE).0 != 0);
        let mut found = tags.filter(|entry| entry.d_tag(LE).0 == wanted).map(|entry| entry.d_val(LE));
        found.next()
    }
}

/// Decodes RELR, a bit at a time (gABI, "Relative Relocation Table").
fn relr(words: impl Iterator<Item = u64>) -> Vec<u64> {
    let (mut slots, mut base) = (Vec::new(), 0_u64);
    for word in words {
        if word % 2 == 0 {
            slots.push(word);
            base = word + 8;
        } else {
            slots.extend((0..63).filter(|bit| word >> (bit + 1) & 1 == 1).map(|bit| base + bit * 8));
            base += 63 * 8;
        }
    }
    slots
}
