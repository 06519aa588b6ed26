//! Images, and what they ask for.

use landfall_image::seal::seal;
use landfall_plan::Policy;

use crate::byte;

/// Writes `bytes` at an offset.
fn put(image: &mut [u8], at: usize, bytes: &[u8]) {
    image[at..at + bytes.len()].copy_from_slice(bytes);
}

/// A flat image with a boot header (Linux, `Documentation/arch/riscv/boot-image-header.rst`).
pub(crate) fn flat(bytes: usize, size: u64, offset: u64) -> Vec<u8> {
    let mut image: Vec<u8> = (0..bytes as u64).map(|at| byte((at * 31) >> 3)).collect();
    image[..0x80].fill(0);
    put(&mut image, 0x08, &offset.to_le_bytes());
    put(&mut image, 0x10, &size.to_le_bytes());
    put(&mut image, 0x20, &[2]);
    put(&mut image, 0x30, b"RISCV\0\0\0RSC\x05");
    image
}

/// A sealed landfall image: a page each of code, constants, early memory and `.bss`.
pub(crate) fn landfall() -> Vec<u8> {
    let mut image = flat(0x3000, 0x4000, 0);
    put(&mut image, 0x40, b"LANDFALL");
    put(&mut image, 0x48, &[2, 0, 0, 0, 0, 0x30]);
    put(&mut image, 0x50, b"unsealed");
    for (at, extent) in [(0x60, [0x1000_u32, 0x200]), (0x68, [0x1000, 0]), (0x70, [0x1000, 0xf8])] {
        put(&mut image, at, extent.map(u32::to_le_bytes).as_flattened());
    }
    put(&mut image, 0x78, [0x1000_u32, 0x1000].map(u32::to_le_bytes).as_flattened());
    put(&mut image, 0x1000, &Policy::new().record());
    seal(&mut image).expect("a whole image");
    image
}

/// An ELF with these segments: address, bytes in the file, bytes in memory. Its entry is the first
/// one's address.
pub(crate) fn elf(segments: &[(u64, u64, u64)]) -> Vec<u8> {
    let mut header = [0; 64];
    put(&mut header, 0, b"\x7fELF\x02\x01\x01");
    put(&mut header, 16, &[2, 0, 243, 0, 1]);
    put(&mut header, 24, &segments[0].0.to_le_bytes());
    put(&mut header, 32, &[64]);
    put(&mut header, 52, &[64, 0, 56, 0, u8::try_from(segments.len()).expect("few")]);
    put(&mut header, 58, &[64]);
    let (mut table, mut contents) = (Vec::new(), Vec::new());
    let start = 64 + 56 * segments.len() as u64;
    for (at, file, memory) in segments {
        let offset = start + contents.len() as u64;
        table.extend([1, 0, 0, 0, 7, 0, 0, 0]);
        table.extend([offset, *at, *at, *file, *memory, 0x1000].into_iter().flat_map(u64::to_le_bytes));
        contents.extend((0..*file).map(|offset| byte((offset * 13 + at) >> 4)));
    }
    [header.to_vec(), table, contents].concat()
}

/// Bytes that an image wants in memory: the offset from its first address, the contents, and the
/// zeros behind them.
pub(crate) struct Wanted {
    pub(crate) at: u64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) zeros: u64,
}

fn number(bytes: &[u8], at: usize, size: usize) -> u64 {
    bytes[at..at + size].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Returns what an image that was planned wants, and its first address if it has one.
pub(crate) fn wanted(file: &[u8]) -> (Vec<Wanted>, Option<u64>) {
    if !file.starts_with(b"\x7fELF") {
        return (vec![Wanted { at: 0, bytes: file.to_vec(), zeros: 0 }], None);
    }
    let (table, count) = (number(file, 32, 8), number(file, 56, 2));
    let size = number(file, 54, 2);
    let headers = (0..count).map(|index| usize::try_from(table + index * size).expect("in the file"));
    // Type PT_LOAD, and memory.
    let loaded: Vec<_> =
        headers.filter(|at| number(file, *at, 4) == 1 && number(file, at + 40, 8) != 0).collect();
    let base = loaded.iter().map(|at| number(file, at + 24, 8)).min().expect("a segment");
    let wanted = loaded.iter().map(|at| {
        let field = |offset| number(file, at + offset, 8);
        let start = usize::try_from(field(8)).expect("in the file");
        let bytes = file[start..start + usize::try_from(field(32)).expect("in the file")].to_vec();
        Wanted { at: field(24) - base, bytes, zeros: field(40) - field(32) }
    });
    (wanted.collect(), Some(base))
}
