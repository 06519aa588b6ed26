//! The seal.

use landfall_image::record::RecordError;
use landfall_image::seal::{SealError, checksum, seal, verify};
use proptest::prelude::*;

use crate::draws;
use crate::image::{SEALED, SEALED_SIZE, SIZE, put32, put64, sound};

/// The checksum as the document describes it, in wide numbers.
fn naive(image: &[u8], sealed: usize, size: usize) -> u64 {
    let word =
        |at: usize| image[at..at + 8].iter().rev().fold(0_u128, |sum, &byte| sum << 8 | u128::from(byte));
    let multiplier = 0x9e37_79b9_7f4a_7c15_u128;
    let mut state = multiplier;
    let head = (0..0x80).step_by(8).filter(|&at| at != 0x58);
    for at in head.chain((sealed..sealed + size).step_by(8)) {
        let x = (state ^ word(at)) * multiplier % (1 << 64);
        state = x ^ (x >> 32);
    }
    u64::try_from(state).expect("reduced modulo 2^64")
}

fn covered(byte: usize) -> bool {
    byte < 0x80 || (SEALED..SEALED + SEALED_SIZE).contains(&byte)
}

#[test]
fn an_image_is_sealed_once_and_for_all() {
    let mut image = sound();
    assert_eq!(verify(&image), Ok(()), "as linked, nothing is promised");
    seal(&mut image).expect("it is sound");
    assert_eq!(&image[0x50..0x58], b"sealed\0\0");
    assert_eq!(verify(&image), Ok(()));
    let sealed = image.clone();
    seal(&mut image).expect("it is still sound");
    assert_eq!(image, sealed, "sealing again changes nothing");
}

#[test]
fn a_seal_state_that_is_neither_is_named() {
    let mut image = sound();
    put64(&mut image, 0x50, 5);
    assert_eq!(verify(&image), Err(SealError::State { found: 5 }));
}

#[test]
fn tables_that_are_no_whole_words_cannot_be_sealed() {
    let mut image = sound();
    put32(&mut image, 0x64, 0x27);
    assert_eq!(checksum(&image), Err(SealError::Ragged { size: 0x27 }));
    assert_eq!(seal(&mut image), Err(SealError::Ragged { size: 0x27 }));
}

#[test]
fn an_image_without_record_cannot_be_sealed() {
    let error = SealError::Record(RecordError::TooShort { found: 0x40 });
    assert_eq!(seal(&mut sound()[..0x40]), Err(error));
    assert_eq!(verify(&sound()[..0x40]), Err(error));
}

proptest! {
    #![proptest_config(draws(2048))]

    #[test]
    fn the_checksum_is_that_of_the_document(
        fill in prop::collection::vec(any::<u8>(), SIZE),
        sealed in 0..SIZE - 0x30,
        words in 0..6_usize,
    ) {
        let mut image = fill;
        image[0x40..0x80].copy_from_slice(&sound()[0x40..0x80]);
        put32(&mut image, 0x60, u32::try_from(sealed).expect("small"));
        put32(&mut image, 0x64, u32::try_from(words * 8).expect("small"));
        // The last table ends with them.
        put32(&mut image, 0x70, u32::try_from(sealed).expect("small"));
        put32(&mut image, 0x74, u32::try_from(words * 8).expect("small"));
        put32(&mut image, 0x68, u32::try_from(sealed).expect("small"));
        put32(&mut image, 0x6c, 0);
        prop_assert_eq!(checksum(&image), Ok(naive(&image, sealed, words * 8)));
    }

    #[test]
    fn damage_of_covered_bytes_shows_and_no_other(at in 0..SIZE, flip in 1..=u8::MAX) {
        let mut image = sound();
        seal(&mut image).expect("it is sound");
        image[at] ^= flip;
        prop_assert_eq!(verify(&image).is_err(), covered(at), "byte {:#x}", at);
    }

    #[test]
    fn any_bytes_are_sealed_and_verified_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..0x200)) {
        let mut bytes = bytes;
        let _ = verify(&bytes);
        let _ = seal(&mut bytes);
    }
}

#[test]
fn each_error_states_what_was_found() {
    let state = SealError::State { found: u64::from_le_bytes(*b"sealed??") };
    let errors = [
        (SealError::Record(RecordError::NoParts { version: 1 }), "version 1"),
        (state, "sealed??"),
        (SealError::Checksum { recorded: 0x12, computed: 0x34 }, "0x0000000000000034"),
        (SealError::Ragged { size: 13 }, "13 bytes"),
    ];
    for (error, words) in errors {
        assert!(error.to_string().contains(words), "{error}");
    }
}
