//! The landfall record.

use landfall_image::feature::{Feature, Features};
use landfall_image::header::HeaderError;
use landfall_image::record::{Extent, Parts, Record, RecordError, SEALED, UNSEALED, VERSION, version_word};
use landfall_image::seal;
use proptest::prelude::*;

use crate::draws;
use crate::image::{put32, sound};

#[test]
fn a_sound_record_is_read_field_by_field() {
    let mut image = sound();
    image[0x58..0x60].copy_from_slice(&[1, 2, 3, 4, 5, 6, 7, 8]);
    let record = Record::read(&image).expect("a record");
    let Record { version, missing, file_size, seal_state, checksum, .. } = record;
    assert_eq!((version, missing, file_size), (2, Features::NONE, 0x140));
    assert_eq!((seal_state, checksum), (UNSEALED, 0x0807_0605_0403_0201));
    assert_eq!(record.sealed, Extent { offset: 0x100, size: 0x28 });
    assert_eq!(record.relr, Extent { offset: 0x100, size: 0x10 });
    assert_eq!(record.policy, Extent { offset: 0x110, size: 0x18 });
    assert_eq!((record.text_size, record.early_size), (0x1000, 0x2000));
    assert_eq!(record.relr.of(&image), Some(&image[0x100..0x110]));
}

#[test]
fn every_record_that_ends_too_soon_is_too_short() {
    for found in 0..0x80 {
        assert_eq!(Record::read(&sound()[..found]), Err(RecordError::TooShort { found }));
    }
}

#[test]
fn bytes_that_are_no_landfall_kernel_are_named() {
    let mut image = sound();
    image[0x40] = b'l';
    assert_eq!(Record::read(&image), Err(RecordError::Magic { found: *b"lANDFALL" }));
}

#[test]
fn another_version_is_named() {
    let mut image = sound();
    put32(&mut image, 0x48, 9);
    assert_eq!(Record::read(&image), Err(RecordError::Version { found: 9 }));
}

#[test]
fn a_record_lists_the_features_that_were_compiled_out() {
    for bits in 0..1 << Feature::ALL.len() {
        let missing = Features::from_bits(bits).expect("bits of features");
        let mut image = sound();
        put32(&mut image, 0x48, version_word(missing));
        assert_eq!(Record::read(&image).map(|record| record.missing), Ok(missing));
    }
}

#[test]
fn a_record_without_a_word_on_features_lacks_none() {
    let mut image = sound();
    put32(&mut image, 0x48, VERSION);
    assert_eq!(Record::read(&image).map(|record| record.missing), Ok(Features::NONE));
}

#[test]
fn a_kernel_with_all_features_is_readable_by_tools_that_know_none() {
    assert_eq!(version_word(Features::NONE), VERSION);
    for &feature in Feature::ALL {
        assert_ne!(version_word(Features::NONE.with(feature)), VERSION, "{feature}");
    }
}

#[test]
fn a_compiled_out_feature_that_nobody_knows_is_named() {
    let mut image = sound();
    put32(&mut image, 0x48, VERSION | 0x8001 << 16);
    assert_eq!(Record::read(&image), Err(RecordError::Features { found: 0x8001 }));
}

#[test]
fn a_stretch_beyond_the_files_end_is_named() {
    for (at, what) in [(0x60, "sealed tables"), (0x68, "RELR table"), (0x70, "policy record")] {
        for (offset, size) in [(0x140, 8), (0x13c, 8), (0, 0x141), (u32::MAX, u32::MAX), (0x141, 0)] {
            let mut image = sound();
            put32(&mut image, at, offset);
            put32(&mut image, at + 4, size);
            let extent = Extent { offset, size };
            assert_eq!(
                Record::read(&image),
                Err(RecordError::Outside { what, extent }),
                "{offset:#x}, {size:#x}"
            );
        }
        let mut image = sound();
        put32(&mut image, at, 0x138);
        put32(&mut image, at + 4, 8);
        assert!(Record::read(&image).is_ok(), "a stretch may reach to the end");
    }
}

#[test]
fn the_parts_add_up_to_the_image() {
    let parts = |image: &[u8]| Record::read(image).and_then(|record| record.parts(image));
    let mut image = sound();
    let expected = Parts { text: 0x1000, constants: 0, early: 0x2000, data: 0x2000 };
    assert_eq!(parts(&image), Ok(expected));
    image.resize(0x3000, 0);
    put32(&mut image, 0x60, 0x2018);
    let expected = Parts { text: 0x1000, constants: 0x2000, early: 0x2000, data: 0 };
    assert_eq!(parts(&image), Ok(expected));
}

