//! A file for each error, wrong in one place. After each, everything is as before.

use landfall_modules::{FloatAbi, LoadError, Name, Part, UnloadError};

use crate::fixture::Fixture;
use crate::object::{COMMON, DATA, Object, Relocation, UNDEFINED, export};
use crate::samples::whole;

fn name(text: &str) -> Name {
    Name::new(text.as_bytes())
}

/// Loads a file that is refused, and checks that nothing has changed.
fn refused(file: &[u8], parameters: &str) -> LoadError {
    thread_local! {
        static FIXTURE: std::cell::RefCell<Fixture> = std::cell::RefCell::new({
            let mut fixture = Fixture::new();
            fixture.load(&whole("other").write()).expect("a module");
            fixture
        });
    }
    FIXTURE.with_borrow_mut(|fixture| {
        let before = fixture.state();
        let calls = fixture.world.lock().calls.len();
        let error = fixture.load_with(file, parameters).expect_err("it is wrong");
        assert_eq!(fixture.world.lock().calls.len(), calls, "{error}: it was called");
        assert!(fixture.state() == before, "{error}: something has changed");
        assert!(!error.to_string().is_empty());
        error
    })
}

/// Makes one change of a good file, which is refused then.
fn with(change: impl FnOnce(&mut Object)) -> LoadError {
    let mut object = whole("unit");
    change(&mut object);
    refused(&object.write(), "")
}

#[test]
fn headers() {
    let good = whole("unit").write();
    assert_eq!(refused(b"", ""), LoadError::NotElf);
    assert_eq!(refused(b"\x7fELA", ""), LoadError::NotElf);
    assert_eq!(with(|object| object.machine = 62), LoadError::Architecture { machine: 62 });
    assert_eq!(with(|object| object.kind = 3), LoadError::NotRelocatable { kind: 3 });
    // None, single precision, quadruple precision, and RVE with double.
    for flags in [1, 3, 7, 13] {
        assert_eq!(with(|object| object.flags = flags), LoadError::Abi { flags, expected: FloatAbi::Double });
    }
    for (byte, value) in [(4, 1), (5, 2), (6, 0), (58, 63)] {
        let mut file = good.clone();
        file[byte] = value;
        let error = refused(&file, "");
        assert!(matches!(error, LoadError::Damaged(_) | LoadError::Architecture { .. }), "{byte}: {error}");
    }
    for size in 4..good.len() {
        refused(&good[..size], "");
    }
}

#[test]
fn tables() {
    let table = whole("unit").symbol_table();
    let patched = |offset: usize, bytes: &[u8]| {
        let mut file = whole("unit").write();
        let headers = u64::from_le_bytes(*file[40..].first_chunk().expect("e_shoff"));
        let at =
            usize::try_from(headers).expect("small") + usize::try_from(table).expect("small") * 64 + offset;
        file[at..at + bytes.len()].copy_from_slice(bytes);
        refused(&file, "")
    };
    // The type, the offset, the size, the link and the entries' size of the symbol table.
    assert_eq!(patched(4, &1_u32.to_le_bytes()), LoadError::Damaged("symbol table"));
    assert_eq!(patched(24, &u64::MAX.to_le_bytes()), LoadError::Damaged("symbol table"));
    assert_eq!(patched(32, &(1_u64 << 40).to_le_bytes()), LoadError::Damaged("symbol table"));
    assert_eq!(patched(40, &99_u32.to_le_bytes()), LoadError::Damaged("names of symbols"));
    assert_eq!(patched(56, &16_u64.to_le_bytes()), LoadError::Damaged("symbol table"));
    // A second symbol table.
    assert_eq!(with(|object| object.at(3).kind = 2), LoadError::Damaged("symbol table"));
    // Relocations without addends, and compressed ones.
    for kind in [9, 0x4000_0014] {
        assert_eq!(with(|object| object.relocations = kind), LoadError::Damaged("relocations"), "{kind:#x}");
    }
    let many = with(|object| {
        for _ in 0..99 {
            object.section(".comment", 0, 1, b"x");
        }
    });
    assert_eq!(many, LoadError::TooManySections { sections: 99 + 14, room: 64 });
    let many = with(|object| {
        for _ in 0..99 {
            object.symbol("more", 2, 0);
        }
    });
    assert_eq!(many, LoadError::TooManySymbols { symbols: 99 + 9, room: 64 });
}

