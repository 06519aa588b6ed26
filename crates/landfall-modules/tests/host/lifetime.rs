//! From loading to unloading.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use landfall_judge::translation_cache::Access;
use landfall_modules::{LoadError, Part, UnloadError};
use landfall_paging::{Mode, PAGE_SIZE};
use landfall_plan::Policy;
use landfall_plan::policy::Placement;

use crate::fixture::Fixture;
use crate::immediates::{AUIPC, I_TYPE, value};
use crate::machine::Setup;
use crate::object::{CONSTANTS, Object};
use crate::platform::Call;
use crate::samples::{named, whole};

#[test]
fn a_module_is_complete_on_each_hart_before_its_init_is_called() {
    for mode in Mode::BEST_FIRST {
        let mut fixture = Fixture::of(&Setup::of(mode));
        fixture.world.lock().bytes.fill(0x5a);
        let id = fixture.load(&whole("first").write()).expect("a module");
        let [text, constants, data] = Part::ALL.map(|part| fixture.base("first", part));
        assert!([text, constants, data].iter().all(|base| fixture.landed.plan.near.contains_address(*base)));
        let upper = value(AUIPC, fixture.word("first", Part::Text, 0)) << 12;
        let lower = value(I_TYPE, fixture.word("first", Part::Text, 4));
        let name = "name=first\0kernel=a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5\0\0".len() as u64;
        let constant = constants.wrapping_add(name.next_multiple_of(16) + 4);
        assert_eq!(text.wrapping_add((upper + lower).cast_unsigned()), constant);
        // .bss is at the next multiple of 64 behind 24 bytes of .data; the symbol is at 8, the
        // addend is 3.
        let pointer = fixture.bytes("first", Part::Data, 0, 8);
        assert_eq!(pointer, (data.get() + 64 + 8 + 3).to_le_bytes());
        assert_eq!(fixture.bytes("first", Part::Data, 8, 16), [7; 16]);
        assert_eq!(fixture.bytes("first", Part::Data, 64, 5000), [0; 5000]);
        assert_eq!(fixture.world.lock().calls, [Call::Initialize(text)]);
        fixture.unload(id).expect("unused");
        assert_eq!(fixture.world.lock().calls[1], Call::Exit(text.wrapping_add(20)));
    }
}

#[test]
fn an_unloaded_module_leaves_zeros_and_no_mapping() {
    let mut fixture = Fixture::new();
    let before = fixture.state();
    let id = fixture.load(&whole("first").write()).expect("a module");
    let parts = Part::ALL.map(|part| fixture.modules.find("first").expect("loaded").part(part));
    assert_ne!(fixture.state(), before);
    fixture.unload(id).expect("unused");
    assert_eq!(fixture.state(), before);
    for part in parts {
        fixture.landed.assert_unmapped(part);
    }
    assert!(fixture.modules.find("first").is_none());
    assert_eq!(fixture.unload(id), Err(UnloadError::NotLoaded));
}

#[test]
fn the_memory_of_one_module_becomes_another_and_no_hart_executes_the_first() {
    let mut fixture = Fixture::new();
    for round in 0..6 {
        fixture.landed.on(round % crate::machine::HARTS);
        let id = fixture.load(&whole(["first", "second"][round % 2]).write()).expect("a module");
        fixture.unload(id).expect("unused");
    }
}

#[test]
fn an_init_that_fails_leaves_everything_as_it_was() {
    let mut fixture = Fixture::new();
    fixture.world.lock().answer = -12;
    let before = fixture.state();
    assert_eq!(fixture.load(&whole("first").write()), Err(LoadError::Init(-12)));
    assert_eq!(fixture.state(), before);
    assert!(fixture.modules.iter().next().is_none());
    fixture.world.lock().answer = 0;
    fixture.load(&whole("first").write()).expect("nothing is left of the one before");
}

#[test]
fn an_address_in_a_module_has_its_name_and_its_part() {
    let mut fixture = Fixture::new();
    let id = fixture.load(&whole("first").write()).expect("a module");
    for part in Part::ALL {
        let range = fixture.modules.find("first").expect("it").part(part);
        let last = range.end().wrapping_sub(1);
        let found = fixture.world.table.what_is(last).expect("in the module");
        assert_eq!((found.name(), found.part, found.offset), ("first", part, range.size() - 1));
        assert_eq!(fixture.world.table.what_is(range.end()), None);
    }
    let text = fixture.base("first", Part::Text);
    fixture.unload(id).expect("unused");
    assert_eq!(fixture.world.table.what_is(text), None);
}

#[test]
fn parts_have_their_permissions_and_guards() {
    let mut fixture = Fixture::new();
    fixture.load(&whole("first").write()).expect("a module");
    for (part, permitted) in Part::ALL.into_iter().zip([Access::Fetch, Access::Load, Access::Store]) {
        let range = fixture.modules.find("first").expect("it").part(part);
        let inner = fixture.landed.double.lock();
        for access in [Access::Fetch, Access::Store] {
            let may = inner.harts.may(1, range.start().get(), access).is_some();
            assert_eq!(may, access == permitted, "{part}, {access:?}");
        }
        for guard in [range.start().wrapping_sub(PAGE_SIZE), range.end()] {
            assert!(inner.harts.may(1, guard.get(), Access::Load).is_none(), "{part} has no guard");
        }
    }
}

