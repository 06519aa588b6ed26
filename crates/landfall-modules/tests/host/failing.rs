//! Fences that fail.

use landfall_modules::{LoadError, Part, UnloadError};
use landfall_paging::{Mode, PAGE_SIZE};
use landfall_space::SpaceError;

use crate::fixture::Fixture;
use crate::machine::Setup;
use crate::platform::Call;
use crate::samples::whole;

/// Judges that no page of the pool is writable and executable.
fn judge(fixture: &Fixture) {
    for page in fixture.world.lock().taken.clone() {
        fixture.landed.assert_never_both(crate::machine::phys(page, PAGE_SIZE));
    }
}

#[test]
fn a_fence_that_fails_while_loading_withholds_the_memory_and_nothing_is_executable_or_called() {
    for mode in Mode::BEST_FIRST {
        let mut fixture = Fixture::of(&Setup::of(mode));
        let before = fixture.world.lock().bytes.clone();
        fixture.landed.double.lock().failing = true;
        let refused = fixture.load(&whole("first").write()).expect_err("fences fail");
        assert!(matches!(refused, LoadError::Space(SpaceError::Fence(_))), "{refused}");
        assert!(fixture.world.lock().calls.is_empty());
        assert!(fixture.modules.iter().next().is_none());
        judge(&fixture);
        let taken = fixture.world.lock().taken.clone();
        for page in taken {
            let reaches = fixture.landed.double.lock().harts.reaching(page..page + PAGE_SIZE);
            assert!(reaches.iter().all(|reach| !reach.translation.flags.x()), "{page:#x} is executable");
        }
        fixture.landed.double.lock().failing = false;
        let id = fixture.load(&whole("second").write()).expect("other memory");
        fixture.unload(id).expect("unused");
        assert_eq!(before.len(), fixture.world.lock().bytes.len());
    }
}

#[test]
fn a_fence_that_fails_while_unloading_withholds_the_memory_for_good() {
    let mut fixture = Fixture::new();
    let id = fixture.load(&whole("first").write()).expect("a module");
    let text = fixture.base("first", Part::Text);
    let taken = fixture.world.lock().taken.clone();
    fixture.landed.double.lock().failing = true;
    let refused = fixture.unload(id).expect_err("fences fail");
    assert!(matches!(refused, UnloadError::Space(SpaceError::Fence(_))), "{refused}");
    assert_eq!(fixture.world.lock().calls[1], Call::Exit(text.wrapping_add(20)));
    assert_eq!(fixture.world.table.what_is(text), None);
    assert_eq!(fixture.unload(id), Err(UnloadError::NotLoaded));
    fixture.landed.double.lock().failing = false;
    judge(&fixture);
    assert_eq!(fixture.world.lock().taken, taken, "memory that harts may reach is given back");
    fixture.load(&whole("first").write()).expect("other memory");
    assert_ne!(fixture.base("first", Part::Text), text);
}

#[test]
fn an_init_that_fails_and_a_fence_that_fails_after_it_withhold_the_memory() {
    let mut fixture = Fixture::new();
    fixture.world.lock().answer = 3;
    fixture.world.lock().fails_in_init = true;
    let refused = fixture.load(&whole("first").write()).expect_err("both fail");
    assert!(matches!(refused, LoadError::Space(SpaceError::Fence(_))), "{refused}");
    assert!(fixture.modules.iter().next().is_none());
    assert!(!fixture.world.lock().taken.is_empty());
    judge(&fixture);
}

#[test]
fn without_frames_for_tables_the_memory_is_returned_and_wiped_wherever_the_last_one_was_taken() {
    let mut refusals = 0;
    for mode in Mode::BEST_FIRST {
        for frames in 0..16 {
            let mut fixture = Fixture::of(&Setup::of(mode));
            fixture.world.lock().bytes.fill(0x5a);
            let mut hidden = fixture.landed.double.lock().free_tables.clone();
            let free: Vec<_> = hidden.iter().copied().take(frames).collect();
            hidden.retain(|frame| !free.contains(frame));
            fixture.landed.double.lock().free_tables.retain(|frame| free.contains(frame));
            let loaded = fixture.load(&whole("first").write());
            fixture.landed.double.lock().free_tables.extend(hidden);
            let Err(refused) = loaded else { continue };
            assert!(matches!(refused, LoadError::Space(SpaceError::Tables(_))), "{frames}: {refused}");
            assert!(fixture.world.lock().taken.is_empty(), "{frames}: memory is lost");
            assert!(fixture.world.lock().calls.is_empty());
            refusals += 1;
            let id = fixture.load(&whole("first").write()).expect("there are frames");
            fixture.unload(id).expect("unused");
        }
    }
    assert!(refusals > 6, "{refusals} refusals");
}
