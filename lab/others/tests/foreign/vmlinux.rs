//! The ELF of a Linux image, as far as the image determines it: its sections and its symbols. The
//! kernel's own names mark the ends of sections. Debian ships no ELF.
//!
//! Linux's linker script (`arch/riscv/kernel/vmlinux.lds.S`) gives the names, and the link address
//! of 64-bit kernels.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::kallsyms::{self, Symbol};

const LINK: u64 = 0xffff_ffff_8000_0000;
const PAGE: usize = 4096;

const READ: u32 = 4;
const WRITE: u32 = 2;
const EXECUTE: u32 = 1;

/// The parts of the image: section name, symbols of start and end, and access.
const PARTS: [(&str, &str, &str, u32); 6] = [
    (".text", "_start", "_etext", READ | EXECUTE),
    (".init.text", "__init_text_begin", "__init_text_end", READ | EXECUTE),
    (".init.data", "__init_data_begin", "__start_rodata", READ | WRITE),
    (".rodata", "__start_rodata", "__end_rodata", READ),
    (".data", "__end_rodata", "_edata", READ | WRITE),
    (".bss", "_edata", "_end", READ | WRITE),
];

/// Returns the ELF of the kernel in `image`, or `None` if its symbols are not found.
pub(crate) fn elf(image: &[u8]) -> Option<Vec<u8>> {
    let mut symbols = kallsyms::symbols(image)?;
    // The start of code, for disassemblers.
    symbols.retain(|symbol| !symbol.name.contains('$'));
    let places: BTreeMap<&str, u32> =
        symbols.iter().map(|symbol| (symbol.name.as_str(), symbol.offset)).collect();
    let place = |name| usize::try_from(*places.get(name)?).ok();
    let mut parts = Vec::new();
    for (name, start, end, access) in PARTS {
        parts.push(Part { name, range: place(start)?..place(end)?, access });
    }
    let early = early_code(&symbols)?;
    let at = parts.iter().position(|part: &Part| part.range.contains(&early.start))?;
    let Part { name, range, access } = parts.remove(at);
    let (before, after) = (range.start..early.start, early.end..range.end);
    let split =
        [(name, before, access), (".init.pi", early, READ | EXECUTE), (".init.data.2", after, access)];
    parts.splice(at..at, split.map(|(name, range, access)| Part { name, range, access }));
    Some(Elf { image, parts, symbols }.bytes())
}

/// Returns the code that Linux runs before it is mapped at its link address: functions named
/// `__pi_`. They lie among the data that is freed after the start.
fn early_code(symbols: &[Symbol]) -> Option<Range<usize>> {
    let data = symbols.iter().position(|symbol| symbol.name == "__init_data_begin")?;
    let is_early = |symbol: &Symbol| symbol.name.starts_with("__pi_");
    let (first, last) =
        (data + symbols[data..].iter().position(is_early)?, symbols.iter().rposition(is_early)?);
    let end = symbols[last..].iter().find(|symbol| symbol.offset > symbols[last].offset)?;
    Some(usize::try_from(symbols[first].offset).ok()?..usize::try_from(end.offset).ok()?)
}

struct Part {
    name: &'static str,
    range: Range<usize>,
    access: u32,
}

struct Elf<'a> {
    image: &'a [u8],
    parts: Vec<Part>,
    symbols: Vec<Symbol>,
}

/// Appends numbers in ELF's format.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn half(&mut self, value: usize) {
        self.0.extend(u16::try_from(value).expect("16 bits").to_le_bytes());
    }

    fn word(&mut self, value: u32) {
        self.0.extend(value.to_le_bytes());
    }

    fn long(&mut self, value: impl TryInto<u64>) {
        let Ok(value) = value.try_into() else { panic!("more than 64 bits") };
        self.0.extend(value.to_le_bytes());
    }
}

fn address(offset: usize) -> u64 {
    LINK + u64::try_from(offset).expect("an offset")
}

/// The fields of a section header.
#[derive(Default)]
struct Section {
    kind: u32,
    flags: u64,
    address: u64,
    offset: usize,
    size: usize,
    link: u32,
    entry: u64,
}

