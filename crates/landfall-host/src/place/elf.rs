//! The smallest ELF that puts an image at an address.

use std::ops::Range;

use landfall_predict::units::Address;

/// Bytes in the file header and the one program header of the ELF.
const HEADERS: Range<u64> = 0..64 + 56;

/// Returns an ELF that loads `image` at `at` and starts at its first byte.
///
/// The segment ends with the file. Its memory size excludes the `.bss`, so that only the kernel
/// zeroes it.
pub fn wrap(image: &[u8], at: Address) -> Vec<u8> {
    let mut elf = Vec::with_capacity(image.len() + 120);
    let size = image.len() as u64;
    // e_ident: magic, 64-bit, little-endian, version 1. Then ET_EXEC, EM_RISCV, version 1.
    elf.extend(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
    elf.extend([2, 0, 243, 0, 1, 0, 0, 0]);
    // e_entry, e_phoff, e_shoff.
    elf.extend([at.0, 64, 0].map(u64::to_le_bytes).as_flattened());
    // e_flags 0; e_ehsize, e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx.
    elf.extend(0_u32.to_le_bytes());
    elf.extend([64_u16, 56, 1, 64, 0, 0].map(u16::to_le_bytes).as_flattened());
    // p_type PT_LOAD, p_flags RWX; p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_align.
    elf.extend([1_u32, 7].map(u32::to_le_bytes).as_flattened());
    elf.extend([HEADERS.end, at.0, at.0, size, size, 1].map(u64::to_le_bytes).as_flattened());
    elf.extend(image);
    elf
}

#[cfg(test)]
mod tests {
    use object::elf::PT_LOAD;
    use object::read::elf::{ElfFile64, ProgramHeader};
    use object::{LittleEndian, Object};

    use super::*;

    #[test]
    fn the_wrapped_image_is_one_segment_at_its_address() {
        let elf = wrap(b"image", Address(0x8765_4000));
        let elf = ElfFile64::<LittleEndian>::parse(&*elf).expect("an ELF");
        assert_eq!(elf.entry(), 0x8765_4000);
        let [segment] = elf.elf_program_headers() else { panic!("one segment is right") };
        assert_eq!(segment.p_type(LittleEndian), PT_LOAD);
        assert_eq!(segment.p_paddr(LittleEndian), 0x8765_4000);
        assert_eq!(segment.data(LittleEndian, elf.data()), Ok(&b"image"[..]));
    }
}