#[test]
fn relocations_of_another_size_and_a_part_of_one_are_refused() {
    let good = whole("unit").write();
    let number = |at: usize| u64::from_le_bytes(*good[at..].first_chunk().expect("8 bytes"));
    // The header before that of the symbol table is the last section's of relocations.
    let header = number(40) + u64::from(whole("unit").symbol_table() - 1) * 64;
    let header = usize::try_from(header).expect("small");
    let patched = |offset: usize, value: u64| {
        let mut file = good.clone();
        file[header + offset..header + offset + 8].copy_from_slice(&value.to_le_bytes());
        refused(&file, "")
    };
    for error in [patched(32, number(header + 32) - 8), patched(56, 16)] {
        assert!(matches!(error, LoadError::SectionOutside(_)), "{error}");
    }
}

#[test]
fn names() {
    assert_eq!(with(|object| object.at(1).bytes = b"kernel=\0".into()), LoadError::NoName);
    assert_eq!(with(|object| object.at(1).name = b".other".into()), LoadError::NoName);
    for bad in ["", "Upper", "dot.", "sp ace", "uml\u{e4}ut", &"x".repeat(56)] {
        let error = with(|object| object.at(1).bytes = format!("name={bad}\0").into_bytes());
        assert_eq!(error, LoadError::BadName(name(bad)));
    }
    assert_eq!(with(|object| object.at(1).bytes = b"name=other\0".into()), LoadError::Loaded(name("other")));
    let mut fixture = Fixture::new();
    let mut longest = whole("unit");
    longest.at(1).bytes = format!("\0\0name={}\0kernel=\0", "x".repeat(55)).into_bytes();
    longest.named(".text").relocations.truncate(2);
    longest.symbols[3].section = 2;
    fixture.load(&longest.write()).expect("the longest name");
    assert!(fixture.modules.find(&"x".repeat(55)).is_some());
}

#[test]
fn sections() {
    let data = name(".data");
    let flags = |flags| with(|object: &mut Object| object.named(".data").flags = flags);
    assert_eq!(flags(7), LoadError::WritableAndExecutable(data));
    assert_eq!(flags(DATA | 0x400), LoadError::ThreadLocal(data));
    assert_eq!(flags(DATA | 0x800), LoadError::Compressed(data));
    for kind in [14, 15, 16] {
        assert_eq!(with(|object| object.named(".data").kind = kind), LoadError::Constructors(data));
    }
    for align in [3, 24, 8192, 1 << 63] {
        let error = with(|object| object.named(".data").align = align);
        assert_eq!(error, LoadError::Alignment { section: data, align });
    }
    assert_eq!(with(|object| object.named(".data").size = Some(1 << 20)), LoadError::SectionOutside(data));
    assert_eq!(with(|object| object.named(".data").size = Some(u64::MAX)), LoadError::SectionOutside(data));
    for size in [(1 << 31) + 1, u64::MAX] {
        assert_eq!(with(|object| object.named(".bss").size = Some(size)), LoadError::TooLarge(name(".bss")));
    }
    let error = with(|object| object.named(".bss").size = Some(1 << 30));
    assert_eq!(error, LoadError::NoMemory { part: Part::Data, pages: (1 << 18) + 1 });
    let error = with(|object| object.named(".landfall.params").bytes = vec![0; 0x1_0001]);
    assert_eq!(error, LoadError::TooLarge(name(".landfall.params")));
    let error = with(|object| {
        object.section(".landfall.imports", 2, 1, &vec![0; 0x1_0001]);
    });
    assert_eq!(error, LoadError::TooLarge(name(".landfall.imports")));
    // Code without bytes in the file.
    assert_eq!(with(|object| object.at(2).kind = 8), LoadError::SectionOutside(name(".text")));
}

