//! Kernel files: flat images, ELFs, and damaged ones.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use proptest::prelude::*;

use super::{Kernel, LoadError, Place, Segment};
use crate::config::{Config, Options};
use crate::liberty::Liberties;

/// A segment of an ELF: `p_type`, `p_offset`, `p_vaddr`, `p_paddr`, `p_filesz`, `p_memsz`.
type Header = [u64; 6];

/// Returns a flat image of 80 bytes.
fn flat() -> Vec<u8> {
    let mut file = vec![0x13; 80];
    file[0x08..0x10].copy_from_slice(&0x40_0000_u64.to_le_bytes());
    file[0x10..0x18].copy_from_slice(&0x12345_u64.to_le_bytes());
    file[0x38..0x3c].copy_from_slice(b"RSC\x05");
    file
}

/// Returns an ELF for RISC-V, 0x200 bytes long.
fn elf(entry: u64, segments: &[Header]) -> Vec<u8> {
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\xf3\0\x01\0\0\0".to_vec();
    for word in [entry, 64, 0] {
        file.extend(word.to_le_bytes());
    }
    file.extend(0_u32.to_le_bytes());
    for half in [64, 56, u16::try_from(segments.len()).unwrap(), 64, 0, 0] {
        file.extend(half.to_le_bytes());
    }
    for [kind, rest @ ..] in segments {
        file.extend(u32::try_from(*kind).unwrap().to_le_bytes());
        file.extend(7_u32.to_le_bytes());
        for word in rest.iter().chain(&[0x1000]) {
            file.extend(word.to_le_bytes());
        }
    }
    assert!(file.len() <= 0x180);
    file.resize(0x180, 0);
    file.extend([0xaa; 0x80]);
    file
}

#[test]
fn a_flat_image_has_the_place_and_size_of_its_header() {
    let kernel = Kernel::read(&flat()).unwrap();
    assert_eq!((kernel.size, kernel.entry), (0x12345, 0));
    assert_eq!(kernel.place, Place::Anywhere { text_offset: 0x40_0000 });
    assert_eq!(kernel.segments, [Segment { offset: 0, bytes: flat(), zeros: 0 }]);
}

#[test]
fn a_flat_image_takes_at_least_its_file() {
    let mut file = flat();
    file[0x10..0x18].fill(0);
    assert_eq!(Kernel::read(&file).unwrap().size, 80);
}

#[test]
fn a_file_without_a_header_is_no_kernel() {
    assert_eq!(Kernel::read(&[]), Err(LoadError::Format));
    assert_eq!(Kernel::read(&flat()[..0x3f]), Err(LoadError::Format));
    let mut file = flat();
    file[0x38] = 0;
    assert_eq!(Kernel::read(&file), Err(LoadError::Format));
}

#[test]
fn segments_of_an_elf_lie_at_their_physical_addresses() {
    let high = 0xffff_ffff_8000_0000;
    let file = elf(
        high + 0x10,
        &[
            [1, 0x190, high + 0x2000, 0x8040_2000, 0x10, 0x1234],
            [4, 0, 0, 0, 0, 0],
            [1, 0x180, high, 0x8040_0000, 0x20, 0x20],
        ],
    );
    let kernel = Kernel::read(&file).unwrap();
    assert_eq!((kernel.place, kernel.size, kernel.entry), (Place::At(0x8040_0000), 0x3234, 0x10));
    let expected = [
        Segment { offset: 0, bytes: vec![0xaa; 0x20], zeros: 0 },
        Segment { offset: 0x2000, bytes: vec![0xaa; 0x10], zeros: 0x1224 },
    ];
    assert_eq!(kernel.segments, expected);
}

#[test]
fn an_entry_of_an_elf_may_be_physical() {
    let file = elf(0x8040_0004, &[[1, 0x180, 0xffff_0000_0000_0000, 0x8040_0000, 8, 8]]);
    assert_eq!(Kernel::read(&file).unwrap().entry, 4);
}

