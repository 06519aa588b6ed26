//! Exports, and who uses them.

use landfall_modules::{LoadError, Name, Part, UnloadError};

use crate::fixture::Fixture;
use crate::immediates::pair;
use crate::object::{CONSTANTS, Object, UNDEFINED, WEAK};
use crate::samples::{CALL, CALL_PLT, named, whole};

/// The kernel for which a module was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum For {
    This,
    Another,
    None,
}

/// A module that calls a symbol, which it imports with a signature or without.
fn caller(name: &str, built_for: For, symbol: &str, signature: Option<&str>) -> Object {
    let mut object = named(name);
    object.at(1).bytes = match built_for {
        For::This => object.at(1).bytes.clone(),
        For::Another => format!("name={name}\0kernel={}\0", "0".repeat(40)).into_bytes(),
        For::None => format!("name={name}\0").into_bytes(),
    };
    let text = object.code(".text", &CALL);
    let symbol_number = object.symbol(symbol, UNDEFINED, 0);
    object.relocate(text, 0, CALL_PLT, symbol_number, 0);
    if let Some(signature) = signature {
        object.section(".landfall.imports", CONSTANTS, 1, format!("{symbol}={signature}\0").as_bytes());
    }
    object
}

fn load(built_for: For, symbol: &str, signature: Option<&str>) -> Result<(), LoadError> {
    let mut fixture = Fixture::new();
    fixture.load(&caller("caller", built_for, symbol, signature).write()).map(|_| ())
}

#[test]
fn a_module_for_this_kernel_binds_each_export_by_name() {
    assert_eq!(load(For::This, "near", None), Ok(()));
    assert_eq!(load(For::This, "unstable", None), Ok(()));
    assert_eq!(load(For::This, "near", Some("extern \"C\" fn()")), Ok(()));
    assert_eq!(load(For::This, "unstable", Some("extern \"C\" fn()")), Ok(()));
}

#[test]
fn a_module_for_another_kernel_or_none_binds_stable_exports_with_their_signature_alone() {
    for built_for in [For::Another, For::None] {
        assert_eq!(load(built_for, "near", Some("extern \"C\" fn()")), Ok(()));
        assert_eq!(load(built_for, "near", None), Err(LoadError::NotStable(Name::new(b"near"))));
        for signature in [None, Some("extern \"C\" fn()"), Some("")] {
            let refused = load(built_for, "unstable", signature);
            assert_eq!(refused, Err(LoadError::NotStable(Name::new(b"unstable"))), "{signature:?}");
        }
    }
}

#[test]
fn another_signature_is_refused_whatever_the_build() {
    for built_for in [For::This, For::Another, For::None] {
        let expected = Name::new(b"extern \"C\" fn(u8)");
        let refused = load(built_for, "near", Some("extern \"C\" fn(u8)"));
        assert_eq!(refused, Err(LoadError::Signatures { symbol: Name::new(b"near"), expected }));
    }
}

#[test]
fn an_id_that_differs_in_case_or_length_is_another() {
    for id in ["A5".repeat(20), "a5".repeat(19), "a5".repeat(21), String::new()] {
        let mut object = caller("caller", For::This, "unstable", None);
        object.at(1).bytes = format!("name=caller\0kernel={id}\0").into_bytes();
        let refused = Fixture::new().load(&object.write());
        assert_eq!(refused, Err(LoadError::NotStable(Name::new(b"unstable"))), "{id}");
    }
}

#[test]
fn modules_call_each_other_and_are_held_by_those_that_do() {
    let mut fixture = Fixture::new();
    let first = fixture.load(&whole("first").write()).expect("a module");
    let second = caller("second", For::None, "first_f", Some("extern \"C\" fn()"));
    let second = fixture.load(&second.write()).expect("a module");
    let third = caller("third", For::None, "first_f", Some("extern \"C\" fn()"));
    let third = fixture.load(&third.write()).expect("a module");
    let words = [0, 4].map(|offset| fixture.word("second", Part::Text, offset));
    let target = fixture.base("second", Part::Text).wrapping_add(pair(words).cast_unsigned());
    assert_eq!(target, fixture.base("first", Part::Text).wrapping_add(16));
    assert_eq!(fixture.modules.address_of(first, "first_f"), Some(target));
    assert_eq!(fixture.modules.address_of(first, "first"), None);
    let before = fixture.state();
    for dependents in [2, 1] {
        assert_eq!(fixture.modules.find("first").expect("it").dependents(), dependents);
        assert_eq!(fixture.unload(first), Err(UnloadError::InUse { holds: 0, dependents }));
        if dependents == 2 {
            assert_eq!(fixture.state(), before);
            fixture.unload(third).expect("unused");
        }
    }
    fixture.unload(second).expect("unused");
    fixture.unload(first).expect("unused");
}

#[test]
fn a_module_binds_what_is_stable_in_another_alone_even_if_both_are_for_this_kernel() {
    let mut fixture = Fixture::new();
    fixture.load(&whole("first").write()).expect("a module");
    let refused = fixture.load(&caller("second", For::This, "first_f", None).write());
    assert_eq!(refused, Err(LoadError::NotStable(Name::new(b"first_f"))));
    let other = caller("second", For::This, "first_f", Some("extern \"C\" fn(u8)"));
    assert!(matches!(fixture.load(&other.write()), Err(LoadError::Signatures { .. })));
    assert_eq!(fixture.modules.find("first").expect("it").dependents(), 0);
}

#[test]
fn a_refused_module_uses_nothing() {
    let mut fixture = Fixture::new();
    let first = fixture.load(&whole("first").write()).expect("a module");
    fixture.world.lock().answer = 1;
    let second = caller("second", For::None, "first_f", Some("extern \"C\" fn()"));
    // It has no init, so the answer is not asked for.
    let second = fixture.load(&second.write()).expect("a module");
    fixture.unload(second).expect("unused");
    let mut failing = caller("second", For::None, "first_f", Some("extern \"C\" fn()"));
    failing.symbol("landfall_init", 2, 0);
    assert_eq!(fixture.load(&failing.write()), Err(LoadError::Init(1)));
    fixture.unload(first).expect("unused");
}

#[test]
fn holds_are_counted() {
    let mut fixture = Fixture::new();
    let id = fixture.load(&whole("first").write()).expect("a module");
    fixture.modules.hold(id).expect("it is loaded");
    fixture.modules.hold(id).expect("it is loaded");
    for holds in [2, 1] {
        assert_eq!(fixture.unload(id), Err(UnloadError::InUse { holds, dependents: 0 }));
        fixture.modules.release(id).expect("it is held");
    }
    assert_eq!(fixture.modules.release(id), Err(UnloadError::NotLoaded));
    fixture.unload(id).expect("unused");
    assert_eq!(fixture.modules.hold(id), Err(UnloadError::NotLoaded));
}

#[test]
fn a_weak_symbol_that_nothing_exports_is_at_0() {
    let mut fixture = Fixture::new();
    let mut object = caller("caller", For::This, "nowhere", None);
    assert_eq!(fixture.load(&object.write()), Err(LoadError::UnknownSymbol(Name::new(b"nowhere"))));
    object.symbols[0].info = WEAK;
    let data = object.section(".data", crate::object::DATA, 8, &[0xff; 8]);
    object.relocate(data, 0, crate::samples::R_64, 1, 0);
    fixture.load(&object.write()).expect("a module");
    assert_eq!(fixture.bytes("caller", Part::Data, 0, 8), [0; 8]);
}