#[test]
fn symbols() {
    let symbol = |section, value| {
        with(|object: &mut Object| {
            (object.symbols[2].section, object.symbols[2].value) = (section, value);
        })
    };
    assert_eq!(symbol(COMMON, 0), LoadError::Common(name("constant")));
    assert_eq!(symbol(UNDEFINED, 0), LoadError::UnknownSymbol(name("constant")));
    assert_eq!(symbol(3, 9), LoadError::SymbolOutside(name("constant")));
    assert_eq!(symbol(3, u64::MAX), LoadError::SymbolOutside(name("constant")));
    assert_eq!(symbol(200, 0), LoadError::SymbolOutside(name("constant")));
    // An indirect function: its address is that which a function returns.
    assert_eq!(with(|object| object.symbols[2].info = 0x1a), LoadError::Indirect(name("constant")));
}

#[test]
fn relocations() {
    let changed = |change: fn(&mut Relocation)| {
        with(|object: &mut Object| change(&mut object.named(".data").relocations[0]))
    };
    assert_eq!(changed(|relocation| relocation.symbol = 99), LoadError::NoSymbol(99));
    let outside = |number| LoadError::RelocationOutside { number, section: name(".data") };
    assert_eq!(changed(|relocation| relocation.offset = 17), outside(2));
    assert_eq!(changed(|relocation| relocation.offset = u64::MAX), outside(2));
    let bss = with(|object| {
        let relocation = object.named(".data").relocations[0].clone();
        object.named(".bss").relocations.push(relocation);
    });
    assert_eq!(bss, LoadError::RelocationOutside { number: 2, section: name(".bss") });
    let unsorted = with(|object| object.named(".text").relocations.swap(0, 2));
    assert_eq!(unsorted, LoadError::Unsorted(name(".text")));
}

#[test]
fn exports() {
    let records =
        |bytes: Vec<u8>| with(|object: &mut Object| object.named(".landfall.exports").bytes = bytes);
    let good = export("unit_f=extern \"C\" fn()");
    assert_eq!(records(good[..12].to_vec()), LoadError::BadExport);
    assert_eq!(records([&good[..], &[0; 12]].concat()), LoadError::BadExport);
    assert_eq!(records([&good[..8], &u64::MAX.to_le_bytes(), &good[16..]].concat()), LoadError::BadExport);
    assert_eq!(records(export("=extern \"C\" fn()")), LoadError::BadExport);
    assert_eq!(with(|object| object.named(".landfall.exports").relocations.clear()), LoadError::BadExport);
    assert_eq!(with(|object| object.named(".landfall.exports").flags = DATA), LoadError::BadExport);
    let outside = |relocation: &mut Relocation| relocation.addend = 1 << 20;
    assert_eq!(
        with(|object| outside(&mut object.named(".landfall.exports").relocations[0])),
        LoadError::BadExport
    );
}

#[test]
fn parameters() {
    let file = whole("unit").write();
    assert_eq!(refused(&file, "other=1"), LoadError::UnknownParameter(name("other")));
    let bad = LoadError::BadParameter { name: name("count"), kind: name("u32") };
    assert_eq!(refused(&file, "count=-1"), bad);
}

#[test]
fn memory() {
    let file = whole("unit").write();
    // Text, constants, and two pages of data.
    for (left, part, pages) in
        [(0, Part::Text, 1), (1, Part::Constants, 1), (2, Part::Data, 2), (3, Part::Data, 2)]
    {
        let mut fixture = Fixture::new();
        // Memory that was not wiped before it came to the pool.
        fixture.world.lock().bytes.fill(0x77);
        fixture.world.lock().left = left;
        assert_eq!(fixture.load(&file), Err(LoadError::NoMemory { part, pages }));
        assert!(fixture.world.lock().taken.is_empty());
        fixture.world.lock().left = 4;
        fixture.load(&file).expect("enough");
    }
}

#[test]
fn an_unload_that_is_refused_says_what_holds_the_module() {
    let in_use = UnloadError::InUse { holds: 2, dependents: 1 };
    assert_eq!(UnloadError::NotLoaded.to_string(), "the module is not loaded");
    assert_eq!(in_use.to_string(), "the module is in use: 2 holds, 1 modules that depend on it");
}

#[test]
fn a_text_of_a_module_is_its_key_and_its_value_with_nuls_behind() {
    assert_eq!(&landfall_modules::module::pair::<12>("kernel", "abc"), b"kernel=abc\0\0");
    assert_eq!(&landfall_modules::module::pair::<3>("k", ""), b"k=\0");
}