impl Elf<'_> {
    /// Returns the file: header, program headers, the image at the offset of a page, symbols,
    /// names, section headers.
    fn bytes(&self) -> Vec<u8> {
        let mut names = vec![0];
        let mut symbols = Bytes::default();
        symbols.0.resize(24, 0);
        for (index, symbol) in self.symbols.iter().enumerate() {
            self.symbol(index, symbol, names.len(), &mut symbols);
            names.extend(symbol.name.bytes().chain([0]));
        }
        let symbols_at = (PAGE + self.image.len()).next_multiple_of(8);
        let names_at = symbols_at + symbols.0.len();
        let mut sections = vec![Section::default()];
        sections.extend(self.parts.iter().map(|part| part.section(self.image.len())));
        let size = symbols.0.len();
        let link = u32::try_from(sections.len() + 1).expect("an index");
        sections.push(Section { kind: 2, offset: symbols_at, size, link, entry: 24, ..Section::default() });
        sections.push(Section { kind: 3, offset: names_at, size: names.len(), ..Section::default() });
        let mut section_names = vec![0];
        let all = self.parts.iter().map(|part| part.name).chain([".symtab", ".strtab", ".shstrtab"]);
        let starts = all.map(|name| {
            let start = section_names.len();
            section_names.extend(name.bytes().chain([0]));
            u32::try_from(start).expect("a name")
        });
        let starts: Vec<_> = [0].into_iter().chain(starts).collect();
        let section_names_at = names_at + names.len();
        let size = section_names.len();
        sections.push(Section { kind: 3, offset: section_names_at, size, ..Section::default() });
        let headers_at = (section_names_at + section_names.len()).next_multiple_of(8);

        let mut elf = self.header(headers_at, sections.len());
        elf.0.resize(PAGE, 0);
        elf.0.extend(self.image);
        elf.0.resize(symbols_at, 0);
        elf.0.extend(symbols.0);
        elf.0.extend(names);
        elf.0.extend(section_names);
        elf.0.resize(headers_at, 0);
        for (section, name) in sections.iter().zip(starts) {
            elf.word(name);
            elf.word(section.kind);
            elf.long(section.flags);
            elf.long(section.address);
            elf.long(section.offset);
            elf.long(section.size);
            elf.word(section.link);
            // The index of the first symbol that is not local.
            elf.word(u32::from(section.kind == 2));
            elf.long(8_u64);
            elf.long(section.entry);
        }
        elf.0
    }

    /// Returns the ELF header of an executable for RISC-V and its program headers.
    fn header(&self, headers_at: usize, sections: usize) -> Bytes {
        let mut elf = Bytes(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec());
        elf.half(2);
        elf.half(243);
        elf.word(1);
        elf.long(address(self.parts[0].range.start));
        elf.long(64_u64);
        elf.long(headers_at);
        // Compressed instructions, and doubles in registers.
        elf.word(5);
        for value in [64, 56, self.parts.len(), 64, sections, sections - 1] {
            elf.half(value);
        }
        for part in &self.parts {
            let in_file = part.in_file(self.image.len());
            elf.word(1);
            elf.word(part.access);
            elf.long(PAGE + part.range.start);
            elf.long(address(part.range.start));
            elf.long(address(part.range.start));
            elf.long(in_file);
            elf.long(part.range.len());
            elf.long(8_u64);
        }
        elf
    }

    /// Writes a symbol that reaches to the next one, or to the end of its part.
    fn symbol(&self, index: usize, symbol: &Symbol, name: usize, bytes: &mut Bytes) {
        let start = usize::try_from(symbol.offset).expect("an offset");
        // A name for the end of a part belongs to it.
        let holds = |part: &Part| part.range.contains(&start) || part.range.end == start;
        let part = self.parts.iter().position(holds);
        let later = self.symbols[index..].iter().find(|other| other.offset > symbol.offset);
        let later = later.map_or(start, |other| usize::try_from(other.offset).expect("an offset"));
        let size = part.map_or(0, |part| later.min(self.parts[part].range.end) - start);
        let kind = match symbol.kind.to_ascii_lowercase() {
            b't' | b'w' => 2,
            _ => 1,
        };
        bytes.word(u32::try_from(name).expect("a name"));
        bytes.0.extend([0x10 | kind, 0]);
        // A symbol outside all parts is absolute.
        bytes.half(part.map_or(0xfff1, |part| part + 1));
        bytes.long(address(start));
        bytes.long(size);
    }
}

impl Part {
    /// Returns the range of its bytes in the image.
    fn in_file(&self, image: usize) -> usize {
        image.saturating_sub(self.range.start).min(self.range.len())
    }

    fn section(&self, image: usize) -> Section {
        let in_file = self.in_file(image) != 0;
        Section {
            kind: if in_file { 1 } else { 8 },
            flags: 2 | u64::from(self.access & WRITE != 0) | (u64::from(self.access & EXECUTE) << 2),
            address: address(self.range.start),
            offset: PAGE + self.range.start,
            size: self.range.len(),
            ..Section::default()
        }
    }
}