#[test]
fn parts_that_do_not_fit_together_are_named() {
    for (at, value) in [(0x78, 0), (0x78, 0x1800), (0x78, 0x2000), (0x7c, 1), (0x7c, 0x5000), (0x10, 0x5001)]
    {
        let mut image = sound();
        put32(&mut image, at, value);
        let error = Record::read(&image).and_then(|record| record.parts(&image));
        assert!(matches!(error, Err(RecordError::Parts { .. })), "{at:#x}: {value:#x}: {error:?}");
    }
    let mut image = sound();
    put32(&mut image, 0x20, 9);
    let error = Record::read(&image).and_then(|record| record.parts(&image));
    assert!(matches!(error, Err(RecordError::Header(_))), "{error:?}");
}

proptest! {
    #![proptest_config(draws(4096))]

    #[test]
    fn what_a_record_that_is_read_names_lies_in_the_file(
        damage in prop::collection::vec((0x40..0x80_usize, any::<u8>()), 0..6),
        size in 0..0x140_usize,
    ) {
        let mut image = sound();
        for (at, byte) in damage {
            image[at] = byte;
        }
        image.truncate(size.max(0x100));
        if let Ok(record) = Record::read(&image) {
            for extent in [record.sealed, record.relr, record.policy] {
                let end = u64::from(extent.offset) + u64::from(extent.size);
                prop_assert!(end <= image.len() as u64);
                prop_assert_eq!(extent.of(&image).map(<[u8]>::len), Some(extent.size as usize));
            }
            if let Ok(Parts { text, constants, early, data }) = record.parts(&image) {
                prop_assert_eq!(text + constants + early + data, 0x5000);
            }
        }
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..0x200)) {
        let _ = Record::read(&bytes);
    }
}

/// Returns the bytes of a fixture: words in hexadecimal, with comments behind `#`.
fn fixture(text: &str) -> Vec<u8> {
    let words = text.lines().flat_map(|line| line.split('#').next().unwrap_or_default().split_whitespace());
    let digits: String = words.collect();
    let byte =
        |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("digits"), 16).expect("a byte");
    digits.as_bytes().chunks(2).map(byte).collect()
}

#[test]
fn a_record_of_version_1_is_read_and_has_no_parts() {
    let image = fixture(include_str!("../records/boot-1.txt"));
    let record = Record::read(&image).expect("a record");
    let Record { version, missing, file_size, seal_state, checksum, .. } = record;
    assert_eq!((version, missing, file_size), (1, Features::NONE, 0xa8));
    assert_eq!((seal_state, checksum), (SEALED, 0xf39d_57be_9e2f_d408));
    assert_eq!(record.sealed, Extent { offset: 0x80, size: 0x28 });
    assert_eq!(record.relr, Extent { offset: 0x80, size: 0x10 });
    assert_eq!(record.policy, Extent { offset: 0x90, size: 0x18 });
    assert_eq!((record.text_size, record.early_size), (0, 0));
    for found in 0x40..0x80 {
        assert_eq!(Record::read(&image[..found]), Err(RecordError::TooShort { found }));
    }
    assert!(matches!(Record::read(&image[..0x80]), Err(RecordError::Outside { .. })), "it is whole");
    let error = record.parts(&image).expect_err("it does not state them");
    assert_eq!(error, RecordError::NoParts { version: 1 });
    assert_eq!(seal::verify(&image), Ok(()), "the seal is the same in all versions");
}

#[test]
fn a_record_of_version_2_is_read_with_its_parts() {
    let image = fixture(include_str!("../records/boot-2.txt"));
    let record = Record::read(&image).expect("a record");
    assert_eq!((record.version, record.text_size, record.early_size), (2, 0x1000, 0x2000));
    assert_eq!(record.parts(&image), Ok(Parts { text: 0x1000, constants: 0, early: 0x2000, data: 0x2000 }));
    assert_eq!(seal::verify(&image), Ok(()));
}

#[test]
fn a_version_that_is_not_known_is_refused_by_its_number() {
    for (version, words) in [(0, "version 0"), (3, "has version 3"), (3, "up to 2"), (3, "newer version")] {
        let mut image = sound();
        put32(&mut image, 0x48, version);
        let error = Record::read(&image).expect_err("another version");
        assert_eq!(error, RecordError::Version { found: version });
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn each_error_states_what_was_found() {
    let extent = Extent { offset: 0x1234, size: 0x56 };
    let errors = [
        (RecordError::TooShort { found: 0x7f }, "0x7f"),
        (RecordError::Magic { found: *b"LANDFILL" }, "LANDFILL"),
        (
            RecordError::Outside { what: "RELR table", extent },
            "RELR table would take 0x56 bytes from offset 0x1234",
        ),
        (RecordError::NoParts { version: 1 }, "version 1"),
        (RecordError::Header(HeaderError::NoSize), "image_size"),
        (RecordError::Parts { text: 1, constants_end: 0x22, early: 3, image: 0x44 }, "up to 0x22"),
    ];
    for (error, words) in errors {
        assert!(error.to_string().contains(words), "{error}");
    }
}
