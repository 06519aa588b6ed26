//! Relocations of instructions, up to the borders of their fields, by the formulas of the psABI
//! ("Relocations") and the figures of the architecture.

use landfall_modules::{LoadError, Part};

use crate::fixture::Fixture;
use crate::immediates::{AUIPC, B_TYPE, Bits, CB, CJ, I_TYPE, J_TYPE, S_TYPE, rest, value};
use crate::object::{ABSOLUTE, Object};
use crate::samples::named;

pub(crate) const GIB2: i64 = 1 << 31;

/// The bytes of a module behind its first 16, after a relocation with a value at offset 16. The
/// value is S + A - P, or S + A where S is absolute.
pub(crate) fn filled(
    number: u32,
    relation: Relation,
    wanted: i64,
    before: &[u8],
) -> Result<Vec<u8>, LoadError> {
    thread_local! {
        static FIXTURE: std::cell::RefCell<Fixture> = std::cell::RefCell::new(Fixture::new());
    }
    let mut object = named("unit");
    let text = object.code(".text", &[0; 4]);
    object.at(text).bytes.extend(before);
    object.symbol("start", text, 0);
    object.symbol("nothing", ABSOLUTE, 0);
    let (symbol, addend) = match relation {
        Relation::Place => (1, wanted.wrapping_add(16)),
        Relation::Nothing => (2, wanted),
    };
    object.relocate(text, 16, number, symbol, addend.cast_unsigned());
    FIXTURE.with_borrow_mut(|fixture| {
        let id = fixture.load(&object.write())?;
        assert_eq!(fixture.bytes("unit", Part::Text, 0, 16), [0; 16], "bytes in front of the field change");
        let bytes = fixture.bytes("unit", Part::Text, 16, before.len());
        fixture.unload(id).expect("unused");
        Ok(bytes)
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Place,
    Nothing,
}

/// A field of an instruction: its relocation, the instruction, its immediate, and the least and the
/// most value, all multiples of `unit`.
struct Instruction {
    number: u32,
    word: u32,
    size: usize,
    bits: Bits,
    least: i64,
    most: i64,
    unit: i64,
}

/// Instructions with ones in each bit of the immediate.
const INSTRUCTIONS: [Instruction; 4] = [
    // bne t6, a5
    Instruction { number: 16, word: 0xfeff_9fe3, size: 4, bits: B_TYPE, least: -4096, most: 4094, unit: 2 },
    // jal t6
    Instruction {
        number: 17,
        word: 0xffff_ffef,
        size: 4,
        bits: J_TYPE,
        least: -(1 << 20),
        most: (1 << 20) - 2,
        unit: 2,
    },
    // c.bnez a5
    Instruction { number: 44, word: 0xfffd, size: 2, bits: CB, least: -256, most: 254, unit: 2 },
    // c.j
    Instruction { number: 45, word: 0xbffd, size: 2, bits: CJ, least: -2048, most: 2046, unit: 2 },
];

/// Values between two borders, the borders among them.
pub(crate) fn samples(least: i64, most: i64, unit: i64) -> Vec<i64> {
    let powers = (0..63).map(|bit| 1_i64 << bit);
    let near = powers.flat_map(|power| [power, -power, power - unit, unit - power, power | power >> 1]);
    let all = near.chain([0, least, most, least + unit, most - unit, most / 3, least / 3]);
    let mut all: Vec<_> =
        all.map(|value| value / unit * unit).filter(|value| (least..=most).contains(value)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[test]
fn branches_and_jumps_hold_each_offset_up_to_their_borders() {
    for Instruction { number, word, size, bits, least, most, unit } in INSTRUCTIONS {
        let before = &word.to_le_bytes()[..size];
        let fill = |offset| filled(number, Relation::Place, offset, &[before, &[0xcc; 4]].concat());
        for offset in samples(least, most, unit) {
            let after = fill(offset).unwrap_or_else(|error| panic!("{number}, {offset}: {error}"));
            let mut instruction = [0; 4];
            instruction[..size].copy_from_slice(&after[..size]);
            let instruction = u32::from_le_bytes(instruction);
            assert_eq!(value(bits, instruction), offset, "{number}: {instruction:#x}");
            assert_eq!(rest(bits, instruction), rest(bits, word), "{number}, {offset}: other bits change");
            assert_eq!(after[size..], [0xcc; 4], "{number}, {offset}: bytes behind the field change");
        }
        for offset in [least - 2, most + 2, most + 1, 1, -1, i64::MIN, i64::MAX - 1] {
            let refused = fill(offset).expect_err("it does not fit");
            assert!(
                matches!(refused, LoadError::OutOfReach { number: found, .. } if found == number),
                "{refused}"
            );
        }
    }
}

#[test]
fn two_instructions_hold_32_bits_less_half_of_the_lower_12() {
    let (least, most) = (-GIB2 - 0x800, GIB2 - 0x801);
    for number in [18, 19] {
        let before = [0xffff_f097_u32, 0xfff0_80e7, 0xcccc_cccc].map(u32::to_le_bytes);
        let fill = |offset| filled(number, Relation::Place, offset, before.as_flattened());
        for offset in samples(least, most, 1) {
            let after = fill(offset).unwrap_or_else(|error| panic!("{number}, {offset:#x}: {error}"));
            let words = [0, 4, 8].map(|at| u32::from_le_bytes(*after[at..].first_chunk().expect("a word")));
            let sum = (value(AUIPC, words[0]) << 12) + value(I_TYPE, words[1]);
            assert_eq!(sum, offset, "{words:x?}");
            assert_eq!((words[0] & 0xfff, rest(I_TYPE, words[1]), words[2]), (0x097, 0x80e7, 0xcccc_cccc));
        }
        for offset in [least - 1, most + 1, i64::MIN, i64::MAX] {
            assert!(matches!(fill(offset), Err(LoadError::OutOfReach { .. })), "{offset:#x}");
        }
    }
}

/// Returns a module with `auipc` at 16 for the address `offset` bytes away, and the lower half in
/// front of it.
fn halves(offset: i64, (number, lower): (u32, u32)) -> Object {
    let mut object = named("unit");
    let text = object.code(".text", &[0, 0, lower, 0, 0xffff_f517]);
    object.symbol("start", text, 0);
    object.symbol(".Lpcrel_hi0", text, 16);
    object.relocate(text, 8, number, 2, 0);
    object.relocate(text, 16, 23, 1, (offset + 16).cast_unsigned());
    // A hint with the upper half.
    object.relocate(text, 16, 51, 0, 0);
    object
}

#[test]
fn a_lower_half_is_that_of_its_upper_half_wherever_that_is() {
    let (least, most) = (-GIB2 - 0x800, GIB2 - 0x801);
    let mut fixture = Fixture::new();
    // ld a0, -1(a0); sd a5, -1(a0)
    for (lower, bits) in [((24, 0xfff5_3503), I_TYPE), ((25, 0xfef5_3fa3), S_TYPE)] {
        for offset in samples(least, most, 1) {
            let id = fixture
                .load(&halves(offset, lower).write())
                .unwrap_or_else(|error| panic!("{offset:#x}: {error}"));
            let (low, high) = (fixture.word("unit", Part::Text, 8), fixture.word("unit", Part::Text, 16));
            assert_eq!((value(AUIPC, high) << 12) + value(bits, low), offset);
            assert_eq!((high & 0xfff, rest(bits, low)), (0x517, rest(bits, lower.1)));
            fixture.unload(id).expect("unused");
        }
        for offset in [least - 1, most + 1] {
            let refused = fixture.load(&halves(offset, lower).write()).expect_err("it does not fit");
            assert!(matches!(refused, LoadError::OutOfReach { .. }), "{refused}");
        }
    }
}

#[test]
fn a_lower_half_without_an_upper_half_or_with_an_addend_is_refused() {
    let mut fixture = Fixture::new();
    let refused = |fixture: &mut Fixture, object: &Object| fixture.load(&object.write()).expect_err("a half");
    let mut elsewhere = halves(0, (24, 0x0005_3503));
    elsewhere.symbols[1].value = 12;
    let mut only_a_hint = halves(0, (24, 0x0005_3503));
    only_a_hint.named(".text").relocations.remove(1);
    let mut absolute = halves(0, (24, 0x0005_3503));
    absolute.symbols[1].section = ABSOLUTE;
    let mut added = halves(0, (24, 0x0005_3503));
    added.named(".text").relocations[0].addend = 4;
    for object in [elsewhere, only_a_hint, absolute, added] {
        let refused = refused(&mut fixture, &object);
        assert!(matches!(refused, LoadError::NoUpperHalf { offset: 8, .. }), "{refused}");
    }
}
