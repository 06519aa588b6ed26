//! Symbols beyond the reach of two instructions: entries of the PLT, and slots of the GOT.

use landfall_modules::{LoadError, Name, Part};

use crate::fixture::Fixture;
use crate::immediates::{I_TYPE, J_TYPE, pair, rest, value};
use crate::object::{ABSOLUTE, Object, UNDEFINED};
use crate::samples::{ADDRESS, CALL, CALL_PLT, GOT_HI20, PCREL_HI20, PCREL_LO12_I, named};

const JAL: u32 = 17;
const PLT32: u32 = 59;
const GOT32_PCREL: u32 = 41;

/// `jal ra, 0`
const JUMP: u32 = 0x0000_00ef;
/// `ld a0, 0(a0)`
const LOAD: u32 = 0x0005_3503;

/// A module whose code is at offset 16 of its text: symbol 1 is `symbol`, symbol 2 the code.
fn module(symbol: &str, words: &[u32]) -> Object {
    let mut object = named("unit");
    let text = object.code(".text", &[0x13, 0x13, 0x13, 0x13]);
    object.at(text).bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    object.symbol(symbol, UNDEFINED, 0);
    object.symbol(".Lpcrel_hi0", text, 16);
    object
}

/// Follows an entry of the PLT at an offset of the text: returns the address to which it jumps.
fn follow(fixture: &Fixture, entry: u64) -> u64 {
    let words = [0, 4, 8, 12].map(|offset| fixture.word("unit", Part::Text, entry + offset));
    // auipc t3; ld t3, lo(t3); jr t3; nop
    assert_eq!(words[0] & 0xfff, 0xe17);
    assert_eq!(rest(I_TYPE, words[1]), 0x000e_3e03);
    assert_eq!((words[2], words[3]), (0x000e_0067, 0x13));
    let at = fixture.base("unit", Part::Text).wrapping_add(entry);
    slot(fixture, at.wrapping_add(pair([words[0], words[1]]).cast_unsigned()).get())
}

/// Returns the contents of a slot of the GOT, which is among the constants.
fn slot(fixture: &Fixture, at: u64) -> u64 {
    let constants = fixture.modules.find("unit").expect("it").part(Part::Constants);
    let at = landfall_paging::VirtAddr::new(at);
    assert!(constants.contains_address(at) && at.get().is_multiple_of(8), "{at} is no slot");
    let bytes = fixture.world.read(at, 8);
    u64::from_le_bytes(*bytes.first_chunk().expect("8 bytes"))
}

#[test]
fn a_call_within_reach_is_direct_and_one_beyond_goes_by_an_entry_that_jumps_there() {
    for symbol in ["near", "far"] {
        let mut fixture = Fixture::new();
        let mut object = module(symbol, &[CALL[0], CALL[1], CALL[0], CALL[1]]);
        object.relocate(2, 16, CALL_PLT, 1, 0);
        object.relocate(2, 24, 18, 1, 0);
        fixture.load(&object.write()).expect("a module");
        let text = fixture.base("unit", Part::Text).get();
        let targets = [16, 24].map(|at| {
            let words = [at, at + 4].map(|at| fixture.word("unit", Part::Text, at));
            assert_eq!(rest(I_TYPE, words[1]), CALL[1]);
            text.wrapping_add(at).wrapping_add_signed(pair(words))
        });
        let addresses = fixture.addresses();
        if symbol == "near" {
            assert_eq!(targets, [addresses.near.get(); 2]);
        } else {
            assert_eq!(targets[0], targets[1], "one entry serves both");
            assert_eq!(follow(&fixture, targets[0] - text), addresses.far.get());
        }
    }
}

#[test]
fn a_jump_out_of_the_module_goes_by_an_entry_even_if_two_instructions_would_reach() {
    for symbol in ["near", "far"] {
        let mut fixture = Fixture::new();
        let mut object = module(symbol, &[JUMP]);
        object.relocate(2, 16, JAL, 1, 0);
        fixture.load(&object.write()).expect("a module");
        let offset = value(J_TYPE, fixture.word("unit", Part::Text, 16)) + 16;
        let addresses = fixture.addresses();
        let expected = if symbol == "near" { addresses.near } else { addresses.far };
        assert_eq!(follow(&fixture, offset.cast_unsigned()), expected.get());
    }
}

#[test]
fn an_address_beyond_reach_is_loaded_from_a_slot_by_the_instruction_that_added() {
    for symbol in ["near", "far"] {
        let mut fixture = Fixture::new();
        let mut object = module(symbol, &ADDRESS);
        object.relocate(2, 16, PCREL_HI20, 1, 0);
        object.relocate(2, 20, PCREL_LO12_I, 2, 0);
        fixture.load(&object.write()).expect("a module");
        let words = [16, 20].map(|at| fixture.word("unit", Part::Text, at));
        let at = fixture.base("unit", Part::Text).get() + 16;
        let target = at.wrapping_add_signed(pair(words));
        let addresses = fixture.addresses();
        if symbol == "near" {
            assert_eq!((rest(I_TYPE, words[1]), target), (ADDRESS[1], addresses.near.get()));
        } else {
            assert_eq!(rest(I_TYPE, words[1]), LOAD);
            assert_eq!(slot(&fixture, target), addresses.far.get());
        }
    }
}

