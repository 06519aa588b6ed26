//! Fences and stores that are left out, one way after the other. Each way must be noticed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use landfall_modules::Part;
use landfall_paging::Mode;

use crate::drawn;
use crate::fixture::Fixture;
use crate::machine::{Mutant, Setup};
use crate::platform::Fault;
use crate::samples::whole;

fn is_noticed(test: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(test)).is_err()
}

/// Fails unless some sequence of loads and unloads notices the mutant.
fn assert_killed(mutant: Mutant) {
    let killed = |seed| {
        let setup = Setup { mutant, ..Setup::of(Mode::Sv39) };
        is_noticed(|| drawn::run(&setup, seed, 40))
    };
    assert!((1..4).any(killed), "{mutant:?} is not noticed");
}

macro_rules! mutants {
    ($($name:ident: $mutant:ident),+ $(,)?) => {$(
        #[test]
        fn $name() {
            assert_killed(Mutant::$mutant);
        }
    )+};
}

mutants! {
    no_fence_at_all_is_noticed: Fences,
    no_fence_of_the_loading_hart_is_noticed: Here,
    no_fence_of_other_harts_is_noticed: There,
    a_hart_that_is_left_out_is_noticed: OneHart,
    a_page_in_place_of_all_addresses_is_noticed: OnePage,
    a_fence_that_leaves_global_translations_is_noticed: NotGlobal,
    stores_that_are_not_ordered_before_other_harts_fence_are_noticed: DataFence,
    no_fence_i_of_the_loading_hart_is_noticed: FenceIHere,
    no_fence_i_of_other_harts_is_noticed: FenceIThere,
    a_hart_that_executes_no_fence_i_is_noticed: FenceIOneHart,
}

/// The bytes of the module when each store happens.
static RIGHT: OnceLock<[Vec<u8>; 3]> = OnceLock::new();

/// Loads and unloads a module in memory full of garbage, and compares each byte of it.
fn load_and_compare(fault: Fault) -> usize {
    let mut fixture = Fixture::new();
    fixture.world.lock().bytes.fill(0x5a);
    fixture.world.lock().fault = fault;
    let id = fixture.load_with(&whole("first").write(), "count=5").expect("a module");
    let bytes = Part::ALL.map(|part| {
        let size = fixture.modules.find("first").expect("it").part(part).size();
        fixture.bytes("first", part, 0, usize::try_from(size).expect("small"))
    });
    let right = RIGHT.get_or_init(|| {
        assert_eq!(fault, Fault::None);
        bytes.clone()
    });
    assert!(bytes == *right, "bytes of the module differ");
    // The module may have written anywhere in its data.
    fixture.world.lock().bytes.fill(0x33);
    fixture.unload(id).expect("unused");
    fixture.world.lock().stores
}

#[test]
fn each_store_that_does_not_happen_is_noticed() {
    let stores = load_and_compare(Fault::None);
    assert!(stores > 15, "{stores} stores");
    for number in 1..=stores {
        let noticed = is_noticed(|| {
            load_and_compare(Fault::Drop(number));
        });
        assert!(noticed, "store {number} of {stores} is not noticed");
    }
}

#[test]
fn stores_that_happen_late_are_noticed() {
    load_and_compare(Fault::None);
    let noticed = is_noticed(|| {
        load_and_compare(Fault::Delay);
    });
    assert!(noticed);
}
