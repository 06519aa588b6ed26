//! One module for each code of modules.

use landfall_inspect::Code;
use landfall_inspect::finding::Area;
use object::write::SymbolSection;
use object::{SectionFlags, SectionKind, SymbolKind, SymbolScope, elf};

use crate::made::{Made, PRINT, Texts};
use crate::{found, interface};

/// Changes a good module.
fn with<T>(change: impl FnOnce(&mut Made) -> T) -> Vec<u8> {
    let mut made = Made::good();
    change(&mut made);
    made.write()
}

/// A good module with one more relocation, at the code's last instruction.
fn relocated(kind: elf::RelocationType) -> Vec<u8> {
    with(|made| {
        let symbol = made.variable("level", 0, 8);
        made.relocate(made.text, 20, kind, symbol, 0);
    })
}

/// A good module with other statements about itself.
fn about(text: &str) -> Vec<u8> {
    Made::of(&Texts { about: text.to_owned(), ..Texts::good() }).write()
}

fn imports(text: &str) -> Vec<u8> {
    Made::of(&Texts { imports: text.to_owned(), ..Texts::good() }).write()
}

fn parameters(text: &str) -> Vec<u8> {
    Made::of(&Texts { parameters: text.to_owned(), ..Texts::good() }).write()
}

/// A module that imports stable symbols alone, with these statements about itself.
fn stable(about: &str) -> Vec<u8> {
    let mut made = Made::empty();
    if !about.is_empty() {
        made.strings(".landfall.module", about);
    }
    made.strings(".landfall.imports", &format!("print={PRINT}\0"));
    made.undefined("print");
    made.write()
}

/// Asks for an alignment behind `size` bytes at `offset` of the code.
fn align(made: &mut Made, offset: u64, size: i64) {
    let symbol = made.init();
    made.relocate(made.text, offset, elf::R_RISCV_ALIGN, symbol, size);
}

/// Files that are wrong in the way of `code`.
fn wrong(code: Code) -> Vec<Vec<u8>> {
    let kernel = format!("kernel={}", "ab".repeat(20));
    let relocated = |kinds: &[elf::RelocationType]| kinds.iter().map(|kind| relocated(*kind)).collect();
    match code {
        Code::ModuleMachine => {
            let mut file = Made::good().write();
            file[0x12] = 62;
            vec![file]
        }
        Code::ModuleAbi => vec![with(|made| made.flags = 1), with(|made| made.flags = 0xd)],
        Code::ModuleAbout => vec![
            about(&format!("{kernel}\0name=\0")),
            about(&format!("{kernel}\0name=Greet\0")),
            about(&format!("{kernel}\0name=greet")),
            about(&format!("{kernel}\0name=greet\0=x\0")),
            about(&format!("{kernel}\0version=1\0")),
            stable("name=greet\0kernel=ab\0"),
            stable(""),
        ],
        Code::ModuleBuildId => vec![about("name=greet\0"), about("name=greet\0kernel=\0")],
        Code::ModuleKernel => vec![about(&format!("name=greet\0kernel={}\0", "cd".repeat(20)))],
        Code::ModuleSymbol => vec![with(|made| made.undefined("missing"))],
        Code::ModuleSignature => vec![
            imports(&format!("print={PRINT}\0ticks=static u64\0")),
            imports(&format!("print={}\0", PRINT.replace("usize", "u32"))),
        ],
        Code::ModuleAbsolute => relocated(&[
            elf::R_RISCV_HI20,
            elf::R_RISCV_LO12_I,
            elf::R_RISCV_LO12_S,
            elf::R_RISCV_RVC_LUI,
            elf::R_RISCV_32,
        ]),
        Code::ModuleTls => {
            let mut wrong: Vec<_> = relocated(&[
                elf::R_RISCV_TPREL_HI20,
                elf::R_RISCV_TPREL_ADD,
                elf::R_RISCV_TLS_GOT_HI20,
                elf::R_RISCV_TLS_GD_HI20,
                elf::R_RISCV_TLSDESC_HI20,
            ]);
            wrong.push(with(|made| made.section(".tdata", SectionKind::Tls, &[0; 8], 8)));
            wrong
        }
        Code::ModuleWx => vec![with(|made| {
            let section = made.section(".text.patched", SectionKind::Text, &[0x13, 0, 0, 0], 4);
            made.object.section_mut(section).flags = SectionFlags::Elf {
                sh_type: elf::SHT_PROGBITS,
                sh_flags: elf::SHF_ALLOC | elf::SHF_WRITE | elf::SHF_EXECINSTR,
            };
        })],
        // The code has 24 bytes and is aligned to 4.
        Code::ModuleAlign => vec![
            with(|made| align(made, 18, 6)),
            with(|made| align(made, 20, 2)),
            with(|made| made.section(".data.large", SectionKind::Data, &[0; 8], 8192)),
        ],
        Code::ModuleRelocation => {
            let mut wrong: Vec<_> = relocated(&[
                elf::R_RISCV_RELATIVE,
                elf::R_RISCV_COPY,
                elf::R_RISCV_GPREL_I,
                elf::R_RISCV_JUMP_SLOT,
                // Eight bytes, of which four are left.
                elf::R_RISCV_64,
                // Its symbol is no instruction with the high part.
                elf::R_RISCV_PCREL_LO12_I,
            ]);
            wrong.push(with(|made| made.relocate(made.text, 24, elf::R_RISCV_BRANCH, made.init(), 0)));
            // Before the last one.
            wrong.push(with(|made| made.relocate(made.text, 4, elf::R_RISCV_RELAX, made.init(), 0)));
            wrong
        }
        Code::ModuleDuplicate => vec![
            about(&format!("name=greet\0{kernel}\0name=greet\0")),
            parameters("level=u32\0level=u8\0"),
            imports(&format!("print={PRINT}\0print=extern \"C\" fn()\0")),
            with(|made| made.variable("landfall_param_level", 8, 4)),
            with(|made| made.export("greet=", Some(made.init()))),
            with(|made| made.export("ticks=static u64", Some(made.init()))),
        ],
        Code::ModuleRecord => vec![
            imports("print\0"),
            imports("print=\0"),
            imports(&format!("print={PRINT}\0x=y")),
            parameters("level=u128\0"),
            parameters("level=u64\0"),
            parameters("level\0"),
            parameters("other=u32\0"),
            with(|made| made.export("more=", None)),
            with(Made::damaged_export),
        ],
        Code::ModuleEntry => vec![
            with(|made| made.variable("landfall_exit", 0, 8)),
            with(|made| made.function("landfall_exit", 16, 4, SymbolScope::Compilation)),
        ],
        Code::ModuleConstructor => {
            vec![with(|made| made.section(".init_array", SectionKind::Data, &[0; 8], 8))]
        }
        Code::ModuleCommon => vec![with(|made| {
            made.symbol("shared", SymbolKind::Data, SymbolSection::Common, 8, 8, SymbolScope::Linkage);
        })],
        other => panic!("no module for {other}"),
    }
}

#[test]
fn each_gives_its_finding_and_no_other() {
    let mut faults = Vec::new();
    for code in Code::ALL.into_iter().filter(|code| code.area() == Area::Module) {
        for (index, file) in wrong(code).iter().enumerate() {
            let findings = found(file, Some(interface()), Vec::new());
            let mut codes: Vec<_> = findings.iter().map(|(code, _)| *code).collect();
            codes.dedup();
            if codes != [code] {
                faults.push(format!("{code}, file {index}, gives {findings:#?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
