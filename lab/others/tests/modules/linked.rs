//! The same module, linked by GNU's linker for the addresses at which it was loaded.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use object::read::elf::ElfFile64;
use object::{Object, ObjectSection, ObjectSymbol, RelocationFlags, RelocationTarget};

use crate::build::run;
use crate::loaded::Loaded;

const GOT_HI20: u32 = 20;
const PCREL_LO12_I: u32 = 24;

/// Compares each byte of each section, but for the places of slots of the GOT. These are compared
/// by the addresses in them.
pub(crate) fn compare(folder: &Path, module: &[u8], loaded: &Loaded, described: &str) {
    let linked = link(folder, module, loaded);
    let linked: ElfFile64 = ElfFile64::parse(&linked[..]).expect("an ELF");
    let parsed: ElfFile64 = ElfFile64::parse(module).expect("an ELF");
    for section in parsed.sections() {
        let Some(address) = loaded.sections[section.index().0] else { continue };
        let name = section.name().expect("a name");
        let size = usize::try_from(section.size()).expect("small");
        let mut ours = loaded.bytes(address, size);
        let mut theirs = bytes(&linked, address, size);
        for (at, number, upper) in slots(&parsed, &section) {
            let at = usize::try_from(at).expect("small");
            if number == PCREL_LO12_I {
                let upper = address + upper;
                let pair = |read: &dyn Fn(u64, usize) -> Vec<u8>| {
                    let slot = sum(upper, word(&read(upper, 4)), word(&read(address + at as u64, 4)));
                    read(slot, 8)
                };
                let target = pair(&|at, size| loaded.bytes(at, size));
                assert_eq!(
                    target,
                    pair(&|at, size| bytes(&linked, at, size)),
                    "{described}: {name} at {at:#x}"
                );
            }
            // The rest of the instruction must be the same.
            for image in [&mut ours, &mut theirs] {
                let mask = if number == GOT_HI20 { 0xfff } else { 0xf_ffff };
                let rest = word(&image[at..]) & mask;
                image[at..at + 4].copy_from_slice(&rest.to_le_bytes());
            }
        }
        if let Some(at) = (0..size).find(|at| ours[*at] != theirs[*at]) {
            let end = size.min(at + 8);
            panic!(
                "{described}: {name} at {at:#x}: {:x?}, by the linker {:x?}",
                &ours[at..end],
                &theirs[at..end]
            );
        }
    }
}

/// Returns the places of instructions that reach a slot: each with its type and the place of the
/// upper half.
fn slots(file: &ElfFile64, section: &object::read::elf::ElfSection64) -> Vec<(u64, u32, u64)> {
    let number = |relocation: &object::Relocation| match relocation.flags() {
        RelocationFlags::Elf { r_type } => r_type.0,
        _ => 0,
    };
    let uppers: Vec<u64> = section
        .relocations()
        .filter(|(_, relocation)| number(relocation) == GOT_HI20)
        .map(|(at, _)| at)
        .collect();
    let lowers = section.relocations().filter_map(|(at, relocation)| {
        let RelocationTarget::Symbol(symbol) = relocation.target() else { return None };
        let upper = file.symbol_by_index(symbol).expect("a symbol").address();
        (number(&relocation) == PCREL_LO12_I && uppers.contains(&upper)).then_some((at, PCREL_LO12_I, upper))
    });
    lowers.chain(uppers.iter().map(|at| (*at, GOT_HI20, *at))).collect()
}

/// Links a module for its addresses.
fn link(folder: &Path, module: &[u8], loaded: &Loaded) -> Vec<u8> {
    let parsed: ElfFile64 = ElfFile64::parse(module).expect("an ELF");
    let mut script = String::from("SECTIONS {\n");
    for section in parsed.sections() {
        if let Some(address) = loaded.sections[section.index().0] {
            let name = section.name().expect("a name");
            writeln!(script, "  {name} {address:#x} : {{ *({name}) }}").expect("a string");
        }
    }
    // Slots are at addresses of the linker's own.
    let free = loaded.sections.iter().flatten().max().expect("sections") + 0x10_0000;
    writeln!(script, "  .got {free:#x} : {{ *(.got .got.plt) }}\n}}").expect("a string");
    let [from, to, script_file] = ["unit.ko", "linked.elf", "script.ld"].map(|name| folder.join(name));
    fs::write(&from, without_merging(module)).expect("a file");
    fs::write(&script_file, script).expect("a file");
    let mut ld = Command::new("riscv64-linux-gnu-ld");
    ld.args(["-static", "--no-relax", "-e0", "--no-warn-rwx-segments", "-T"]).arg(script_file);
    ld.arg(format!("--defsym=near_function={:#x}", loaded.function));
    ld.arg(format!("--defsym=near_data={:#x}", loaded.data));
    run(ld.arg("-o").args([&to, &from]));
    fs::read(to).expect("a program")
}

/// Returns the file with sections of which a linker may not drop constants that are there twice.
fn without_merging(module: &[u8]) -> Vec<u8> {
    /// `SHF_MERGE` and `SHF_STRINGS`.
    const MERGE: u8 = 0x30;
    let mut file = module.to_vec();
    let headers = u64::from_le_bytes(*file[40..].first_chunk().expect("e_shoff"));
    let count = u16::from_le_bytes(*file[60..].first_chunk().expect("e_shnum"));
    for index in 0..usize::from(count) {
        let flags = usize::try_from(headers).expect("small") + index * 64 + 8;
        file[flags] &= !MERGE;
    }
    file
}

/// Returns bytes of a linked file: those of `.bss` are zeros.
fn bytes(file: &ElfFile64, address: u64, size: usize) -> Vec<u8> {
    let holds = |section: &object::read::elf::ElfSection64| {
        section.address() <= address && address + size as u64 <= section.address() + section.size()
    };
    let section = file.sections().find(holds).unwrap_or_else(|| panic!("no section at {address:#x}"));
    let data = section.data().expect("data");
    if data.is_empty() {
        return vec![0; size];
    }
    let start = usize::try_from(address - section.address()).expect("small");
    data[start..start + size].to_vec()
}

fn word(bytes: &[u8]) -> u32 {
    u32::from_le_bytes(*bytes.first_chunk().expect("4 bytes"))
}

/// Returns the address that `auipc` at `at` and an instruction of I-type make.
fn sum(at: u64, upper: u32, lower: u32) -> u64 {
    let upper = i64::from((upper & 0xffff_f000).cast_signed());
    let lower = i64::from(lower.cast_signed() >> 20);
    at.wrapping_add_signed(upper + lower)
}
