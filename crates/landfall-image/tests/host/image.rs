//! Images to read.

/// Bytes in [`sound`].
pub(crate) const SIZE: usize = 0x140;
/// The offset of its sealed tables.
pub(crate) const SEALED: usize = 0x100;
/// Bytes of them.
pub(crate) const SEALED_SIZE: usize = 0x28;

/// Writes a word.
pub(crate) fn put64(image: &mut [u8], offset: usize, word: u64) {
    image[offset..offset + 8].copy_from_slice(&word.to_le_bytes());
}

/// Writes half a word.
pub(crate) fn put32(image: &mut [u8], offset: usize, half: u32) {
    image[offset..offset + 4].copy_from_slice(&half.to_le_bytes());
}

/// An image as the documents describe it, unsealed: header, record, tables; the rest is 0x5a.
pub(crate) fn sound() -> Vec<u8> {
    let mut image = vec![0x5a; SIZE];
    image[..0x80].fill(0);
    put64(&mut image, 0x08, 0x20_0000);
    put64(&mut image, 0x10, 0x5000);
    put32(&mut image, 0x20, 2);
    image[0x30..0x38].copy_from_slice(b"RISCV\0\0\0");
    image[0x38..0x3c].copy_from_slice(b"RSC\x05");
    image[0x40..0x48].copy_from_slice(b"LANDFALL");
    put32(&mut image, 0x48, 2);
    put32(&mut image, 0x4c, 0x140);
    image[0x50..0x58].copy_from_slice(b"unsealed");
    for (at, offset, size) in [(0x60, 0x100, 0x28), (0x68, 0x100, 0x10), (0x70, 0x110, 0x18)] {
        put32(&mut image, at, offset);
        put32(&mut image, at + 4, size);
    }
    // 1 page of code, none of constants but the tables', 2 for the landing, 2 of data.
    put32(&mut image, 0x78, 0x1000);
    put32(&mut image, 0x7c, 0x2000);
    image
}
