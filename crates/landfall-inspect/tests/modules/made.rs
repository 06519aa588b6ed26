//! A module made from nothing, and a kernel's interface for it. Their parts can be changed before
//! they are written.

use object::elf;
use object::write::{Object, Relocation, SectionId, StandardSection, Symbol, SymbolId, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, FileFlags, RelocationFlags, SectionKind, SymbolFlags, SymbolKind,
    SymbolScope,
};

/// The build ID of the kernel.
pub(crate) const BUILD_ID: [u8; 20] = [0xab; 20];

/// A module before it is written.
pub(crate) struct Made {
    pub(crate) object: Object<'static>,
    pub(crate) text: SectionId,
    pub(crate) data: SectionId,
    pub(crate) flags: u32,
    exports: Option<SectionId>,
}

/// The texts of a module.
pub(crate) struct Texts {
    pub(crate) about: String,
    pub(crate) imports: String,
    pub(crate) parameters: String,
}

impl Texts {
    pub(crate) fn good() -> Self {
        Self {
            about: format!("name=greet\0kernel={}\0version=0.1.0\0", "ab".repeat(20)),
            imports: format!("print={PRINT}\0"),
            parameters: "level=u32\0".to_owned(),
        }
    }
}

/// The double-precision ABI, and compressed instructions.
pub(crate) const FLAGS: u32 = 5;

/// `auipc a0, 0; addi a0, a0, 0; auipc ra, 0; jalr ra, ra, 0; ret; nop`.
const CODE: [u32; 6] = [0x0000_0517, 0x0005_0513, 0x0000_0097, 0x0000_80e7, 0x0000_8067, 0x0000_0013];

pub(crate) const PRINT: &str = "extern \"C\" fn(*const u8, usize)";

impl Made {
    /// A module without a section of text.
    pub(crate) fn empty() -> Self {
        let mut object = Object::new(BinaryFormat::Elf, Architecture::Riscv64, Endianness::Little);
        let text = object.section_id(StandardSection::Text);
        let data = object.section_id(StandardSection::Data);
        object.append_section_data(text, CODE.map(u32::to_le_bytes).as_flattened(), 4);
        object.append_section_data(data, &[1; 16], 8);
        Self { object, text, data, flags: FLAGS, exports: None }
    }

    /// A good module: it has an entry point, a stable import and another one, a parameter and an
    /// export.
    pub(crate) fn good() -> Self {
        Self::of(&Texts::good())
    }

    /// The same with other texts.
    pub(crate) fn of(texts: &Texts) -> Self {
        let mut made = Self::empty();
        for (section, text) in [
            (".landfall.module", &texts.about),
            (".landfall.imports", &texts.imports),
            (".landfall.params", &texts.parameters),
        ] {
            if !text.is_empty() {
                made.strings(section, text);
            }
        }
        let print = made.undefined("print");
        let ticks = made.undefined("ticks");
        let init = made.function("landfall_init", 0, 20, SymbolScope::Linkage);
        let high = made.function(".Lhigh", 0, 0, SymbolScope::Compilation);
        made.variable("landfall_param_level", 8, 4);
        made.relocate(made.text, 0, elf::R_RISCV_PCREL_HI20, ticks, 0);
        made.relocate(made.text, 4, elf::R_RISCV_PCREL_LO12_I, high, 0);
        made.relocate(made.text, 8, elf::R_RISCV_CALL_PLT, print, 0);
        made.export("greet=extern \"C\" fn()", Some(init));
        made
    }

    /// The entry point.
    pub(crate) fn init(&self) -> SymbolId {
        self.object.symbol_id(b"landfall_init").expect("an entry point")
    }

    pub(crate) fn section(&mut self, name: &str, kind: SectionKind, bytes: &[u8], align: u64) -> SectionId {
        let section = self.object.add_section(Vec::new(), name.into(), kind);
        self.object.append_section_data(section, bytes, align);
        section
    }

    pub(crate) fn strings(&mut self, name: &str, text: &str) -> SectionId {
        self.section(name, SectionKind::ReadOnlyData, text.as_bytes(), 1)
    }

