//! Sets of harts beside sets of numbers.

use std::collections::BTreeSet;

use landfall_plan::harts::{HartIndex, HartSet, MAX_HARTS};
use proptest::prelude::*;

use crate::draws;

fn number() -> impl Strategy<Value = u64> {
    let most = MAX_HARTS as u64;
    prop_oneof![4 => 0..most, 1 => prop::sample::select(vec![0, 63, 64, most - 1, most, u64::MAX])]
}

proptest! {
    #![proptest_config(draws(200))]

    #[test]
    fn a_set_has_the_harts_that_were_put_in_and_not_taken_out(steps in prop::collection::vec((number(), any::<bool>()), 0..40)) {
        let (mut set, mut model) = (HartSet::EMPTY, BTreeSet::new());
        for (number, is_taken_out) in steps {
            let hart = HartIndex::new(number);
            if is_taken_out {
                prop_assert_eq!(set.remove(hart), model.remove(&number));
            } else {
                set.insert(hart);
                if number < MAX_HARTS as u64 {
                    model.insert(number);
                }
            }
            prop_assert_eq!(set.contains(hart), model.contains(&number));
            prop_assert_eq!((set.len(), set.is_empty()), (model.len(), model.is_empty()));
        }
        prop_assert!(set.iter().map(HartIndex::get).eq(model.iter().copied()));
        prop_assert_eq!(format!("{set:?}"), format!("{model:?}"));
        let words = set.words().try_into().expect("a word for every 64 harts");
        prop_assert_eq!(HartSet::from_words(words), set);
        prop_assert_eq!(model.into_iter().map(HartIndex::new).collect::<HartSet>(), set);
    }
}
