//! The PE header: every fixed field counts, and sections must lie in the image.

use landfall_image::pe::{CODE, DATA, PeError, PeHeader, Section};

/// A header as Microsoft's "PE Format" lays it out, written field by field.
fn header() -> Vec<u8> {
    let mut image = vec![0; 0x188];
    let mut put = |at: usize, bytes: &[u8]| image[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"MZ");
    put(0x3c, &0x80_u32.to_le_bytes());
    put(0x80, b"PE\0\0\x64\x50\x02\0");
    put(0x94, &[0xa0, 0, 0x06, 0x02, 0x0b, 0x02]);
    put(0xa8, &0x1234_u32.to_le_bytes());
    put(0xb8, &[0, 0x10, 0, 0, 0, 0x10, 0, 0]);
    put(0xd0, &[0, 0x40, 0, 0, 0, 0x10]);
    put(0xdc, &[10, 0]);
    put(0x104, &[6]);
    for (at, words) in [
        (0x140, [0x1000, 0x1000, 0x1000, 0x1000, 0, 0, 0, CODE]),
        (0x168, [0x2000, 0x2000, 0x1000, 0x2000, 0, 0, 0, DATA]),
    ] {
        words.iter().enumerate().for_each(|(index, word)| put(at + index * 4, &u32::to_le_bytes(*word)));
    }
    image
}

#[test]
fn the_fields_are_where_the_format_has_them() {
    let read = PeHeader::read(&header()).expect("a header");
    assert_eq!((read.entry, read.image_size), (0x1234, 0x4000));
    let section = |address, size, file_size, characteristics| Section {
        address,
        size,
        offset: address,
        file_size,
        characteristics,
    };
    assert_eq!(read.code, section(0x1000, 0x1000, 0x1000, CODE));
    assert_eq!(read.data, section(0x2000, 0x2000, 0x1000, DATA));
}

#[test]
fn a_header_that_is_cut_off_is_none() {
    let whole = header();
    for size in 0..whole.len() {
        let error = PeHeader::read(&whole[..size]);
        assert_eq!(error, Err(PeError::TooShort { found: size }));
    }
}

#[test]
fn another_machine_is_named_with_the_right_one() {
    let mut image = header();
    image[0x84] = 0x32;
    let error = PeHeader::read(&image).expect_err("another machine").to_string();
    assert!(error.contains("machine") && error.contains("0x5032") && error.contains("0x5064"), "{error}");
}

#[test]
fn a_section_that_can_be_written_and_executed_is_none() {
    let mut image = header();
    image[0x15f] |= 0x80;
    assert!(matches!(PeHeader::read(&image), Err(PeError::Field { offset: 0x15c, .. })));
}

#[test]
fn a_section_out_of_the_image_is_named() {
    for (at, value) in [(0x168, 0x3000_u32), (0x16c, u32::MAX), (0x170, 0x2001)] {
        let mut image = header();
        image[at..at + 4].copy_from_slice(&value.to_le_bytes());
        assert!(matches!(PeHeader::read(&image), Err(PeError::Section { .. })), "{at:#x}");
    }
}

#[test]
fn every_fixed_field_counts_and_is_named_by_its_offset() {
    // By the format: code0, e_lfanew, then what begins at 0x80, and the sections' permissions.
    let fields =
        [0x00, 0x3c, 0x80, 0x84, 0x86, 0x94, 0x96, 0x98, 0xb8, 0xbc, 0xd4, 0xdc, 0x104, 0x130, 0x15c, 0x184];
    for at in fields {
        let mut image = header();
        image[at as usize] ^= 1;
        match PeHeader::read(&image) {
            Err(PeError::Field { offset, found, expected, .. }) => {
                assert_eq!((offset, found ^ expected), (at, 1), "{at:#x}");
            }
            other => panic!("{at:#x}: {other:?}"),
        }
    }
}
