//! Ranges and sets of them, against a bitmap.

use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::memory::{MAX_RANGES, PhysRangeSet};
use proptest::prelude::*;

use crate::draws;

const MAX: u64 = u64::MAX;
const UNIVERSE: usize = 400;

fn at(start: u64, size: u64) -> PhysRange {
    PhysRange::new(PhysAddr::new(start), size)
}

/// Which bytes are in the set: byte `n` of the model is byte `origin + n`.
type Bitmap = [bool; UNIVERSE];

fn runs(model: &Bitmap, origin: u64) -> Vec<PhysRange> {
    let mut runs = vec![];
    let mut start = None;
    for (index, is_in) in (0..).zip(model.iter().chain([&false])) {
        match (start, is_in) {
            (None, true) => start = Some(index),
            (Some(first), false) => {
                runs.push(at(origin + first, index - first));
                start = None;
            }
            _ => {}
        }
    }
    runs
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Insert(usize, usize),
    Remove(usize, usize),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let size = || prop_oneof![8 => 0..3_usize, 1 => 0..60_usize];
    let insert = (0..UNIVERSE, size()).prop_map(|(start, size)| Change::Insert(start, size));
    let remove = (0..UNIVERSE, size()).prop_map(|(start, size)| Change::Remove(start, size));
    prop::collection::vec(prop_oneof![4 => insert, 1 => remove], 1..300)
}

proptest! {
    #![proptest_config(draws(256))]

    #[test]
    fn a_set_holds_what_the_bitmap_holds(changes in changes(), origin in prop_oneof![Just(0), Just(MAX - 400)]) {
        let (mut set, mut model) = (PhysRangeSet::EMPTY, [false; UNIVERSE]);
        for change in changes {
            let (Change::Insert(start, size) | Change::Remove(start, size)) = change;
            let end = (start + size).min(UNIVERSE);
            let range = at(origin + start as u64, (end - start) as u64);
            let mut changed = model;
            changed[start..end].fill(matches!(change, Change::Insert(..)));
            let result = match change {
                Change::Insert(..) => set.insert(range),
                Change::Remove(..) => set.remove(range),
            };
            // Too many ranges: refused, and the set is as before.
            prop_assert_eq!(result.is_ok(), runs(&changed, origin).len() <= MAX_RANGES);
            if result.is_ok() {
                model = changed;
            }
            let expected = runs(&model, origin);
            prop_assert_eq!(set.as_slice(), expected.as_slice());
        }
    }

    #[test]
    fn questions_to_a_set_are_answered_as_the_bitmap_answers(
        changes in changes(),
        start in 0..UNIVERSE,
        size in 1..20_usize,
    ) {
        let (mut set, mut model) = (PhysRangeSet::EMPTY, [false; UNIVERSE]);
        for change in changes {
            let (Change::Insert(start, size) | Change::Remove(start, size)) = change;
            let end = (start + size).min(UNIVERSE);
            let range = at(start as u64, (end - start) as u64);
            let (result, is_in) = match change {
                Change::Insert(..) => (set.insert(range), true),
                Change::Remove(..) => (set.remove(range), false),
            };
            if result.is_ok() {
                model[start..end].fill(is_in);
            }
        }
        let end = (start + size).min(UNIVERSE);
        let range = at(start as u64, (end - start) as u64);
        let slice = &model[start..end];
        prop_assert_eq!(set.contains(range), slice.iter().all(|&is_in| is_in));
        let first = slice.iter().position(|&is_in| is_in).map(|first| {
            let rest = &slice[first..];
            let run = rest.iter().position(|&is_in| !is_in).unwrap_or(rest.len());
            at((start + first) as u64, run as u64)
        });
        prop_assert_eq!(set.first_overlap(range), first);
        prop_assert_eq!(set.size(), model.iter().filter(|&&is_in| is_in).count() as u64);
        prop_assert_eq!(set.is_empty(), model.iter().all(|&is_in| !is_in));
    }

    #[test]
    fn whole_pages_are_those_of_the_bytes(start in 0..40_000_u64, size in 0..40_000_u64) {
        let range = at(start, size);
        let pages = 0..20_u64;
        let all = |page: u64| (page * 4096..(page + 1) * 4096).all(|byte| (start..start + size).contains(&byte));
        let any = |page: u64| (page * 4096..(page + 1) * 4096).any(|byte| (start..start + size).contains(&byte));
        for page in pages {
            let page_range = at(page * 4096, 4096);
            prop_assert_eq!(range.pages_within().contains(page_range), all(page));
            prop_assert_eq!(range.pages_touched().overlaps(page_range), any(page));
        }
        prop_assert_eq!(range.pages_touched().size() % 4096, 0);
    }
}

#[test]
fn a_range_never_reaches_beyond_the_last_address() {
    assert_eq!(at(MAX, 1), PhysRange::new(PhysAddr::new(MAX), 0));
    assert_eq!(at(MAX - 1, MAX).size(), 1);
    assert_eq!(at(MAX - 1, MAX).end(), PhysAddr::new(MAX));
    assert_eq!(at(0, MAX).end(), PhysAddr::new(MAX));
    assert!(PhysRange::between(PhysAddr::new(2), PhysAddr::new(1)).is_empty());
}

#[test]
fn whole_pages_at_the_end_of_addresses_do_not_wrap() {
    let last = MAX & !0xfff;
    assert!(at(last + 1, MAX).pages_within().is_empty());
    assert_eq!(at(last - 1, MAX).pages_within(), PhysRange::new(PhysAddr::new(last), 0));
    assert_eq!(at(last - 4096, MAX).pages_within(), at(last - 4096, 4096));
    assert_eq!(at(last - 1, 1).pages_touched(), at(last - 4096, 4096));
}

#[test]
fn an_empty_range_changes_no_set() {
    let mut set = PhysRangeSet::EMPTY;
    set.insert(at(100, 10)).expect("there is room");
    let before = set.clone();
    for start in [0, 99, 100, 105, 110, MAX] {
        set.insert(at(start, 0)).expect("nothing to add");
        set.remove(at(start, 0)).expect("nothing to remove");
        assert_eq!(set, before, "at {start}");
    }
}

#[test]
fn what_does_not_fit_is_named() {
    let mut set = PhysRangeSet::EMPTY;
    (0..MAX_RANGES as u64).for_each(|n| set.insert(at(n * 10, 5)).expect("there is room"));
    let extra = at(7, 1);
    assert_eq!(set.insert(extra).map_err(|overflow| overflow.0), Err(extra));
    set.insert(at(5, 5)).expect("it joins two");
    set.insert(extra).expect("it is there already");
}
