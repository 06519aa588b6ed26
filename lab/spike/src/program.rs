//! The ELF that Spike loads: firmware, a trampoline at its target, and the kernel at any address.

use object::write::elf::{FileHeader, ProgramHeader, Sym, Writer};
use object::{Endianness, elf};
use thiserror::Error;

use crate::firmware::{Firmware, Segment, TARGET};

/// A reason why there is no ELF for a boot.
#[derive(Debug, Error)]
pub enum ProgramError {
    /// The image would lie over firmware.
    #[error(
        "an image of {size:#x} bytes at {at:#x} overlaps {start:#x}..{end:#x}, where firmware or its trampoline lies"
    )]
    Overlap {
        /// The image's address.
        at: u64,
        /// The image's bytes.
        size: u64,
        /// The start of the range in the way.
        start: u64,
        /// The first address behind that range.
        end: u64,
    },
    /// The parts do not fit into an ELF.
    #[error("the boot's ELF cannot be written: {0}")]
    Write(#[from] object::write::Error),
}

/// `auipc t0, 0; ld t0, 16(t0); jr t0; nop`, then the address: `a0` and `a1` stay.
const TRAMPOLINE: [u32; 4] = [0x0000_0297, 0x0102_b283, 0x0002_8067, 0x0000_0013];

/// Returns an ELF that starts `firmware`, which then enters `image` at `at`.
///
/// # Errors
/// [`ProgramError`] if the image would lie over firmware.
pub fn link(firmware: &Firmware, image: &[u8], at: u64) -> Result<Vec<u8>, ProgramError> {
    let mut segments = firmware.segments.clone();
    if at != TARGET {
        let mut bytes: Vec<u8> = TRAMPOLINE.iter().flat_map(|word| word.to_le_bytes()).collect();
        bytes.extend(at.to_le_bytes());
        segments.push(Segment { at: TARGET, memory: bytes.len() as u64, bytes });
    }
    let size = image.len() as u64;
    let in_the_way = segments.iter().find(|other| at < other.at + other.memory && other.at < at + size);
    if let Some(other) = in_the_way {
        let (start, end) = (other.at, other.at + other.memory);
        return Err(ProgramError::Overlap { at, size, start, end });
    }
    segments.push(Segment { at, bytes: image.to_vec(), memory: size });
    // Spike reserves ranges in ascending order.
    segments.sort_by_key(|segment| segment.at);
    Ok(write(&segments, [(b"fromhost", firmware.fromhost), (b"tohost", firmware.tohost)])?)
}

/// Writes an ELF with these segments and absolute symbols.
fn write(segments: &[Segment], symbols: [(&[u8], u64); 2]) -> object::write::Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut writer = Writer::new(Endianness::Little, true, &mut file);
    writer.reserve_file_header();
    let count = u32::try_from(segments.len()).unwrap_or(u32::MAX);
    writer.reserve_program_headers(count);
    let offsets: Vec<_> =
        segments.iter().map(|segment| writer.reserve(segment.bytes.len() as u64, 1)).collect();
    writer.reserve_null_symbol_index();
    let names = symbols.map(|(name, address)| {
        writer.reserve_symbol_index(None);
        (writer.add_string(name), address)
    });
    writer.reserve_symtab_section_index();
    writer.reserve_strtab_section_index();
    writer.reserve_shstrtab_section_index();
    writer.reserve_symtab();
    writer.reserve_strtab()?;
    writer.reserve_shstrtab()?;
    writer.reserve_section_headers();

    let entry = segments.first().map_or(0, |first| first.at);
    writer.write_file_header(&FileHeader {
        os_abi: elf::ELFOSABI_NONE,
        abi_version: 0,
        e_type: elf::ET_EXEC,
        e_machine: elf::EM_RISCV,
        e_entry: entry,
        e_flags: elf::FileFlags(0),
    })?;
    writer.write_align_program_headers();
    for (segment, offset) in segments.iter().zip(&offsets) {
        writer.write_program_header(&ProgramHeader {
            p_type: elf::PT_LOAD,
            p_flags: elf::PF_R | elf::PF_W | elf::PF_X,
            p_offset: *offset,
            p_vaddr: segment.at,
            p_paddr: segment.at,
            p_filesz: segment.bytes.len() as u64,
            p_memsz: segment.memory,
            p_align: 1,
        });
    }
    for segment in segments {
        writer.write(&segment.bytes);
    }
    writer.write_null_symbol();
    for (name, st_value) in names {
        writer.write_symbol(&Sym {
            st_name: writer.string_offset(Some(name)),
            section: None,
            st_info: elf::SymbolInfo::new(elf::STB_GLOBAL, elf::STT_OBJECT),
            st_other: elf::SymbolOther(0),
            st_shndx: elf::SHN_ABS,
            st_value,
            st_size: 8,
        });
    }
    writer.write_strtab();
    writer.write_shstrtab();
    writer.write_null_section_header();
    writer.write_symtab_section_header(1);
    writer.write_strtab_section_header();
    writer.write_shstrtab_section_header();
    Ok(file)
}

#[cfg(test)]
mod tests {
    use object::read::elf::ElfFile64;
    use object::{LittleEndian, Object, ObjectSegment, ObjectSymbol};

    use super::*;

    fn firmware() -> Firmware {
        let segments = vec![Segment { at: 0x8000_0000, bytes: vec![1; 64], memory: 0x6_0000 }];
        Firmware { segments, fromhost: 0x8004_2830, tohost: 0x8004_2838 }
    }

    #[test]
    fn firmware_trampoline_and_image_lie_in_ascending_order() {
        for (at, right) in [
            (0x8010_0000, vec![0x8000_0000, 0x8010_0000, 0x8020_0000]),
            (0x9a3c_5000, vec![0x8000_0000, 0x8020_0000, 0x9a3c_5000]),
            (TARGET, vec![0x8000_0000, 0x8020_0000]),
        ] {
            let elf = link(&firmware(), b"image", at).expect("an ELF");
            let elf = ElfFile64::<LittleEndian>::parse(&*elf).expect("an ELF");
            assert_eq!(elf.entry(), 0x8000_0000);
            let places: Vec<_> = elf.segments().map(|segment| segment.address()).collect();
            assert_eq!(places, right);
        }
    }

    #[test]
    fn spike_finds_its_console_by_two_symbols() {
        let elf = link(&firmware(), b"image", TARGET).expect("an ELF");
        let elf = ElfFile64::<LittleEndian>::parse(&*elf).expect("an ELF");
        let symbols: Vec<_> = elf.symbols().map(|symbol| (symbol.name(), symbol.address())).collect();
        assert_eq!(symbols, [(Ok("fromhost"), 0x8004_2830), (Ok("tohost"), 0x8004_2838)]);
    }

    #[test]
    fn an_image_over_firmware_or_trampoline_is_refused() {
        for (at, size) in [(0x8005_f000, 1), (0x801f_f000, 0x2000)] {
            let refused = link(&firmware(), &vec![0; size], at).expect_err("an overlap");
            assert!(matches!(refused, ProgramError::Overlap { .. }), "{refused}");
        }
        link(&firmware(), &[0; 0x1000], 0x8006_0000).expect("room between them");
    }
}
