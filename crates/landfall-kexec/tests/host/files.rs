//! Images of each kind, made by hand.

use landfall_image::header::{MAGIC, MAGIC2, TEXT_OFFSET, VERSION};

/// Returns an image with a boot header, whose bytes are all different from their neighbors'.
pub(crate) fn flat(size: usize, memory: u64, text_offset: u64) -> Vec<u8> {
    let mut image: Vec<u8> = (0..=250).cycle().take(size).collect();
    let mut put = |offset: usize, bytes: &[u8]| image[offset..offset + bytes.len()].copy_from_slice(bytes);
    put(0x08, &text_offset.to_le_bytes());
    put(0x10, &memory.to_le_bytes());
    put(0x18, &0_u64.to_le_bytes());
    put(0x20, &VERSION.to_le_bytes());
    put(0x30, &MAGIC.to_le_bytes());
    put(0x38, &MAGIC2.to_le_bytes());
    image
}

/// Returns a small image with the usual header.
pub(crate) fn small() -> Vec<u8> {
    flat(0x3000, 0x8000, TEXT_OFFSET)
}

/// A segment of an ELF.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) offset: u64,
    pub(crate) virt: u64,
    pub(crate) phys: u64,
    pub(crate) file: u64,
    pub(crate) memory: u64,
}

/// Returns an ELF of 64 bits for RISC-V, with these segments (System V ABI, chapters 4 and 5).
pub(crate) fn elf(entry: u64, loads: &[Load], size: usize) -> Vec<u8> {
    let mut elf = b"\x7fELF\x02\x01\x01".to_vec();
    elf.resize(16, 0);
    elf.extend([2, 0, 243, 0, 1, 0, 0, 0]);
    elf.extend([entry, 64, 0].map(u64::to_le_bytes).concat());
    let count = u16::try_from(loads.len()).expect("few segments");
    elf.extend([0, 0, 0, 0]);
    elf.extend([64, 56, count, 64, 0, 0].map(u16::to_le_bytes).concat());
    for load in loads {
        elf.extend([1, 0, 0, 0, 7, 0, 0, 0]);
        let Load { offset, virt, phys, file, memory } = *load;
        elf.extend([offset, virt, phys, file, memory, 4096].map(u64::to_le_bytes).concat());
    }
    let rest = size.saturating_sub(elf.len());
    elf.extend((0..=252).cycle().take(rest));
    elf
}
