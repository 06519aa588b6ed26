//! Files that are made to take much: time and memory stay within a fixed multiple of their size.

use std::time::{Duration, Instant};

use crate::check;
use crate::memory::peak;
use crate::small::{Segment, elf};

/// Bytes of memory for each byte of the file, and those that any file may take.
const MULTIPLE: usize = 32;
const ANY: usize = 1 << 20;
/// For a file of a MiB, without optimization, on a busy machine. Work that grows with the square
/// takes hours.
const TIME: Duration = Duration::from_secs(30);

const MIB: usize = 1 << 20;

/// The file stays within bounds.
fn bounded(file: &[u8]) -> bool {
    let start = Instant::now();
    let (most, read) = peak(|| check(file));
    assert!(most <= MULTIPLE * file.len() + ANY, "{most} bytes for a file of {}", file.len());
    assert!(start.elapsed() < TIME, "{:?} for a file of {}", start.elapsed(), file.len());
    read
}

fn put(file: &mut [u8], at: usize, bytes: &[u8]) {
    file[at..at + bytes.len()].copy_from_slice(bytes);
}

/// A flat landfall image of a MiB, nearly all of it a RELR table: an address, then this word again
/// and again.
fn relocated(word: u64) -> Vec<u8> {
    let mut image = vec![0; MIB];
    let size = u32::try_from(MIB).expect("a size");
    put(&mut image, 0x08, [0x20_0000_u64, MIB as u64, 0, 2].map(u64::to_le_bytes).as_flattened());
    put(&mut image, 0x30, b"RISCV\0\0\0RSC\x05");
    put(&mut image, 0x40, b"LANDFALL");
    put(&mut image, 0x48, [2_u32, size].map(u32::to_le_bytes).as_flattened());
    put(&mut image, 0x50, b"unsealed");
    let tables = [0x1000, size - 0x1000, 0x1000, size - 0x1000, 0x1000, 0, 0x1000, 0_u32];
    put(&mut image, 0x60, tables.map(u32::to_le_bytes).as_flattened());
    for place in image[0x1000..].chunks_exact_mut(8) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    put(&mut image, 0x1000, &0xffff_ffff_0000_2000_u64.to_le_bytes());
    image
}

/// Returns an ELF of a MiB with this many sections. All but the first two have this type and these
/// flags, and cover all of the file.
fn sections(count: u16, kind: u32, flags: u64) -> Vec<u8> {
    let mut file = elf(&[Segment(5, 0x8020_0000, 0x1000, 0x1000)]);
    file.resize(MIB, 0x55);
    let table = MIB - usize::from(count) * 64;
    put(&mut file, 0x28, &(table as u64).to_le_bytes());
    put(&mut file, 0x3a, [64, count, 1].map(u16::to_le_bytes).as_flattened());
    for index in 1..usize::from(count) {
        let header = table + index * 64;
        put(&mut file, header, [1, kind].map(u32::to_le_bytes).as_flattened());
        let fields = [flags, 0x8020_0000, 0x1000, table as u64 - 0x1000];
        put(&mut file, header + 8, fields.map(u64::to_le_bytes).as_flattened());
        put(&mut file, header + 40, &[0; 24]);
    }
    // Their names: SHT_STRTAB, and not loaded.
    put(&mut file, table + 64 + 4, &[3, 0, 0, 0, 0]);
    file
}

#[test]
fn slots_without_end_are_counted_and_not_kept() {
    assert!(bounded(&relocated(u64::MAX)));
    assert!(bounded(&relocated(0xffff_ffff_0000_2000)));
    assert!(bounded(&relocated(0xffff_ffff_0000_2004)));
}

#[test]
fn segments_that_take_the_file_again_and_again_are_refused() {
    let segments: Vec<_> = (0..50).map(|index| Segment(5, index << 32, 0x1_0000, 0x1_0000)).collect();
    assert!(!bounded(&elf(&segments)));
    let many: Vec<_> = (0..70).map(|index| Segment(5, index << 32, 0x1000, 0x1000)).collect();
    assert!(!bounded(&elf(&many)));
}

#[test]
fn segments_far_apart_make_no_large_image() {
    assert!(bounded(&elf(&[Segment(5, 0, 0x1000, 0x1000), Segment(6, 0x3000_0000, 0x1000, 0x1000)])));
}

#[test]
fn sections_that_take_the_file_again_and_again_are_bounded() {
    const PROGBITS: u32 = 1;
    const RELA: u32 = 4;
    const RELR: u32 = 19;
    assert!(bounded(&sections(4000, PROGBITS, 6)));
    assert!(!bounded(&sections(8000, PROGBITS, 6)));
    assert!(!bounded(&sections(100, RELA, 2)));
    assert!(!bounded(&sections(100, RELR, 2)));
    for kind in [RELA, RELR] {
        assert!(bounded(&sections(3, kind, 2)));
    }
}