    pub(crate) fn export(&mut self, text: &str, symbol: Option<SymbolId>) {
        let mut record = [0, text.len() as u64].map(u64::to_le_bytes).concat();
        record.extend(text.bytes());
        record.resize(record.len().next_multiple_of(8), 0);
        let section = self.exports();
        let offset = self.object.append_section_data(section, &record, 8);
        if let Some(symbol) = symbol {
            self.relocate(section, offset, elf::R_RISCV_64, symbol, 0);
        }
    }

    fn exports(&mut self) -> SectionId {
        let add =
            || self.object.add_section(Vec::new(), b".landfall.exports".to_vec(), SectionKind::ReadOnlyData);
        *self.exports.get_or_insert_with(add)
    }

    /// A record whose text is longer than the section.
    pub(crate) fn damaged_export(&mut self) {
        let section = self.exports();
        self.object.append_section_data(section, [0, 99].map(u64::to_le_bytes).as_flattened(), 8);
    }

    pub(crate) fn undefined(&mut self, name: &str) -> SymbolId {
        self.symbol(name, SymbolKind::Unknown, SymbolSection::Undefined, 0, 0, SymbolScope::Dynamic)
    }

    pub(crate) fn function(&mut self, name: &str, value: u64, size: u64, scope: SymbolScope) -> SymbolId {
        self.symbol(name, SymbolKind::Text, SymbolSection::Section(self.text), value, size, scope)
    }

    pub(crate) fn variable(&mut self, name: &str, value: u64, size: u64) -> SymbolId {
        let section = SymbolSection::Section(self.data);
        self.symbol(name, SymbolKind::Data, section, value, size, SymbolScope::Linkage)
    }

    pub(crate) fn symbol(
        &mut self,
        name: &str,
        kind: SymbolKind,
        section: SymbolSection,
        value: u64,
        size: u64,
        scope: SymbolScope,
    ) -> SymbolId {
        let name = name.as_bytes().to_vec();
        self.object.add_symbol(Symbol {
            name,
            value,
            size,
            kind,
            scope,
            weak: false,
            section,
            flags: SymbolFlags::None,
        })
    }

    pub(crate) fn relocate(
        &mut self,
        section: SectionId,
        offset: u64,
        kind: elf::RelocationType,
        symbol: SymbolId,
        addend: i64,
    ) {
        let flags = RelocationFlags::Elf { r_type: kind };
        self.object
            .add_relocation(section, Relocation { offset, symbol, addend, flags })
            .expect("a relocation");
    }

    /// The file.
    pub(crate) fn write(mut self) -> Vec<u8> {
        self.object.flags = FileFlags::Elf {
            os_abi: elf::ELFOSABI_NONE,
            abi_version: 0,
            e_flags: elf::FileFlags(self.flags),
        };
        self.object.write().expect("an object file")
    }
}

/// The link address of the kernel.
const BASE: u64 = 0x1_0000;

/// A kernel's ELF with these exports, of this build.
pub(crate) fn kernel(exports: &[&str], build_id: &[u8]) -> Vec<u8> {
    let mut made = Made::empty();
    for export in exports {
        made.export(export, None);
    }
    let mut note = [4, u32::try_from(build_id.len()).expect("a size"), 3].map(u32::to_le_bytes).concat();
    note.extend(b"GNU\0");
    note.extend(build_id);
    made.section(".note.gnu.build-id", SectionKind::Note, &note, 4);
    let mut file = made.write();
    // Each section is linked to its offset in the file, above a base.
    let word = |file: &[u8], at: usize| u64::from_le_bytes(*file[at..].first_chunk().expect("a word"));
    let (table, count) = (usize::try_from(word(&file, 0x28)).expect("an offset"), usize::from(file[0x3c]));
    for header in (0..count).map(|index| table + index * 64) {
        let address = BASE + word(&file, header + 0x18);
        file[header + 0x10..header + 0x18].copy_from_slice(&address.to_le_bytes());
    }
    // ET_DYN, with a program header: all of the file, read-only.
    file[0x10] = 3;
    let (at, size) = (file.len() as u64, file.len() as u64);
    file.extend([1_u32, 4].map(u32::to_le_bytes).as_flattened());
    file.extend([0, BASE, BASE, size, size, 8].map(u64::to_le_bytes).as_flattened());
    file[0x20..0x28].copy_from_slice(&at.to_le_bytes());
    file[0x36..0x3a].copy_from_slice([56, 1].map(u16::to_le_bytes).as_flattened());
    file
}
