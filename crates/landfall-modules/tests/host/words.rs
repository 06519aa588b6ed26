//! Relocations of words, differences and alignments, and those that are refused by name.

use landfall_modules::{LoadError, Part, relocation};

use crate::fields::{GIB2, Relation, filled, samples};
use crate::fixture::Fixture;
use crate::object::Object;
use crate::samples::named;

#[test]
fn words_of_32_bits_hold_signed_numbers() {
    for (number, relation) in [(1, Relation::Nothing), (57, Relation::Place), (59, Relation::Place)] {
        for wanted in samples(-GIB2, GIB2 - 1, 1) {
            let after =
                filled(number, relation, wanted, &[0xcc; 8]).unwrap_or_else(|error| panic!("{error}"));
            let expected = i32::try_from(wanted).expect("32 bits").to_le_bytes();
            assert_eq!((&after[..4], &after[4..]), (&expected[..], &[0xcc; 4][..]));
        }
        for wanted in [-GIB2 - 1, GIB2] {
            let refused = filled(number, relation, wanted, &[0xcc; 8]).expect_err("33 bits");
            assert!(matches!(refused, LoadError::OutOfReach { .. }), "{refused}");
        }
    }
}

/// The new word, from the old one and the value.
type Operation = fn(u64, u64) -> u64;

#[test]
fn words_are_replaced_added_to_and_subtracted_from_modulo_their_size() {
    const BEFORE: [u8; 12] = [0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7, 0xf8, 0xcc, 0xcc, 0xcc, 0xcc];
    let old = u64::from_le_bytes(*BEFORE.first_chunk().expect("8 bytes"));
    let set: Operation = |_, new| new;
    let types: [(u32, usize, Operation); 12] = [
        (2, 8, set),
        (33, 1, u64::wrapping_add),
        (34, 2, u64::wrapping_add),
        (35, 4, u64::wrapping_add),
        (36, 8, u64::wrapping_add),
        (37, 1, u64::wrapping_sub),
        (38, 2, u64::wrapping_sub),
        (39, 4, u64::wrapping_sub),
        (40, 8, u64::wrapping_sub),
        (54, 1, set),
        (55, 2, set),
        (56, 4, set),
    ];
    for (number, size, new) in types {
        for wanted in samples(i64::MIN, i64::MAX, 1) {
            let after = filled(number, Relation::Nothing, wanted, &BEFORE).expect("all values fit");
            let mut expected = BEFORE;
            expected[..size].copy_from_slice(&new(old, wanted.cast_unsigned()).to_le_bytes()[..size]);
            assert_eq!(after, expected, "{number}, {wanted:#x}");
        }
    }
    for wanted in 0..=255 {
        // The upper two bits of the byte are not the field's.
        let [set, subtracted] = [53, 52].map(|number| filled(number, Relation::Nothing, wanted, &BEFORE));
        let low = u8::try_from(wanted).expect("a byte") & 0x3f;
        assert_eq!(set.expect("a byte")[..2], [0x80 | low, 0x92]);
        assert_eq!(subtracted.expect("a byte")[..2], [0x80 | 0x01_u8.wrapping_sub(low) & 0x3f, 0x92]);
    }
}

/// A module with the difference of two places of its text, `difference` apart, as a ULEB128 number
/// that has `length` bytes.
fn difference(difference: u64, length: usize) -> Object {
    let mut object = named("unit");
    let text = object.code(".text", &[0; 4]);
    let mut number = vec![0x80; length];
    *number.last_mut().expect("one byte") = 0;
    number.push(0xcc);
    let table = object.section(".gcc_except_table", crate::object::CONSTANTS, 1, &number);
    object.symbol("start", text, 0);
    object.relocate(table, 0, 60, 1, difference.wrapping_add(8));
    object.relocate(table, 0, 61, 1, 8);
    object
}