#[test]
fn damaged_elfs_are_refused_with_the_reason() {
    let load = |header: Header| Kernel::read(&elf(0x1000, &[header])).unwrap_err();
    let valid = [1, 0x180, 0x1000, 0x1000, 8, 8];
    assert!(Kernel::read(&elf(0x1000, &[valid])).is_ok());
    assert_eq!(Kernel::read(&elf(0, &[])), Err(LoadError::Empty));
    assert_eq!(Kernel::read(&elf(0x1008, &[valid])), Err(LoadError::Entry { entry: 0x1008 }));
    let start = 0x1000;
    assert_eq!(load([1, 0x1f9, start, start, 8, 8]), LoadError::Size { start });
    assert_eq!(load([1, u64::MAX, start, start, 8, 8]), LoadError::Size { start });
    assert_eq!(load([1, 0x180, start, start, 9, 8]), LoadError::Size { start });
    assert_eq!(load([1, 0x180, start, u64::MAX, 1, 8]), LoadError::Size { start: u64::MAX });
    assert_eq!(load([1, 0x180, u64::MAX, start, 1, 8]), LoadError::Size { start });
    let huge = LoadError::TooLarge { size: 1 << 40 };
    assert_eq!(load([1, 0x180, start, start, 8, 1 << 40]), huge);
    let overlap = Kernel::read(&elf(0x1000, &[valid, [1, 0x180, 0x5000, 0x1007, 1, 1]]));
    assert_eq!(overlap, Err(LoadError::Overlap { start: 0x1007 }));
    let mut file = elf(0x1000, &[valid]);
    file[18] = 62;
    assert_eq!(Kernel::read(&file), Err(LoadError::Machine { machine: 62 }));
    file[4] = 1;
    assert!(matches!(Kernel::read(&file), Err(LoadError::Elf(_))));
}

/// Words that are near a limit.
fn word() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), 0..0x400_u64, (0..64_u32, 0..3_u64).prop_map(|(bit, add)| (1 << bit) + add - 1)]
}

/// Panics if a kernel that was read, or a machine with it, is inconsistent.
fn check(file: &[u8]) {
    let Ok(kernel) = Kernel::read(file) else { return };
    for segment in &kernel.segments {
        assert!(segment.offset + segment.bytes.len() as u64 + segment.zeros <= kernel.size);
    }
    assert!(kernel.entry < kernel.size.max(1));
    if let Ok(config) = Config::draw(1, Liberties::worst(), &Options::new(kernel)) {
        assert_ne!(config.entry, 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn no_bytes_make_the_reader_panic(start in 0..3_usize, mut bytes in prop::collection::vec(any::<u8>(), 0..0x200)) {
        let starts: [&[u8]; 3] = [b"", b"\x7fELF\x02\x01\x01", b"\x7fELF"];
        bytes.splice(..starts[start].len().min(bytes.len()), starts[start].iter().copied());
        check(&bytes);
    }

    #[test]
    fn no_segments_make_the_reader_panic(
        entry in word(),
        segments in prop::collection::vec((1..3_u64, [word(), word(), word(), word(), word()]), 0..5),
    ) {
        let headers = segments.into_iter().map(|(kind, [a, b, c, d, e])| [kind, a, b, c, d, e]);
        check(&elf(entry, &headers.collect::<Vec<_>>()));
    }

    #[test]
    fn no_header_of_a_flat_image_makes_the_reader_panic(text_offset in word(), image_size in word()) {
        let mut file = flat();
        file[0x08..0x10].copy_from_slice(&text_offset.to_le_bytes());
        file[0x10..0x18].copy_from_slice(&image_size.to_le_bytes());
        check(&file);
    }

    #[test]
    fn no_changed_byte_makes_the_reader_panic(at in 0..0x200_usize, byte in any::<u8>()) {
        let mut file = elf(0x8020_0000, &[[1, 0x180, 0x8020_0000, 0x8020_0000, 0x80, 0x80]]);
        file[at] = byte;
        check(&file);
    }
}
