//! Fences that are left out, one way after the other. Each way must be noticed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use landfall_paging::Mode;
use landfall_space::Placing;

use crate::drawn;
use crate::machine::{Mutant, Setup};

/// Fails unless some sequence of operations notices the mutant.
fn assert_killed(mutant: Mutant) {
    let is_noticed = |seed| {
        let setup = Setup {
            mutant,
            placing: Placing::Random([5; 32]),
            napot: seed % 2 == 1,
            ..Setup::of(Mode::Sv39)
        };
        catch_unwind(AssertUnwindSafe(|| drawn::run(&setup, seed, 300, 5))).is_err()
    };
    assert!((1..6).any(is_noticed), "{mutant:?} is not noticed");
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
    no_fence_of_the_changing_hart_is_noticed: Here,
    no_fence_of_other_harts_is_noticed: There,
    a_hart_that_is_left_out_is_noticed: OneHart,
    a_range_that_is_a_page_too_short_is_noticed: LastPage,
    a_page_in_place_of_all_addresses_is_noticed: OnePage,
    another_asid_is_noticed: OtherAsid,
    stores_that_are_not_ordered_before_other_harts_fence_are_noticed: DataFence,
    a_table_that_arrives_after_its_pointer_is_noticed: Publish,
    a_fence_that_leaves_global_translations_is_noticed: NotGlobal,
}
