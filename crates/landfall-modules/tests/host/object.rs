//! Relocatable files of RISC-V. Every field can be made wrong.

/// Executable, and in memory.
pub(crate) const TEXT: u64 = 0x2 | 0x4;
/// In memory alone.
pub(crate) const CONSTANTS: u64 = 0x2;
/// Writable, and in memory.
pub(crate) const DATA: u64 = 0x2 | 0x1;

pub(crate) const PROGBITS: u32 = 1;
pub(crate) const NOBITS: u32 = 8;
const SYMTAB: u32 = 2;
const STRTAB: u32 = 3;
const RELA: u32 = 4;

/// Bytes of the ELF header.
pub(crate) const HEADER: usize = 64;
/// Bytes of a section header.
const SECTION_HEADER: usize = 64;

#[derive(Clone, Debug)]
pub(crate) struct Relocation {
    pub(crate) offset: u64,
    pub(crate) number: u32,
    pub(crate) symbol: usize,
    pub(crate) addend: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Section {
    pub(crate) name: Vec<u8>,
    pub(crate) kind: u32,
    pub(crate) flags: u64,
    pub(crate) align: u64,
    pub(crate) bytes: Vec<u8>,
    /// Bytes in memory, if they are not those in the file.
    pub(crate) size: Option<u64>,
    pub(crate) relocations: Vec<Relocation>,
}

#[derive(Clone, Debug)]
pub(crate) struct Symbol {
    pub(crate) name: Vec<u8>,
    pub(crate) section: u16,
    pub(crate) value: u64,
    pub(crate) size: u64,
    pub(crate) info: u8,
}

/// The section numbers of symbols that have no section.
pub(crate) const UNDEFINED: u16 = 0;
pub(crate) const ABSOLUTE: u16 = 0xfff1;
pub(crate) const COMMON: u16 = 0xfff2;

/// Global, and weak: in bits 7:4 of `st_info`.
const GLOBAL: u8 = 0x10;
pub(crate) const WEAK: u8 = 0x20;

/// A file.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) kind: u16,
    pub(crate) machine: u16,
    pub(crate) flags: u32,
    pub(crate) sections: Vec<Section>,
    pub(crate) symbols: Vec<Symbol>,
    /// The type of sections of relocations.
    pub(crate) relocations: u32,
}

impl Object {
    /// Returns a file without sections, for lp64d.
    pub(crate) const fn new() -> Self {
        Self { kind: 1, machine: 243, flags: 5, sections: Vec::new(), symbols: Vec::new(), relocations: RELA }
    }

    /// Adds a section, and returns its number.
    pub(crate) fn section(&mut self, name: &str, flags: u64, align: u64, bytes: &[u8]) -> u16 {
        self.sections.push(Section {
            name: name.into(),
            kind: PROGBITS,
            flags,
            align,
            bytes: bytes.to_vec(),
            size: None,
            relocations: Vec::new(),
        });
        u16::try_from(self.sections.len()).expect("few sections")
    }

    /// Adds a section of instructions.
    pub(crate) fn code(&mut self, name: &str, words: &[u32]) -> u16 {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.section(name, TEXT, 4, &bytes)
    }

    /// Adds a global symbol, and returns its number.
    pub(crate) fn symbol(&mut self, name: &str, section: u16, value: u64) -> usize {
        self.symbols.push(Symbol { name: name.into(), section, value, size: 0, info: GLOBAL });
        self.symbols.len()
    }

    /// Adds a relocation of a section.
    pub(crate) fn relocate(&mut self, section: u16, offset: u64, number: u32, symbol: usize, addend: u64) {
        let relocation = Relocation { offset, number, symbol, addend };
        self.at(section).relocations.push(relocation);
    }

    /// Returns a section by its number.
    pub(crate) fn at(&mut self, section: u16) -> &mut Section {
        &mut self.sections[usize::from(section) - 1]
    }

    /// Returns a section by its name.
    pub(crate) fn named(&mut self, name: &str) -> &mut Section {
        self.sections.iter_mut().find(|section| section.name == name.as_bytes()).expect("a section")
    }