#[test]
fn a_difference_in_seven_bits_a_byte_keeps_its_length() {
    let mut fixture = Fixture::new();
    for (value, bytes) in [
        (0, &[0x00][..]),
        (0x7f, &[0x7f]),
        (5, &[0x85, 0x00]),
        (0x3fff, &[0xff, 0x7f]),
        (0x12345, &[0xc5, 0xc6, 0x84, 0x00]),
    ] {
        let object = difference(value, bytes.len());
        let offset = "name=unit\0kernel=a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5\0\0".len() as u64;
        let id = fixture.load(&object.write()).unwrap_or_else(|error| panic!("{value:#x}: {error}"));
        let after = fixture.bytes("unit", Part::Constants, offset, bytes.len() + 1);
        assert_eq!(after, [bytes, &[0xcc]].concat());
        fixture.unload(id).expect("unused");
    }
    for (value, length) in [(0x80, 1), (0x4000, 2), (u64::MAX - 7, 4)] {
        let refused = fixture.load(&difference(value, length).write()).expect_err("it is longer");
        assert!(matches!(refused, LoadError::OutOfReach { number: 60, .. }), "{refused}");
    }
}

#[test]
fn half_of_a_difference_is_refused() {
    let mut fixture = Fixture::new();
    for left in [0, 1] {
        let mut object = difference(4, 2);
        object.named(".gcc_except_table").relocations.remove(left);
        assert_eq!(fixture.load(&object.write()), Err(LoadError::Damaged("relocations")));
    }
}

#[test]
fn an_alignment_must_be_there_already() {
    let aligned = |offset: u64, addend: u64| {
        let mut object = named("unit");
        let text = object.code(".text", &[0x13; 16]);
        object.relocate(text, offset, 43, 0, addend);
        Fixture::new().load(&object.write()).map(|_| ())
    };
    // Two bytes to a multiple of 4, six to a multiple of 8, 28 to a multiple of 32.
    for (offset, addend) in [(2, 2), (6, 2), (10, 6), (2, 6), (36, 28), (0, 0), (8, 0)] {
        assert_eq!(aligned(offset, addend), Ok(()), "{offset}, {addend}");
    }
    for (offset, addend) in [(0, 2), (4, 2), (8, 6), (4, 6), (40, 28)] {
        let refused = aligned(offset, addend).expect_err("a linker would delete instructions");
        assert!(matches!(refused, LoadError::Relaxed { offset: found, .. } if found == offset));
        assert!(refused.to_string().contains("-mno-relax"), "{refused}");
    }
    for addend in [u64::MAX, 1 << 63] {
        aligned(0, addend).expect_err("no such alignment");
    }
}

#[test]
fn every_type_that_is_not_resolved_is_refused_by_its_name() {
    let resolved = [
        0, 1, 2, 16, 17, 18, 19, 20, 23, 24, 25, 33, 34, 35, 36, 37, 38, 39, 40, 41, 43, 44, 45, 51, 52, 53,
        54, 55, 56, 57, 59, 60, 61,
    ];
    let named: Vec<_> = (0..256).filter(|number| relocation::name(*number).is_some()).collect();
    assert_eq!(named, relocation::ALL);
    for number in (0..256).chain([0x1_0000, u32::MAX]).filter(|number| !resolved.contains(number)) {
        let refused = filled(number, Relation::Nothing, 0, &[0; 16]).expect_err("not supported");
        assert!(
            matches!(refused, LoadError::Unsupported { number: found, .. } if found == number),
            "{refused}"
        );
        let name = relocation::name(number).unwrap_or("unknown");
        assert!(refused.to_string().contains(name), "{refused}");
    }
}

#[test]
fn a_field_that_ends_outside_of_its_section_is_refused() {
    for (number, size) in [(2, 8), (16, 4), (19, 8), (33, 1), (44, 2), (53, 1), (57, 4)] {
        assert!(filled(number, Relation::Place, 0, &vec![0; size]).is_ok(), "{number}");
        for short in 0..size {
            let refused = filled(number, Relation::Place, 0, &vec![0; short]).expect_err("it is too short");
            assert!(matches!(refused, LoadError::RelocationOutside { .. }), "{number}: {refused}");
        }
    }
}
