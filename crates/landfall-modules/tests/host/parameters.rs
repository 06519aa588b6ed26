//! Values of parameters.

use landfall_modules::{LoadError, Name, Part};

use crate::fixture::Fixture;
use crate::object::{CONSTANTS, DATA, Object};
use crate::samples::named;

/// A module with one parameter, of `size` bytes, between others.
fn module(kind: &str, size: u64) -> Object {
    let mut object = named("unit");
    let text = format!("before=u8\0value={kind}\0\0behind=u8\0");
    object.section(".landfall.params", CONSTANTS, 1, text.as_bytes());
    let bytes = vec![0xee; 16 + usize::try_from(size).expect("small")];
    let data = object.section(".data", DATA, 8, &bytes);
    object.symbol("landfall_param_value", data, 8);
    object.symbols[0].size = size;
    object
}

fn bad(kind: &str) -> LoadError {
    LoadError::BadParameter { name: Name::new(b"value"), kind: Name::new(kind.as_bytes()) }
}

#[test]
fn each_type_takes_its_range_and_nothing_else() {
    let numbers: [(&str, u64, i128, i128); 8] = [
        ("u8", 1, 0, 0xff),
        ("u16", 2, 0, 0xffff),
        ("u32", 4, 0, 0xffff_ffff),
        ("u64", 8, 0, u64::MAX.into()),
        ("i8", 1, -0x80, 0x7f),
        ("i16", 2, -0x8000, 0x7fff),
        ("i32", 4, -0x8000_0000, 0x7fff_ffff),
        ("i64", 8, i64::MIN.into(), i64::MAX.into()),
    ];
    let mut fixture = Fixture::new();
    for (kind, size, least, most) in numbers {
        let file = module(kind, size).write();
        for good in [least, most, 1] {
            let sign = if good < 0 { "-" } else { "" };
            for text in [good.to_string(), format!("{sign}0x{:X}", good.unsigned_abs())] {
                let id = fixture.load_with(&file, &format!("value={text}")).expect(&text);
                let size = usize::try_from(size).expect("small");
                assert_eq!(fixture.bytes("unit", Part::Data, 8, size), good.to_le_bytes()[..size], "{text}");
                assert_eq!(fixture.bytes("unit", Part::Data, 0, 8), [0xee; 8]);
                assert_eq!(fixture.bytes("unit", Part::Data, 8 + size as u64, 8), [0xee; 8]);
                fixture.unload(id).expect("unused");
            }
        }
        let before = fixture.state();
        for wrong in [(least - 1).to_string(), (most + 1).to_string()] {
            assert_eq!(fixture.load_with(&file, &format!("value={wrong}")), Err(bad(kind)), "{kind} {wrong}");
        }
        for wrong in ["", "x", "+1", "--1", "-+1", "0x", "0x-1", "1_0", "1.0", "0b1"] {
            assert_eq!(fixture.load_with(&file, &format!("value={wrong}")), Err(bad(kind)), "{kind} {wrong}");
        }
        assert_eq!(fixture.state(), before);
    }
}

#[test]
fn a_bool_is_one_of_eight_words() {
    let mut fixture = Fixture::new();
    let file = module("bool", 1).write();
    for (text, value) in
        [("1", 1), ("y", 1), ("true", 1), ("on", 1), ("0", 0), ("n", 0), ("false", 0), ("off", 0)]
    {
        let id = fixture.load_with(&file, &format!("value={text}")).expect(text);
        assert_eq!(fixture.bytes("unit", Part::Data, 8, 1), [value]);
        fixture.unload(id).expect("unused");
    }
    for wrong in ["", "2", "yes", "TRUE"] {
        assert_eq!(fixture.load_with(&file, &format!("value={wrong}")), Err(bad("bool")));
    }
}

#[test]
fn a_text_is_padded_and_not_longer_than_its_room() {
    let mut fixture = Fixture::new();
    let file = module("text:4", 4).write();
    for (text, bytes) in [("", *b"\0\0\0\0"), ("ab", *b"ab\0\0"), ("a=b", *b"a=b\0"), ("abcd", *b"abcd")] {
        let id = fixture.load_with(&file, &format!("value={text}")).expect(text);
        assert_eq!(fixture.bytes("unit", Part::Data, 8, 4), bytes);
        fixture.unload(id).expect("unused");
    }
    assert_eq!(fixture.load_with(&file, "value=abcde"), Err(bad("text:4")));
}

#[test]
fn types_that_do_not_exist_take_no_value() {
    let mut fixture = Fixture::new();
    for kind in ["u128", "text", "text:", "text:-1", "text:257", "text:99999999999999999999", "", "U8"] {
        assert_eq!(fixture.load_with(&module(kind, 16).write(), "value=1"), Err(bad(kind)), "{kind}");
    }
}

#[test]
fn parameters_that_are_not_given_stay_as_the_module_has_them() {
    let mut fixture = Fixture::new();
    fixture.load_with(&module("u32", 4).write(), "  ").expect("a module");
    assert_eq!(fixture.bytes("unit", Part::Data, 0, 20), [0xee; 20]);
}

#[test]
fn a_name_without_a_type_or_a_variable_of_its_size_is_unknown() {
    let mut fixture = Fixture::new();
    let unknown = |name: &str| Err(LoadError::UnknownParameter(Name::new(name.as_bytes())));
    let file = module("u32", 4).write();
    assert_eq!(fixture.load_with(&file, "other=1"), unknown("other"));
    assert_eq!(fixture.load_with(&file, "value=1 other"), unknown("other"));
    // There is no symbol.
    assert_eq!(fixture.load_with(&file, "before=1"), unknown("before"));
    // The symbol is smaller or larger than its type, local, constant, or ends outside.
    for size in [0, 3, 5] {
        assert_eq!(fixture.load_with(&module("u32", size).write(), "value=1"), unknown("value"));
    }
    let mut local = module("u32", 4);
    local.symbols[0].info = 0;
    assert_eq!(fixture.load_with(&local.write(), "value=1"), unknown("value"));
    let mut constant = module("u32", 4);
    constant.named(".data").flags = CONSTANTS;
    assert_eq!(fixture.load_with(&constant.write(), "value=1"), unknown("value"));
    let mut outside = module("u32", 4);
    outside.symbols[0].value = 17;
    assert_eq!(fixture.load_with(&outside.write(), "value=1"), unknown("value"));
}