#[test]
fn other_instructions_than_addi_cannot_use_a_slot() {
    // lw a0, 0(a0); addiw a0, a0, 0; jalr a0
    for word in [0x0005_2503, 0x0005_051b, 0x0005_0567] {
        let mut fixture = Fixture::new();
        let mut object = module("far", &[ADDRESS[0], word]);
        object.relocate(2, 16, PCREL_HI20, 1, 0);
        object.relocate(2, 20, PCREL_LO12_I, 2, 0);
        let refused = fixture.load(&object.write()).expect_err("it would read the slot");
        assert!(matches!(refused, LoadError::OutOfReach { number: PCREL_LO12_I, .. }), "{refused}");
    }
}

#[test]
fn an_addend_to_a_symbol_beyond_reach_is_refused() {
    let mut fixture = Fixture::new();
    for number in [PCREL_HI20, CALL_PLT, GOT_HI20] {
        let mut object = module("far", &CALL);
        object.relocate(2, 16, number, 1, 4);
        let expected = LoadError::OutOfReach { number, symbol: Name::new(b"far") };
        assert_eq!(fixture.load(&object.write()), Err(expected));
    }
}

#[test]
fn a_slot_that_the_code_asks_for_holds_the_address_wherever_the_symbol_is() {
    for (symbol, section) in [("near", UNDEFINED), ("far", UNDEFINED), ("own", 2), ("absolute", ABSOLUTE)] {
        let mut fixture = Fixture::new();
        let mut object = module(symbol, &[ADDRESS[0], LOAD]);
        (object.symbols[0].section, object.symbols[0].value) = (section, if section == 0 { 0 } else { 12 });
        object.relocate(2, 16, GOT_HI20, 1, 0);
        object.relocate(2, 20, PCREL_LO12_I, 2, 0);
        let data = object.section(".data", crate::object::DATA, 8, &[0; 8]);
        object.relocate(data, 0, GOT32_PCREL, 1, 0);
        fixture.load(&object.write()).expect("a module");
        let words = [16, 20].map(|at| fixture.word("unit", Part::Text, at));
        assert_eq!(rest(I_TYPE, words[1]), LOAD);
        let text = fixture.base("unit", Part::Text).get();
        let at = (text + 16).wrapping_add_signed(pair(words));
        let addresses = fixture.addresses();
        let expected = match symbol {
            "near" => addresses.near.get(),
            "far" => addresses.far.get(),
            "own" => text + 12,
            _ => 12,
        };
        assert_eq!(slot(&fixture, at), expected);
        let distance = fixture.word("unit", Part::Data, 0).cast_signed();
        let data = fixture.base("unit", Part::Data).get();
        assert_eq!(data.wrapping_add_signed(distance.into()), at, "one slot serves both");
    }
}

#[test]
fn each_symbol_has_a_slot_of_its_own() {
    let mut fixture = Fixture::new();
    let mut object = module("far", &[ADDRESS[0], LOAD, ADDRESS[0], LOAD]);
    let text = object.symbols[1].section;
    object.symbol("near", UNDEFINED, 0);
    object.symbol(".Lpcrel_hi1", text, 24);
    for (at, symbol) in [(16, 1), (24, 3)] {
        object.relocate(2, at, GOT_HI20, symbol, 0);
        object.relocate(2, at + 4, PCREL_LO12_I, symbol + 1, 0);
    }
    fixture.load(&object.write()).expect("a module");
    let held = [16, 24].map(|at| {
        let words = [at, at + 4].map(|at| fixture.word("unit", Part::Text, at));
        slot(&fixture, (fixture.base("unit", Part::Text).get() + at).wrapping_add_signed(pair(words)))
    });
    let addresses = fixture.addresses();
    assert_eq!(held, [addresses.far.get(), addresses.near.get()]);
}

#[test]
fn a_distance_to_a_function_beyond_reach_is_that_to_its_entry() {
    let mut fixture = Fixture::new();
    let mut object = module("far", &[0]);
    object.relocate(2, 16, PLT32, 1, 0);
    fixture.load(&object.write()).expect("a module");
    let offset = i64::from(fixture.word("unit", Part::Text, 16).cast_signed()) + 16;
    assert_eq!(follow(&fixture, offset.cast_unsigned()), fixture.addresses().far.get());
}

#[test]
fn a_slot_of_a_symbol_that_is_nowhere_is_refused_with_its_name() {
    let mut fixture = Fixture::new();
    let mut object = module("lost", &ADDRESS);
    let debug = object.section(".debug_info", 0, 1, &[0; 8]);
    object.symbols[0].section = debug;
    object.relocate(2, 16, GOT_HI20, 1, 0);
    assert_eq!(fixture.load(&object.write()), Err(LoadError::SymbolOutside(Name::new(b"lost"))));
}