    /// Returns the bytes of the file.
    pub(crate) fn write(&self) -> Vec<u8> {
        let (mut symbols, mut names) = (vec![0; 24], vec![0]);
        for symbol in &self.symbols {
            symbols.extend(add_name(&mut names, &symbol.name));
            symbols.extend([symbol.info, 0]);
            symbols.extend(symbol.section.to_le_bytes());
            symbols.extend([symbol.value, symbol.size].map(u64::to_le_bytes).as_flattened());
        }
        let table = self.symbol_table();
        let mut headers = vec![Header::default()];
        let mut contents = vec![Vec::new()];
        for section in &self.sections {
            headers.push(Header {
                name: section.name.clone(),
                kind: section.kind,
                flags: section.flags,
                align: section.align,
                size: section.size,
                ..Header::default()
            });
            contents.push(section.bytes.clone());
        }
        for (index, section) in
            self.sections.iter().enumerate().filter(|(_, section)| !section.relocations.is_empty())
        {
            let name = [b".rela", &section.name[..]].concat();
            let info = u32::try_from(index + 1).expect("few sections");
            headers.push(Header {
                name,
                kind: self.relocations,
                link: table,
                info,
                entry: 24,
                ..Header::default()
            });
            contents.push(section.relocations.iter().flat_map(Relocation::bytes).collect());
        }
        headers.push(Header {
            name: b".symtab".into(),
            kind: SYMTAB,
            link: table + 1,
            entry: 24,
            ..Header::default()
        });
        contents.push(symbols);
        headers.push(Header { name: b".strtab".into(), kind: STRTAB, ..Header::default() });
        contents.push(names);
        headers.push(Header { name: b".shstrtab".into(), kind: STRTAB, ..Header::default() });
        contents.push(Vec::new());
        self.assemble(&headers, contents)
    }

    /// Returns the number of the symbol table's section.
    pub(crate) fn symbol_table(&self) -> u32 {
        let with_relocations = self.sections.iter().filter(|section| !section.relocations.is_empty()).count();
        u32::try_from(1 + self.sections.len() + with_relocations).expect("few sections")
    }

    fn assemble(&self, headers: &[Header], mut contents: Vec<Vec<u8>>) -> Vec<u8> {
        let mut names = vec![0];
        let offsets: Vec<[u8; 4]> = headers.iter().map(|header| add_name(&mut names, &header.name)).collect();
        *contents.last_mut().expect("the names") = names;
        let mut file = vec![0; HEADER];
        let mut table: Vec<u8> = Vec::new();
        for ((header, content), name) in headers.iter().zip(contents).zip(offsets) {
            file.resize(file.len().next_multiple_of(8), 0);
            let size = header.size.unwrap_or(content.len() as u64);
            table.extend([name, header.kind.to_le_bytes()].as_flattened());
            let words = [header.flags, 0, file.len() as u64, size];
            table.extend(words.map(u64::to_le_bytes).as_flattened());
            table.extend([header.link, header.info].map(u32::to_le_bytes).as_flattened());
            table.extend([header.align, header.entry].map(u64::to_le_bytes).as_flattened());
            file.extend(content);
        }
        file.resize(file.len().next_multiple_of(8), 0);
        let start = file.len() as u64;
        file.extend(table);
        let count = u16::try_from(headers.len()).expect("few sections");
        let mut header: Vec<u8> = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        header.extend([self.kind, self.machine].map(u16::to_le_bytes).as_flattened());
        header.extend(1_u32.to_le_bytes());
        header.extend([0, 0, start].map(u64::to_le_bytes).as_flattened());
        header.extend(self.flags.to_le_bytes());
        let sizes = [HEADER, 0, 0, SECTION_HEADER].map(|size| u16::try_from(size).expect("small"));
        header.extend(sizes.map(u16::to_le_bytes).as_flattened());
        header.extend([count, count - 1].map(u16::to_le_bytes).as_flattened());
        file[..HEADER].copy_from_slice(&header);
        file
    }
}

#[derive(Default)]
struct Header {
    name: Vec<u8>,
    kind: u32,
    flags: u64,
    align: u64,
    size: Option<u64>,
    link: u32,
    info: u32,
    entry: u64,
}

impl Relocation {
    fn bytes(&self) -> [u8; 24] {
        let info = (self.symbol as u64) << 32 | u64::from(self.number);
        let words = [self.offset, info, self.addend].map(u64::to_le_bytes);
        *words.as_flattened().first_chunk().expect("three words")
    }
}

/// Adds a string to a table, and returns its offset.
fn add_name(table: &mut Vec<u8>, name: &[u8]) -> [u8; 4] {
    let offset = u32::try_from(table.len()).expect("few names");
    table.extend(name);
    table.push(0);
    offset.to_le_bytes()
}

/// Returns the bytes of a record of an export, without its address.
pub(crate) fn export(text: &str) -> Vec<u8> {
    let mut record = vec![0; 8];
    let size = text.len().next_multiple_of(8);
    record.extend((size as u64).to_le_bytes());
    record.extend(text.as_bytes());
    record.resize(16 + size, 0);
    record
}