#[test]
fn nothing_of_a_larger_module_before_is_in_a_smaller_one() {
    let mut fixture = Fixture::new();
    let id = fixture.load(&whole("first").write()).expect("a module");
    fixture.unload(id).expect("unused");
    // It has fewer sections and symbols, so the workspace holds those of the first behind its own.
    let mut small = named("second");
    small.code(".text", &[crate::samples::RET; 2]);
    fixture.load(&small.write()).expect("a module");
    assert_eq!(fixture.word("second", Part::Text, 4), crate::samples::RET);
    let info = fixture.modules.find("second").expect("it");
    assert!(info.part(Part::Data).is_empty(), "it has no data");
}

#[test]
fn a_module_needs_neither_code_nor_entry_points() {
    let mut fixture = Fixture::new();
    let mut object = named("constants");
    object.section(".rodata", CONSTANTS, 8, &[1, 2, 3]);
    let id = fixture.load(&object.write()).expect("a module");
    assert!(fixture.world.lock().calls.is_empty());
    fixture.unload(id).expect("unused");
}

#[test]
fn as_many_modules_as_the_table_has_slots() {
    let mut fixture = Fixture::new();
    let module = |index: usize| named(&format!("module-{index}")).write();
    let ids: Vec<_> =
        (0..landfall_modules::CAPACITY).map(|index| fixture.load(&module(index)).expect("a slot")).collect();
    let before = fixture.state();
    assert_eq!(fixture.load(&module(99)), Err(LoadError::NoSlot));
    assert_eq!(fixture.state(), before);
    fixture.unload(ids[5]).expect("unused");
    let id = fixture.load(&module(99)).expect("one is free");
    assert_ne!(id, ids[5], "a number is of one module for good");
    assert_eq!(fixture.unload(ids[5]), Err(UnloadError::NotLoaded));
}

#[test]
fn a_kernel_in_the_linear_map_loads_no_module() {
    let policy = Policy::new().with_placement(Placement::LinearMap);
    let setup = Setup { policy, ..Setup::of(Mode::Sv48) };
    let refused = Fixture::with(&setup, landfall_modules::Kernel::unsigned).err();
    assert_eq!(refused, Some(LoadError::NoNearRegion));
}

#[test]
fn the_signature_is_checked_before_anything_is_read_and_its_bytes_are_no_part_of_the_module() {
    fn verify(file: &[u8]) -> Option<usize> {
        file.strip_suffix(b"signed").map(<[u8]>::len)
    }
    let mut fixture = Fixture::with(&Setup::of(Mode::Sv39), verify).expect("a near region");
    let file = whole("first").write();
    assert_eq!(fixture.load(b"anything"), Err(LoadError::Signature));
    assert_eq!(fixture.load(&file), Err(LoadError::Signature));
    assert_eq!(fixture.load(b"\x7fELFsigned"), Err(LoadError::Damaged("header")));
    fixture.load(&[&file[..], b"signed"].concat()).expect("it is signed");
}

#[test]
fn layout_is_what_the_loader_does() {
    let object: Object = whole("first");
    let file = object.write();
    let mut places = [landfall_modules::SectionPlace::NONE; 32];
    let sizes = landfall_modules::layout(&file, landfall_modules::FloatAbi::Double, &mut places);
    let sizes = sizes.expect("a module");
    let places: Vec<_> = places[1..=object.sections.len()].iter().map(|place| place.place).collect();
    let expected = [
        Some((Part::Constants, 0)),
        Some((Part::Text, 0)),
        Some((Part::Constants, 64)),
        Some((Part::Data, 0)),
        Some((Part::Data, 64)),
        Some((Part::Constants, 72)),
        Some((Part::Constants, 112)),
    ];
    assert_eq!(places, expected);
    let sizes = Part::ALL.map(|part| sizes.of(part));
    assert_eq!(sizes, [24, 123, 5064]);
}

#[test]
fn a_pool_may_give_more_pages_than_a_part_needs() {
    let mut fixture = Fixture::new();
    fixture.world.lock().unit = 4;
    fixture.world.lock().bytes.fill(0x5a);
    let id = fixture.load(&whole("first").write()).expect("a module");
    for part in Part::ALL {
        assert_eq!(fixture.modules.find("first").expect("it").part(part).size(), 4 * PAGE_SIZE);
        assert_eq!(fixture.bytes("first", part, 3 * PAGE_SIZE, 4096), [0; 4096], "{part}");
    }
    fixture.unload(id).expect("unused");
    assert!(fixture.world.lock().taken.is_empty());
}

/// Ends the reader, whatever ends the test.
struct Ended<'a>(&'a AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_trap_handler_sees_a_whole_entry_of_the_table_or_none() {
    let mut fixture = Fixture::new();
    // The second module has constants where the first one has text.
    let id = fixture.load(&whole("first").write()).expect("a module");
    let (address, table) = (fixture.base("first", Part::Text), &fixture.world.table);
    fixture.unload(id).expect("unused");
    let (done, found) = (AtomicBool::new(false), [const { AtomicU32::new(0) }; 2]);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let Some(module) = table.what_is(address) else { continue };
                match (module.name(), module.part, module.offset) {
                    ("first", Part::Text, 0) => found[0].fetch_add(1, Ordering::Relaxed),
                    ("second", Part::Constants, 0) => found[1].fetch_add(1, Ordering::Relaxed),
                    _ => panic!("a torn entry: {module}"),
                };
            }
        });
        let ended = Ended(&done);
        for _ in 0..200 {
            for (object, found) in [whole("first"), named("second")].iter().zip(&found) {
                let before = found.load(Ordering::Relaxed);
                let id = fixture.load(&object.write()).expect("a module");
                while found.load(Ordering::Relaxed) == before && !reader.is_finished() {
                    std::thread::yield_now();
                }
                fixture.unload(id).expect("unused");
            }
        }
        drop(ended);
        reader.join().expect("no entry is torn");
    });
}
