//! The boot header.

use landfall_image::header::{BootHeader, HeaderError};
use proptest::prelude::*;

use crate::draws;
use crate::image::{put32, put64, sound};

#[test]
fn a_sound_header_is_read_field_by_field() {
    let mut image = sound();
    put64(&mut image, 0x18, 1);
    let expected = BootHeader { text_offset: 0x20_0000, image_size: 0x5000, flags: 1, version: 2 };
    assert_eq!(BootHeader::read(&image), Ok(expected));
}

#[test]
fn every_header_that_ends_too_soon_is_too_short() {
    for found in 0..64 {
        assert_eq!(BootHeader::read(&sound()[..found]), Err(HeaderError::TooShort { found }));
    }
    assert!(BootHeader::read(&sound()[..64]).is_ok());
}

#[test]
fn a_wrong_magic_is_named() {
    let mut image = sound();
    put32(&mut image, 0x38, 7);
    assert_eq!(BootHeader::read(&image), Err(HeaderError::Magic2 { found: 7 }));
    let mut image = sound();
    put64(&mut image, 0x30, 9);
    assert_eq!(BootHeader::read(&image), Err(HeaderError::Magic { found: 9 }));
}

#[test]
fn another_version_is_named() {
    let mut image = sound();
    put32(&mut image, 0x20, 3);
    assert_eq!(BootHeader::read(&image), Err(HeaderError::Version { found: 3 }));
}

#[test]
fn an_image_without_size_is_refused() {
    let mut image = sound();
    put64(&mut image, 0x10, 0);
    assert_eq!(BootHeader::read(&image), Err(HeaderError::NoSize));
}

proptest! {
    #![proptest_config(draws(4096))]

    #[test]
    fn damaged_bytes_are_read_as_they_are_or_refused(
        damage in prop::collection::vec((0..64_usize, any::<u8>()), 0..4),
        size in 0..80_usize,
    ) {
        let mut image = sound();
        for (at, byte) in damage {
            image[at] = byte;
        }
        image.truncate(size.max(40));
        let field = |at: usize, size: usize| {
            image.get(at..at + size).map(|bytes| bytes.iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte)))
        };
        let valid = image.len() >= 64
            && image[0x30..0x3c] == *b"RISCV\0\0\0RSC\x05"
            && field(0x20, 4) == Some(2)
            && field(0x10, 8) != Some(0);
        let read = BootHeader::read(&image);
        prop_assert_eq!(read.is_ok(), valid);
        if let Ok(BootHeader { text_offset, image_size, flags, version }) = read {
            let expected = [field(0x08, 8), field(0x10, 8), field(0x18, 8), field(0x20, 4)];
            prop_assert_eq!([text_offset, image_size, flags, u64::from(version)].map(Some), expected);
        }
    }
}

#[test]
fn each_error_states_the_value_that_was_found() {
    let errors = [
        (HeaderError::TooShort { found: 9 }, "9 are"),
        (HeaderError::Magic2 { found: 0xab }, "0xab"),
        (HeaderError::Magic { found: 0xcd }, "0xcd"),
        (HeaderError::Version { found: 0xef }, "0xef"),
        (HeaderError::NoSize, "image_size is 0"),
    ];
    for (error, words) in errors {
        assert!(error.to_string().contains(words), "{error}");
    }
}
